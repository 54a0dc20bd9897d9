// A new tab beside one that is signed in.

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
  const page = await context.newPage();
  const traffic = new Traffic(page, api);
  const tab = new Dashboard(page);
  await tab.open();
  await tab.showsSuccessOf(3);
  await tab.call(5);
  await tab.showsSuccessOf(5);
  expect(traffic.refreshes()).toEqual([]);
});
