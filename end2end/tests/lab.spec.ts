// The page /lab: a visitor uses each of its parts.

import { Lab } from "../pages/lab";
import { live } from "../pages/live";
import { SignIn } from "../pages/sign-in";
import { Server } from "../support/server";
import { tabTo } from "../support/keyboard";
import { expect, test } from "../support/test";

// The server refuses these on purpose.
test.beforeEach(({ watch }) => watch.expectStatus(401, 403, 429));

test("the token is there without a click, and breaks as its payload is typed into", async ({ page }) => {
  const lab = new Lab(page);
  await lab.open();
  await expect(lab.token).toHaveText(/^eyJ[\w-]+ ?\. ?eyJ[\w-]+ ?\. ?[\w-]+$/);
  await expect(lab.browser).toContainText("The signature is good");
  const signature = lab.token.locator(".token-signature");
  const decoration = () => signature.evaluate((part) => getComputedStyle(part).textDecorationLine);
  expect(await decoration()).toBe("underline");

  const [before, untouched] = [await lab.token.innerText(), await signature.innerText()];
  await lab.payload.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.type("x");
  await expect(lab.browser, "one keystroke").toContainText("The signature is broken");
  expect(await decoration()).toBe("line-through");
  await expect(lab.server).toContainText("403 INVALID_TOKEN: refused");
  expect(await lab.token.innerText()).not.toBe(before);
  expect(await signature.innerText(), "nobody but the server can sign").toBe(untouched);

  await page.keyboard.press("Backspace");
  await expect(lab.browser, "typed back").toContainText("The signature is good");
  await expect(lab.server).toContainText("200 OK");
  expect(await lab.token.innerText()).toBe(before);

  await lab.retype("visitor@lab.invalid", "admin@example.com");
  await expect(lab.server).toContainText("403 INVALID_TOKEN");
  await lab.payload.fill("no JSON at all");
  await expect(lab.browser).toContainText("broken");
  await lab.press("Get a new token");
  await expect(lab.server).toContainText("200 OK");
  await expect(lab.payload).toHaveValue(/visitor@lab\.invalid/);
  expect(await lab.token.innerText(), "another token").not.toBe(before);
});

