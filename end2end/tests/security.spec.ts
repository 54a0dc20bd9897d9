// The account's activity.

import { Security } from "../pages/security";
import { expect, test } from "../support/test";

test("a refused sign-in and the one that worked are there in words", async ({
  page,
  signIn,
  member,
  stranger,
  watch,
}) => {
  watch.expectStatus(401);
  await signIn.open();
  await signIn.submit({ ...member, password: stranger.password });
  await expect(signIn.error).toBeVisible();
  await signIn.submit(member);
  await expect(page).toHaveURL("/app");
  const security = new Security(page);
  await expect(async () => {
    // The server records it in the background, so it may appear a moment later.
    await page.goto("/app/security");
    await expect(security.entries.first()).toContainText("Signed in", { timeout: 500 });
  }).toPass();
  await expect(security.entries.nth(1)).toContainText("wrong password");
  await expect(security.entries.first()).toContainText("This device");
});

test("the navigation leads there", async ({ page, signIn, member }) => {
  await signIn.as(member);
  await new Security(page).follow();
  await expect(page).toHaveURL("/app/security");
});
