// Two tabs of one browser: neither signs the other out.

import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { Traffic } from "../support/traffic";
import { expect, test as base } from "../support/test";

interface Tab {
  traffic: Traffic;
  dashboard: Dashboard;
}

const test = base.extend<{ openTab: () => Promise<Tab> }>({
  openTab: ({ context, api }, use) =>
    use(async () => {
      const page = await context.newPage();
      const tab = { traffic: new Traffic(page, api), dashboard: new Dashboard(page) };
      await tab.dashboard.open();
      await expect(tab.dashboard.summary).toContainText(", 3 answers");
      return tab;
    }),
});

/** Waits until no tab has a valid token. */
async function allTokensRunOut(tabs: Tab[]): Promise<void> {
  for (const { traffic } of tabs) if (traffic.wasGivenToken) await traffic.tokenRunsOut();
}

// With a short grace period, so that the token really rotates between the rounds.
test.use({ settings: { FRESHKEY_ACCESS_TTL: "2s", FRESHKEY_REFRESH_GRACE: "4s" } });

test("both keep working past expiry", async ({ page, context, signIn, traffic, api, member, watch }) => {
  watch.expectStatus(401, 409);
  await signIn.as(member);
  const newTab = await context.newPage();
  const tabs = [
    { traffic, dashboard: new Dashboard(page) },
    { traffic: new Traffic(newTab, api), dashboard: new Dashboard(newTab) },
  ];
  await tabs[1]!.dashboard.open();

  const cookies = new Set<string>();
  for (const count of [3, 4, 5, 6]) {
    await Promise.all(tabs.map((tab) => tab.traffic.tokenRunsOut()));
    await Promise.all(tabs.map((tab) => tab.dashboard.call(count)));
    await Promise.all(tabs.map((tab) => tab.dashboard.showsSuccessOf(count)));
    const jar = await context.cookies();
    cookies.add(jar.find(({ name }) => name === "refresh")!.value);
  }

  for (const tab of tabs) {
    await tab.dashboard.belongsTo(member);
    expect(tab.traffic.visited.slice(1)).not.toContain("/login");
  }
  expect(cookies.size, "it did rotate").toBeGreaterThan(1);
  await test.step("the one cookie in the jar works", async () => {
    const jar = (await context.cookies()).filter(({ name }) => name === "refresh");
    expect(jar).toHaveLength(1);
    expect(await api.refresh(jar[0]!.value)).toMatchObject({ status: 200 });
    await page.reload();
    await tabs[0]!.dashboard.belongsTo(member);
  });
});

test("the tab that refreshes is closed in the middle of it", async ({ openTab, signIn, member, watch }) => {
  watch.expectStatus(401, 409);
  watch.expectNoNetwork();
  await signIn.as(member);
  const [first, second] = [await openTab(), await openTab()];
  await allTokensRunOut([first, second]);
  const held = await first.traffic.holdRefresh();
  await first.dashboard.call(3);
  await held.arrived;
  await second.dashboard.call(5);
  await first.dashboard.page.close();
  await second.dashboard.showsSuccessOf(5);
  await second.dashboard.belongsTo(member);
});

test("signing in in one tab is seen in the others", async ({ context, signIn, page, member }) => {
  const front = await context.newPage();
  await front.goto("/");
  await live(front);
  await signIn.as(member);
  await expect(
    front.getByRole("link", { name: "Dashboard", exact: true }),
    "without a hand on it",
  ).toBeVisible();
  await page.close();
});

test("signing out in one tab signs the other out", async ({ page, context, signIn, member, watch }) => {
  watch.expectStatus(401, 403);
  await signIn.as(member);
  const other = new Dashboard(await context.newPage());
  await other.open();
  await new Dashboard(page).signOut();
  await expect(other.page, "without a hand on it").toHaveURL(/\/login/);
  await expect(other.signOutButton).toBeHidden();
});
