// A page from the back/forward cache comes back as it was; the client then checks the session again.

import { live } from "../pages/live";
import { SignIn } from "../pages/sign-in";
import { PlainBrowser } from "../support/plain-browser";
import { expect, test as base } from "../support/test";

// Playwright's own browser has no back/forward cache.
const test = base.extend<{ plain: PlainBrowser }>({
  plain: async ({ launchOptions, watch }, use) => {
    const plain = await PlainBrowser.open(launchOptions);
    watch.over(plain.context);
    await use(plain);
    await watch.settle();
    await plain.close();
  },
});

for (const where of ["/", "/lab", "/login"]) {
  test(`somebody signs in in another tab: going back to ${where} shows who`, async ({
    plain,
    server,
    member,
    watch,
  }) => {
    watch.expectStatus(401);
    const page = await plain.context.newPage();
    const header = page.getByRole("banner");
    await page.goto(server.origin + where);
    await live(page);
    await page.evaluate(() => document.body.setAttribute("data-before", ""));
    await page.goto("about:blank");
    const other = await plain.context.newPage();
    await other.goto(`${server.origin}/login`);
    await live(other);
    await new SignIn(other).submit(member);
    await expect(other).toHaveURL(/\/app$/);
    await other.close();
    await page.goBack({ waitUntil: "commit" });
    // Chromium does not keep a page that has asked for a passkey; it loads it again from the HTTP cache, just as old.
    const kept = where === "/login" ? 0 : 1;
    await expect(page.locator("body[data-before]"), "it comes from the cache").toHaveCount(kept);
    await expect(header.getByRole("link", { name: "Dashboard" })).toBeVisible();
    await expect(header.getByRole("button", { name: "Account menu" })).toBeVisible();
  });
}

for (const where of ["/", "/lab"]) {
  test(`without such a cache, too: going back to ${where} shows who`, async ({ page, member }) => {
    await page.goto(where);
    await live(page);
    await page.goto("about:blank");
    const other = await page.context().newPage();
    await new SignIn(other).as(member);
    await other.close();
    await page.goBack({ waitUntil: "commit" });
    const header = page.getByRole("banner");
    await expect(header.getByRole("link", { name: "Dashboard" })).toBeVisible();
    await expect(header.getByRole("button", { name: "Account menu" })).toBeVisible();
  });
}

test("nobody signed in: going back shows just that", async ({ plain, server, watch }) => {
  watch.expectStatus(401);
  const page = await plain.context.newPage();
  await page.goto(server.origin);
  await live(page);
  await page.goto("about:blank");
  const asked = page.waitForResponse("**/api/refresh-token");
  await page.goBack({ waitUntil: "commit" });
  await asked;
  await expect(page.getByRole("banner").getByRole("link", { name: "Sign in" })).toBeVisible();
  await expect(page.locator(".status-line")).toBeEmpty();
});

test("a page that the client could not take over is asked for again", async ({ plain, server, member }) => {
  const page = await plain.context.newPage();
  await page.addInitScript(() =>
    addEventListener("DOMContentLoaded", () => document.querySelector(".skip")?.remove()),
  );
  await page.goto(server.origin);
  await page.waitForLoadState("networkidle");
  await expect(page.locator("body[data-hydrated]")).toHaveCount(0);
  await page.goto("about:blank");
  const other = await plain.context.newPage();
  await other.goto(`${server.origin}/login`);
  await live(other);
  await new SignIn(other).submit(member);
  await expect(other).toHaveURL(/\/app$/);
  await other.close();
  await page.goBack({ waitUntil: "commit" });
  await expect(page.getByRole("banner").getByRole("link", { name: "Dashboard" })).toBeVisible();
});