test("its header can be typed into, and the whole be copied", async ({ page }) => {
  const lab = new Lab(page);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await lab.open();
  const copied = async () => {
    await lab.press("Copy the token");
    await expect(page.getByText("Copied.").first()).toBeVisible();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const shown = async () => (await lab.token.innerText()).replace(/\s/g, "");
  const issued = await copied();
  expect(issued).toBe(await shown());
  const header = await lab.header.inputValue();
  await lab.header.fill(header.replace("EdDSA", "none"));
  await expect(lab.browser).toContainText("The signature is broken");
  await expect(lab.server).toContainText("403 INVALID_TOKEN: refused");
  const [forged] = (await shown()).split(".");
  expect(atob(forged!)).toContain('"alg":"none"');
  await lab.header.fill(header.replace('"kid": "', '"kid": "x'));
  await expect(lab.browser).toContainText("There is no public key with this kid");
  await lab.header.fill(header);
  await expect(lab.server).toContainText("200 OK");
  expect(await shown(), "typed back").toBe(issued);
});

for (const [algorithm, verdict] of [
  ["ES256", "The signature is good"],
  ["HS256", "There is no public key"],
] as const) {
  test(`what the browser can check of ${algorithm}`, async ({ page, watch }) => {
    const other = await Server.start({ FRESHKEY_ALGORITHM: algorithm });
    watch.expectOrigin(other.origin);
    const lab = new Lab(page);
    await lab.open(other.origin);
    await expect(lab.browser).toContainText(verdict);
    await lab.retype("visitor@lab.invalid", "admin@example.com");
    await expect(lab.server).toContainText("403 INVALID_TOKEN");
    await expect(page.locator(".jwt-broken .token-signature").first()).toBeVisible();
    await other.end();
  });
}

test("one refresh for many calls, and what it is without, on one time axis", async ({ page }) => {
  const refreshes: number[] = [];
  page.on("response", (answer) => {
    if (answer.url().endsWith("/api/lab/refresh")) refreshes.push(answer.status());
  });
  const lab = new Lab(page);
  await lab.open();
  await expect(lab.headline, "what to expect").toContainText("1 refresh instead of 12");
  await expect(lab.headline).toContainText("25 requests instead of 36");
  await lab.call(20);
  await expect(lab.headline).toContainText("1 refresh instead of 20");
  await expect(lab.headline).toContainText("41 requests instead of 60");
  expect(refreshes, "what is drawn has happened, twice, after a warm-up").toHaveLength(1 + 2 * (1 + 20));
  const [one, each] = [page.locator(".lanes").first(), page.locator(".lanes").last()];
  await expect(one.locator(".span-refresh")).toHaveCount(1);
  await expect(each.locator(".span-refresh")).toHaveCount(20);

  // Both drawings have the same time scale.
  await page.getByText("As a table, with milliseconds").click();
  const scale = async (at: number) => {
    const rows = page.locator(".lanes-table table").nth(at).getByRole("row");
    await expect(rows).toHaveCount(21);
    const done = await rows.locator("td:last-child").allInnerTexts();
    const ms = Math.max(...done.map((text) => Number(text.split(":")[0])));
    const end = await page.locator(".lanes").nth(at).locator(".lanes-end").getAttribute("d");
    return Number(/^M([\d.]+)/.exec(end!)![1]) / ms;
  };
  const [ofOne, ofEach] = [await scale(0), await scale(1)];
  expect(ofOne / ofEach).toBeGreaterThan(0.9);
  expect(ofOne / ofEach).toBeLessThan(1.1);
  await expect(page.getByRole("row", { name: /Call 20 / }).first()).toContainText(/401.*200/);
  await expect(
    lab.part("Expiry and one refresh").locator(":scope > :not(details) p"),
    "not in the headline",
  ).not.toContainText([/\d ms/]);

  // A number out of range is clamped.
  await lab.call(1000);
  await expect(lab.headline).toContainText("1 refresh instead of 50");
});

for (const who of ["owner", "thief"] as const) {
  test(`a token is stolen, and the ${who} refreshes first`, async ({ page }) => {
    const lab = new Lab(page);
    await lab.open();
    await expect(lab.chain, "the story is told before").toHaveCount(6);
    await expect(page.locator(".chain-given")).toHaveCount(0);
    await lab.replay(who);
    await expect(page.locator(".chain-given")).toHaveCount(6);
    const second = who === "owner" ? "The thief" : "The owner";
    await expect(lab.chain.nth(4)).toContainText(second);
    await expect(lab.chain.nth(4)).toContainText("403 INVALID_REFRESH_TOKEN");
    await expect(lab.chain.nth(5)).toContainText("401 SESSION_ENDED");
  });
}

test("forged requests bounce", async ({ page }) => {
  const lab = new Lab(page);
  await lab.open();
  await expect(page.locator(".bounce-given")).toHaveCount(0);
  await lab.forge();
  await expect(page.locator(".bounce-given")).toHaveCount(8);
  for (const [at, answer] of Object.entries([
    ...Array<string>(4).fill("403 CROSS_ORIGIN"),
    "401 TOKEN_NOT_FOUND",
    ...Array<string>(2).fill("403 INVALID_CSRF_TOKEN"),
    "200 OK",
  ])) {
    await expect(lab.bounces.nth(Number(at))).toContainText(answer);
  }
  await expect(lab.bounces.last()).toContainText(/sec-fetch-site:\s*same-origin/);
  await expect(lab.bounces.last(), "the real one").toContainText(new URL(page.url()).origin);
});

test("a burst fills the bucket, in its order, and it leaks", async ({ page }) => {
  const lab = new Lab(page);
  await lab.open();
  await expect(lab.answers, "what to expect").toHaveCount(9);
  await lab.burst();
  const answers = await lab.answers.allInnerTexts();
  const statuses = answers.map((answer) => /\b(204|429)\b/.exec(answer)![1]);
  expect(statuses).toEqual([...Array<string>(6).fill("204"), ...Array<string>(3).fill("429")]);
  expect(answers.map((answer) => Number.parseInt(answer))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await expect(page.getByText("5 of 6 in the bucket.")).toBeVisible();
  await lab.press("Send one");
  await expect(lab.answers.last()).toContainText("204");
});

test("the visitor's own sign-in is not touched", async ({ page, context, member }) => {
  await new SignIn(page).as(member);
  const before = await context.cookies();
  const carried: string[] = [];
  page.on("request", async (request) => {
    if (!request.url().includes("/api/lab/")) return;
    const headers = await request.allHeaders();
    if (headers.cookie) carried.push(request.url());
  });
  const lab = new Lab(page);
  await lab.open();
  await lab.call(2);
  await lab.forge();
  await lab.burst();
  expect(carried, "no cookie goes along").toEqual([]);
  expect(await context.cookies()).toEqual(before);
  expect(await lab.payload.inputValue()).not.toContain(member.email);
  await page.goto("/app");
  await expect(page.getByText(member.email).first()).toBeVisible();
});

test("with the keyboard, from the front page", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("main").getByRole("link", { name: "How it works" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("How it works");
  await page.getByRole("link", { name: "401, 403, 429" }).press("Enter");
  await expect(page).toHaveURL("/lab#refusals");
  const button = page.getByRole("button", { name: "Send 9 in a row" });
  await tabTo(page, button);
  await page.keyboard.press("Enter");
  await expect(page.locator(".answers-given li")).toHaveCount(9);
});

test("the console has the browser's own lines about refusals, and no other", async ({ page }) => {
  const lines: string[] = [];
  page.on("console", (message) => lines.push(message.text()));
  const lab = new Lab(page);
  await lab.open();
  await lab.retype("visitor@lab.invalid", "admin@example.com");
  await expect(lab.server).toContainText("403");
  expect(lines, "nothing before a press").toEqual([]);
  await lab.call(2);
  await lab.replay("thief");
  await lab.forge();
  await lab.burst();
  const others = lines.filter((line) => !/^Failed to load resource: .* (401|403|429) /.test(line));
  expect(others).toEqual([]);
});

test("switched off, it explains all the same, and says so", async ({ page, watch }) => {
  const other = await Server.start({ FRESHKEY_LAB: "off" });
  watch.expectOrigin(other.origin);
  await page.goto(`${other.origin}/lab`);
  await live(page);
  await expect(page.getByText("The live parts are switched off on this server.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Rotation and theft", exact: true })).toBeVisible();
  await expect(page.getByRole("main").getByRole("button")).toHaveCount(0);
  await expect(new Lab(page).header).not.toBeEditable();
  await expect(new Lab(page).payload).not.toBeEditable();
  await other.end();
});
