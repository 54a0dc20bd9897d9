// A browser freezes a background tab. When it thaws an hour later, it is still signed in, and no other tab has waited
// for it.

import type { Page } from "@playwright/test";
import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { ticks, timePasses, watchMachine } from "../support/machine";
import { PlainBrowser } from "../support/plain-browser";
import { Traffic } from "../support/traffic";
import { expect, test as base } from "../support/test";

const HOUR = 60 * 60 * 1000;

interface Tab {
  page: Page;
  traffic: Traffic;
  dashboard: Dashboard;
}

interface Tools {
  plain: PlainBrowser;
  /** Opens a new tab in front, signed in by the cookie. */
  openTab: () => Promise<Tab>;
}

const test = base.extend<Tools>({
  plain: async ({ launchOptions, watch }, use) => {
    const plain = await PlainBrowser.open(launchOptions);
    watch.over(plain.context);
    await watchMachine(plain.context);
    await use(plain);
    await watch.settle();
    await plain.close();
  },

  openTab: async ({ plain: { context }, server, api, member }, use) => {
    const { cookie } = await api.login(member);
    await context.addCookies([{ name: "refresh", value: cookie!, url: server.origin, httpOnly: true }]);
    await use(async () => {
      const page = await context.newPage();
      const tab = { page, traffic: new Traffic(page, api), dashboard: new Dashboard(page) };
      await page.goto(`${server.origin}/app`);
      await live(page);
      await tab.dashboard.showsSuccessOf(3);
      return tab;
    });
  },
});

// With a short grace period, so that the token really rotates while a tab is frozen. That takes time.
test.use({ settings: { FRESHKEY_ACCESS_TTL: "2s", FRESHKEY_REFRESH_GRACE: "4s" } });
test.describe.configure({ timeout: 60_000 });

test.beforeEach(({ watch }) => watch.expectStatus(401, 409));

async function allTokensRunOut(...tabs: Tab[]): Promise<void> {
  for (const { traffic } of tabs) if (traffic.wasGivenToken) await traffic.tokenRunsOut();
}

/** Uses the tab until its session has rotated and the frozen tab's last token is long spent. */
async function goesOn(tab: Tab, { context }: PlainBrowser, ...others: Tab[]): Promise<void> {
  const cookies = new Set<string>();
  for (const count of [4, 5, 6, 7]) {
    await allTokensRunOut(tab, ...others);
    await tab.dashboard.call(count);
    await tab.dashboard.showsSuccessOf(count);
    cookies.add((await context.cookies()).find(({ name }) => name === "refresh")!.value);
  }
  expect(cookies.size, "it did rotate").toBeGreaterThan(1);
}

async function isSignedInAndWorks({ page, traffic, dashboard }: Tab, email: string): Promise<void> {
  await page.bringToFront();
  await dashboard.call(8);
  await dashboard.showsSuccessOf(8);
  await expect(page.getByText(email).first()).toBeVisible();
  expect(traffic.visited.slice(1), "nobody was sent to the login page").not.toContain("/login");
}

test("it is signed in when it thaws, and finds out by itself", async ({ plain, openTab, member }) => {
  const [frozen, other] = [await openTab(), await openTab()];
  await plain.freeze(frozen.page);
  const ticksBefore = await ticks(frozen.page);
  await goesOn(other, plain, frozen);
  await allTokensRunOut(other);
  await timePasses([frozen.page, other.page], HOUR);
  expect(await ticks(frozen.page), "all that time it was frozen").toBe(ticksBefore);

  frozen.traffic.startCounting();
  await plain.thaw(frozen.page);
  await expect.poll(() => frozen.traffic.answered, "one refresh").toEqual([200]);
  await expect.poll(() => frozen.traffic.protectedCalls(), "and what it was for, once").toEqual(["/api/me"]);
  await isSignedInAndWorks(frozen, member.email);
  await isSignedInAndWorks(other, member.email);
});

for (const [name, releasedWhileFrozen] of Object.entries({
  "while it is frozen": true,
  "when it thaws": false,
})) {
  test(`frozen in the middle of a refresh, which is answered ${name}: no other tab waits`, async ({
    plain,
    openTab,
    member,
  }) => {
    const [frozen, other] = [await openTab(), await openTab()];
    await allTokensRunOut(frozen, other);
    await frozen.page.bringToFront();
    const refresh = await frozen.traffic.holdRefresh();
    await frozen.dashboard.call(3);
    await refresh.arrived;
    await plain.freeze(frozen.page);

    await other.page.bringToFront();
    await goesOn(other, plain, frozen);
    if (releasedWhileFrozen) refresh.release();
    await timePasses([frozen.page, other.page], HOUR);
    await plain.thaw(frozen.page);
    if (!releasedWhileFrozen) refresh.release();
    await frozen.dashboard.showsSuccessOf(3);
    await isSignedInAndWorks(frozen, member.email);
    await isSignedInAndWorks(other, member.email);
  });
}

test("frozen while it waits for its turn, which then comes: no other tab waits", async ({
  plain,
  openTab,
  member,
}) => {
  const [frozen, other] = [await openTab(), await openTab()];
  await allTokensRunOut(frozen, other);
  const refresh = await other.traffic.holdRefresh();
  await other.dashboard.call(3);
  await refresh.arrived;
  await frozen.page.bringToFront();
  await frozen.dashboard.call(4);
  await plain.freeze(frozen.page);

  await other.page.bringToFront();
  refresh.release();
  await other.dashboard.showsSuccessOf(3);
  await goesOn(other, plain, frozen);
  await timePasses([frozen.page, other.page], HOUR);
  await plain.thaw(frozen.page);
  await frozen.dashboard.showsSuccessOf(4);
  await isSignedInAndWorks(frozen, member.email);
  await isSignedInAndWorks(other, member.email);
});

test("a new tab does not wait for the token of a frozen one", async ({ plain, openTab, member }) => {
  const frozen = await openTab();
  await plain.freeze(frozen.page);
  await isSignedInAndWorks(await openTab(), member.email);
});

test("what happened to the session meanwhile is known when it thaws", async ({ plain, openTab, watch }) => {
  watch.expectStatus(403);
  const [frozen, other] = [await openTab(), await openTab()];
  await plain.freeze(frozen.page);
  await other.dashboard.signOut();
  await timePasses([frozen.page, other.page], HOUR);
  await plain.thaw(frozen.page);
  await expect(frozen.page).toHaveURL(/\/login/);
  await expect(frozen.dashboard.signOutButton).toBeHidden();
});
