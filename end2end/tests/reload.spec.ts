// A reloaded page arrives signed in: the server renders it from the cookie alone.

import { Dashboard } from "../pages/dashboard";
import { hold } from "../support/hold";
import { JWT } from "../support/secrets";
import { expect, test } from "../support/test";

declare global {
  interface Window {
    flashes?: string[];
  }
}

test.beforeEach(({ signIn, member }) => signIn.as(member));

test("a reload stays signed in", async ({ page, dashboard, member, traffic }) => {
  for (let round = 0; round < 3; round += 1) {
    await page.reload();
    await dashboard.belongsTo(member);
  }
  expect(new Set(traffic.visited), "and nowhere else in between").toEqual(new Set(["/app"]));
});

test("a new tab is signed in", async ({ page, context, member }) => {
  await page.close();
  const tab = new Dashboard(await context.newPage());
  await tab.open();
  await tab.belongsTo(member);
});

test("the HTML is signed in already, and holds no token", async ({ context, api, member }) => {
  const cookie = (await context.cookies()).find(({ name }) => name === "refresh")!;
  const answer = await api.page("/app", cookie.value);
  const html = await answer.text();
  expect(answer.status).toBe(200);
  expect(html).toContain(member.email);
  expect(html).toContain("Sign out");
  expect(html).not.toMatch(JWT);
  expect(html).not.toContain(cookie.value);
  expect(answer.headers.get("cache-control")).toContain("no-store");
  expect(answer.headers.getSetCookie().join(), "reading the cookie never rotates it").not.toContain(
    "refresh=",
  );
});

test("no other state flashes up while the page loads", async ({ page, dashboard, member }) => {
  // Checks the page after each change to it, from its first byte.
  await page.addInitScript(() => {
    const flashes: string[] = (window.flashes = []);
    new MutationObserver(() => {
      const text = document.body?.innerText ?? "";
      if (/sign in|loading/i.test(text)) flashes.push(text);
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await dashboard.open();
  await dashboard.belongsTo(member);
  await expect(dashboard.summary).toContainText("answers");
  expect(await page.evaluate(() => window.flashes)).toEqual([]);
});

test("the page is whole before the WASM arrives", async ({ page, dashboard, member }) => {
  const wasm = await hold(page, "**/*.wasm");
  await page.goto("/app", { waitUntil: "commit" });
  await dashboard.belongsTo(member);
  wasm.release();
  await expect(page.locator("body[data-hydrated]")).toBeAttached();
  await dashboard.belongsTo(member);
});
