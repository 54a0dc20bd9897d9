// Any number of calls, one refresh.

import type { Page } from "@playwright/test";
import { Dashboard } from "../pages/dashboard";
import { expect, test } from "../support/test";
import { Traffic } from "../support/traffic";

test.beforeEach(async ({ signIn, dashboard, member, watch }) => {
  watch.expectStatus(401);
  await signIn.as(member);
  await expect(dashboard.summary).toContainText("answers");
});

test("twenty calls with an expired token make one refresh, and all succeed", async ({
  dashboard,
  traffic,
}) => {
  await dashboard.expireToken();
  traffic.startCounting();
  await dashboard.call(20);
  await dashboard.showsSuccessOf(20);
  expect(traffic.refreshes()).toHaveLength(1);
  const calls = traffic.protectedCalls();
  expect(calls.length).toBeGreaterThanOrEqual(20);
  expect(calls.length, "each call is sent again once at the most").toBeLessThanOrEqual(40);
});

test("and so again each time", async ({ dashboard, traffic }) => {
  // Another number each time, so that an old result can't pass for a new one.
  for (const count of [5, 6, 7]) {
    await dashboard.expireToken();
    traffic.startCounting();
    await dashboard.call(count);
    await dashboard.showsSuccessOf(count);
    expect(traffic.refreshes()).toHaveLength(1);
  }
});

test("however many tabs need one at once", async ({ context, api, dashboard, traffic }) => {
  const tabs = [{ dashboard, traffic }];
  while (tabs.length < 4) {
    const page = await context.newPage();
    const tab = { dashboard: new Dashboard(page), traffic: new Traffic(page, api) };
    await tab.dashboard.open();
    await expect(tab.dashboard.summary).toContainText(", 3 answers");
    tabs.push(tab);
  }
  for (const tab of tabs) await tab.dashboard.expireToken();
  for (const tab of tabs) tab.traffic.startCounting();
  await Promise.all(tabs.map((tab) => tab.dashboard.call(6)));
  await Promise.all(tabs.map((tab) => tab.dashboard.showsSuccessOf(6)));
  expect(tabs.flatMap((tab) => tab.traffic.refreshes())).toHaveLength(1);
});

test("opening the dashboard makes several calls and at most one refresh", async ({
  page,
  dashboard,
  traffic,
}) => {
  await page.goto("/");
  traffic.startCounting();
  await dashboard.open();
  await expect(dashboard.summary).toContainText("answers");
  expect(traffic.protectedCalls("/api/protected").length).toBeGreaterThanOrEqual(1);
  expect(traffic.protectedCalls("/api/me").length).toBeGreaterThanOrEqual(1);
  expect(traffic.refreshes(), "no token is in the HTML, so there must be one").toHaveLength(1);
});

test("a caller that goes away cancels nothing", async ({ page, dashboard, traffic, member }) => {
  await markDocument(page);
  await dashboard.expireToken();
  traffic.startCounting();
  const refresh = await traffic.holdRefresh();
  await dashboard.call(20);
  await refresh.arrived;

  await dashboard.leaveForHome();
  await expect(dashboard.callNowButton).toBeHidden();
  refresh.release();
  const answered = { message: "the refresh is answered, not broken off", intervals: [50] };
  await expect.poll(() => traffic.answered, answered).toEqual([200]);

  await page.goBack();
  await dashboard.belongsTo(member);
  expect(traffic.refreshes()).toHaveLength(1);
  await dashboard.call(3);
  await dashboard.showsSuccessOf(3);
  expect(await isMarked(page), "all that time it was one document").toBe(true);
});

async function markDocument(page: Page): Promise<void> {
  await page.evaluate(() => document.documentElement.setAttribute("data-marked", ""));
}

function isMarked(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.hasAttribute("data-marked"));
}
