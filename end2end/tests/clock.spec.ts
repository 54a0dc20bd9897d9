// This machine's clock is wrong, or is changed; the user stays signed in.

import { Profile } from "../pages/profile";
import { Sessions } from "../pages/sessions";
import { takeClock } from "../support/clock";
import { expect, test } from "../support/test";

test.use({ settings: { FRESHKEY_ACCESS_TTL: "2s" } });

const HOUR = 60 * 60 * 1000;
const CLOCKS = { ahead: 5 * HOUR, behind: -5 * HOUR };

test.beforeEach(({ watch }) => watch.expectStatus(401));

test.afterEach(({ traffic }) => {
  const afterSignIn = traffic.visited.slice(traffic.visited.indexOf("/app"));
  expect(afterSignIn, "nobody was sent to the login page").not.toContain("/login");
});

for (const [name, by] of Object.entries(CLOCKS)) {
  test(`hours ${name}: signed in on load, and one refresh where one is needed`, async ({
    page,
    traffic,
    signIn,
    dashboard,
    member,
  }) => {
    await takeClock(page, Date.now() + by);
    traffic.startCounting(); // from before the sign-in, to learn the page's token
    await signIn.as(member);
    await page.reload();
    await dashboard.belongsTo(member);
    await dashboard.showsSuccessOf(3);
    for (const count of [5, 6]) {
      await traffic.tokenRunsOut();
      traffic.startCounting();
      await dashboard.call(count);
      await dashboard.showsSuccessOf(count);
      expect(traffic.answered).toEqual([200]);
      expect(traffic.protectedCalls().length, "each call is sent again once at the most").toBeLessThanOrEqual(
        2 * count,
      );
    }
  });

  test(`moved hours ${name} under an open page: it goes on`, async ({
    page,
    traffic,
    signIn,
    dashboard,
    member,
    watch,
  }) => {
    watch.expectStatus(409);
    await takeClock(page);
    traffic.startCounting();
    await signIn.as(member);
    await dashboard.showsSuccessOf(3);
    await traffic.tokenRunsOut();
    await page.clock.setSystemTime(Date.now() + by);
    traffic.startCounting();
    await dashboard.call(5);
    await dashboard.showsSuccessOf(5);
    // By a clock that was set back, the request is hours old. The client corrects its offset once and sends it again.
    expect(traffic.answered).toEqual(by < 0 ? [409, 200] : [200]);

    await traffic.tokenRunsOut();
    traffic.startCounting();
    await dashboard.call(6);
    await dashboard.showsSuccessOf(6);
    expect(traffic.answered, "from then on it is known").toEqual([200]);
    await page.reload();
    await dashboard.belongsTo(member);
  });
}

test("hours ahead: how long ago something was is counted on the server's clock", async ({
  page,
  signIn,
  member,
}) => {
  await takeClock(page, Date.now() + CLOCKS.ahead);
  await signIn.as(member);
  // This page arrives with its data, so it has not learned the server's time yet.
  await new Profile(page).open();
  const sessions = new Sessions(page);
  await sessions.follow();
  await expect(sessions.current).toContainText("signed in just now");
});
