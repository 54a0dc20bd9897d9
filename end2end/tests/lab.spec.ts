// The page /lab: each of its parts, as a visitor plays with it.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { Lab } from "../pages/lab";
import { SignIn } from "../pages/sign-in";
import { Server } from "../support/server";
import { tabTo } from "../support/keyboard";
import { expect, test } from "../support/test";

// What is shown here is refused on purpose.
test.beforeEach(({ watch }) => watch.expectStatus(401, 403, 429));

test("a token is taken apart, and its signature checked in the browser", async ({ page }) => {
  const lab = new Lab(page);
  await lab.open();
  await lab.makeToken();
  const part = lab.part("A token, taken apart");
  await expect(lab.token).toHaveText(/^eyJ[\w-]+ ?\. ?eyJ[\w-]+ ?\. ?[\w-]+$/);
  await expect(part.getByText("visitor@lab.invalid")).toBeVisible();
  await expect(part.getByText(/\d+ of 60 s left/)).toBeVisible();
  await lab.press("Call with it");
  await expect(part.getByText("200 OK")).toBeVisible();
  await lab.press("Forge it");
  await expect(lab.verdict).toContainText("no longer good");
  const text = (await lab.token.innerText()).replace(/\s/g, "");
  await lab.press("Make another one");
  await expect(lab.verdict).toContainText("The signature is good");
  expect((await lab.token.innerText()).replace(/\s/g, ""), "another token").not.toBe(text);
});

for (const [algorithm, verdict] of [
  ["ES256", "The signature is good"],
  ["HS256", "there is no public key"],
] as const) {
  test(`what the browser can check of ${algorithm}`, async ({ page, watch }) => {
    const other = await Server.start({ FRESHKEY_ALGORITHM: algorithm });
    watch.expectOrigin(other.origin);
    const lab = new Lab(page);
    await lab.open(other.origin);
    await lab.press("Make a token");
    await expect(lab.verdict).toContainText(verdict);
    await other.end();
  });
}

test("one refresh for many calls, and what it is without", async ({ page }) => {
  const refreshes: number[] = [];
  page.on("response", (answer) => {
    if (answer.url().endsWith("/api/lab/refresh")) refreshes.push(answer.status());
  });
  const lab = new Lab(page);
  await lab.open();
  await lab.call(20);
  const [one, each] = [page.locator(".flight").first(), page.locator(".flight").last()];
  await expect(one).toContainText("20 of 20 calls succeeded: 1 refresh, 41 requests");
  await expect(each).toContainText("20 refreshes, 60 requests");
  expect(refreshes, "what is drawn has happened").toHaveLength(21);
  await expect(page.getByText("1 refresh with single flight, 20 without.")).toBeVisible();
  await one.getByText("As a table").click();
  await expect(one.getByRole("row")).toHaveCount(22);
  await expect(one.getByRole("row", { name: /Call 20 / })).toContainText(/401.*200/);
  // Whatever is typed, it stays within bounds.
  await lab.call(1000);
  await expect(page.locator(".flight").first()).toContainText("50 of 50 calls succeeded: 1 refresh");
});

for (const who of ["owner", "thief"] as const) {
  test(`a token is stolen, and the ${who} comes first`, async ({ page }) => {
    const lab = new Lab(page);
    await lab.open();
    await lab.replay(who);
    const second = who === "owner" ? "The thief" : "The owner";
    await expect(lab.chain.nth(4)).toContainText(second);
    await expect(lab.chain.nth(4)).toContainText("403 INVALID_REFRESH_TOKEN");
    await expect(lab.chain.nth(5)).toContainText("401 SESSION_ENDED");
    await expect(page.getByText("The session is over, for both.")).toBeVisible();
  });
}

