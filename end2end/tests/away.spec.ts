// The server can't be reached for a while: one quiet line says so, and disappears by itself.

import { Security } from "../pages/security";
import { Sessions } from "../pages/sessions";
import { expect, test } from "../support/test";

test.beforeEach(async ({ signIn, member, dashboard, watch }) => {
  watch.expectNoNetwork();
  await signIn.as(member);
  await expect(dashboard.summary).toContainText(", 3 answers");
});

test("offline and back", async ({ page, context, dashboard, member }) => {
  const line = page.locator(".status-line");
  await expect(line).toBeEmpty();
  await dashboard.callsAtOnce.fill("8");
  await context.setOffline(true);
  await expect(line).toHaveText(/You're offline/);
  await expect(line).toHaveRole("status");
  await context.setOffline(false);
  await expect(line).toBeEmpty();
  await expect(dashboard.callsAtOnce, "what was half written is there").toHaveValue("8");
  await dashboard.belongsTo(member);
});

test("the server is gone, and comes back", async ({ page, server, dashboard, member }) => {
  const line = page.locator(".status-line");
  await server.stop();
  await dashboard.call(2);
  await expect(line).toHaveText(/Can't reach the server/);
  await dashboard.belongsTo(member);
  await server.start();
  await expect(line, "nobody has to do anything").toBeEmpty({ timeout: 15_000 });
  await dashboard.call(6);
  await dashboard.showsSuccessOf(6);
});

test("a page that is opened without a network has its data when that is back", async ({ page, context }) => {
  const line = page.locator(".status-line");
  const [sessions, security] = [new Sessions(page), new Security(page)];
  await context.setOffline(true);
  await sessions.follow();
  await security.follow();
  await expect(line).toHaveText(/You're offline/);
  await expect(page.getByRole("main").getByRole("status").first()).toHaveText("Loading …");
  await expect(page.getByRole("alert").locator("visible=true")).toHaveCount(0);
  await context.setOffline(false);
  await expect(security.entries.first()).toContainText("Signed in");
  await expect(line).toBeEmpty();
});

test("a page of the back button finds out what happened meanwhile", async ({
  page,
  dashboard,
  context,
  member,
}) => {
  await page.goto("about:blank");
  await page.goBack();
  await dashboard.belongsTo(member);
  await dashboard.call(4);
  await dashboard.showsSuccessOf(4);

  await page.goto("about:blank");
  await context.clearCookies({ name: "refresh" });
  await page.goBack();
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
});
