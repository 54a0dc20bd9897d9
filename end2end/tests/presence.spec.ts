// While the user is there, the token is renewed before it expires. While they are not, the client asks nothing of the
// server. This uses the default lifetime of 15 minutes.

import { takeClock } from "../support/clock";
import { expect, test } from "../support/test";

const HOUR = 60 * 60 * 1000;

test.beforeEach(async ({ page, traffic, signIn, dashboard, member }) => {
  await takeClock(page);
  await signIn.as(member);
  await dashboard.showsSuccessOf(3);
  traffic.startCounting();
});

test("somebody is there: the token is new before the old one has run out", async ({
  page,
  traffic,
  dashboard,
}) => {
  await page.clock.runFor("12:00");
  await page.keyboard.press("Shift");
  await page.clock.runFor("02:15");
  expect(traffic.refreshes(), "not yet").toEqual([]);
  // In small steps: the client gives a request up after some seconds of fake time, but the network needs real time.
  const aSecondLater = async () => {
    await page.clock.runFor("00:01");
    return traffic.answered;
  };
  await expect.poll(aSecondLater, { intervals: [100] }).toEqual([200]);
  await page.clock.runFor("01:00");
  await dashboard.call(4);
  await dashboard.showsSuccessOf(4);
  expect(traffic.protectedCalls(), "none of them had to be sent again").toHaveLength(4);
  expect(traffic.refreshes()).toHaveLength(1);
});

for (const [name, by] of Object.entries({ "": 0, ", by a clock that was put back": -5 * HOUR })) {
  test(`nobody is there: nothing is asked, until somebody comes back${name}`, async ({
    page,
    traffic,
    dashboard,
    watch,
  }) => {
    if (by !== 0) {
      watch.expectStatus(409); // by that clock the request is hours old
      await page.clock.setSystemTime(Date.now() + by);
    }
    await page.clock.runFor("20:00");
    await dashboard.showsSuccessOf(3);
    expect([...traffic.refreshes(), ...traffic.protectedCalls()]).toEqual([]);
    await page.keyboard.press("Shift");
    await expect.poll(() => traffic.answered.at(-1), "without a call").toBe(200);
    expect(traffic.protectedCalls()).toEqual([]);
  });
}

for (const [name, by] of Object.entries({ ahead: 5 * HOUR, back: -5 * HOUR })) {
  test(`a clock that is put ${name} makes no good token a bad one`, async ({ page, traffic, dashboard }) => {
    await page.clock.setSystemTime(Date.now() + by);
    await dashboard.call(5);
    await dashboard.showsSuccessOf(5);
    expect(traffic.refreshes()).toEqual([]);
    expect(traffic.protectedCalls()).toHaveLength(5);
  });
}