test("forged requests bounce", async ({ page }) => {
  const lab = new Lab(page);
  await lab.open();
  await lab.forge();
  for (const [at, answer] of Object.entries([
    ...Array<string>(4).fill("403 CROSS_ORIGIN"),
    "401 TOKEN_NOT_FOUND",
    ...Array<string>(2).fill("403 INVALID_CSRF_TOKEN"),
    "200 OK",
  ])) {
    await expect(lab.bounces.nth(Number(at))).toContainText(answer);
  }
  await expect(lab.bounces.last()).toContainText(/sec-fetch-site\s*same-origin/);
  await expect(page.getByText("7 bounced, 1 went through.")).toBeVisible();
});

test("a burst fills the bucket, and it leaks", async ({ page }) => {
  const lab = new Lab(page);
  await lab.open();
  await lab.burst();
  await expect(lab.answers.filter({ hasText: "204" })).toHaveCount(6);
  await expect(lab.answers.filter({ hasText: "429 · wait 3 s" })).toHaveCount(3);
  await expect(page.getByText("5 of 6 in the bucket.")).toBeVisible();
  await lab.press("Send one");
  await expect(lab.answers.last()).toHaveText("204");
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
  await lab.makeToken();
  await lab.call(2);
  await lab.forge();
  await lab.burst();
  expect(carried, "no cookie goes along").toEqual([]);
  expect(await context.cookies()).toEqual(before);
  expect(await lab.token.innerText()).not.toContain(member.email);
  await page.goto("/app");
  await expect(page.getByText(member.email).first()).toBeVisible();
});

test("with the keyboard, from the front page", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("main").getByRole("link", { name: "How it works" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("See how it works");
  await page.getByRole("link", { name: "A limit that refills" }).press("Enter");
  await expect(page).toHaveURL("/lab#rate-limit");
  const button = page.getByRole("button", { name: "Send 9 at once" });
  await tabTo(page, button);
  await page.keyboard.press("Enter");
  await expect(new Lab(page).answers).toHaveCount(9);
});

/** Everything on the page that can be shown. */
async function showAll(page: Page): Promise<void> {
  const lab = new Lab(page);
  await lab.open();
  await lab.makeToken();
  await lab.call(12);
  await lab.replay("owner");
  await lab.forge();
  await lab.burst();
  for (const details of await page.locator("details").all()) await details.locator("summary").click();
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState !== "running"),
  );
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const [screen, viewport] of Object.entries({
    desktop: { width: 1280, height: 800 },
    phone: { width: 320, height: 640 },
  })) {
    test(`axe finds nothing, and nothing sticks out: ${colorScheme}, ${screen}`, async ({ openBrowser }) => {
      test.slow();
      const page = await openBrowser({ colorScheme, viewport, reducedMotion: "reduce" });
      await showAll(page);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual(
        [],
      );
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overhang).toBeLessThanOrEqual(0);
      const shots = process.env.FRESHKEY_SHOTS;
      if (shots) await page.screenshot({ path: `${shots}/lab-${colorScheme}-${screen}.png`, fullPage: true });
    });
  }
}

test("switched off, it explains all the same, and says so", async ({ page, watch }) => {
  const other = await Server.start({ FRESHKEY_LAB: "off" });
  watch.expectOrigin(other.origin);
  await new Lab(page).open(other.origin);
  await expect(page.getByText("The live parts are switched off on this server.")).toBeVisible();
  await expect(page.getByRole("region", { name: "A stolen token", exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Make a token" })).toHaveCount(0);
  await other.end();
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("what each part shows is explained", async ({ page }) => {
    await page.goto("/lab");
    await expect(page.locator("noscript p")).toHaveText(/The live parts need WebAssembly/);
    await expect(page.getByRole("navigation", { name: "On this page" }).getByRole("link")).toHaveCount(5);
    await expect(page.getByRole("button", { name: "Make a token" })).toBeDisabled();
    await page.getByText("The code behind it: crates/freshkey-core/src/rules/rotation.rs").click();
    await expect(page.getByText("Decision::Rotate")).toBeVisible();
  });
});
