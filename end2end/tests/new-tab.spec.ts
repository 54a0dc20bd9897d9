// A new tab next to one that is signed in.

import { Dashboard } from "../pages/dashboard";
import { Traffic } from "../support/traffic";
import { expect, test } from "../support/test";

test("it asks the other for its token, and the server for none", async ({
  context,
  signIn,
  dashboard,
  api,
  member,
}) => {
  await signIn.as(member);
  await expect(dashboard.summary).toContainText(", 3 answers");
  // A tab waits only briefly for the other one's token; on a busy machine it may come too late, but not every time.
  let refreshes: string[] = [];
  for (let tabs = 0; tabs < 5; tabs += 1) {
    const page = await context.newPage();
    const traffic = new Traffic(page, api);
    const tab = new Dashboard(page);
    await tab.open();
    await tab.showsSuccessOf(3);
    await tab.call(5);
    await tab.showsSuccessOf(5);
    refreshes = traffic.refreshes();
    expect(refreshes.length, "not for each call").toBeLessThan(2);
    if (refreshes.length === 0) break;
    await page.close();
  }
  expect(refreshes).toEqual([]);
});
