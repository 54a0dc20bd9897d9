// Listing sessions and ending them.

import { SignInAgain } from "../pages/again";
import { Dashboard } from "../pages/dashboard";
import { Sessions } from "../pages/sessions";
import { SignIn } from "../pages/sign-in";
import { callsFromNowOn } from "../support/calls";
import { expect, test } from "../support/test";

test("another device is seen and signed out", async ({ page, signIn, member, openBrowser, watch }) => {
  watch.expectStatus(401, 403);
  const other = await openBrowser();
  await new SignIn(other).as(member);
  const otherDashboard = new Dashboard(other);
  await expect(otherDashboard.summary).toContainText("answers");

  await signIn.as(member);
  const sessions = new Sessions(page);
  await sessions.follow();
  await expect(sessions.current).toHaveCount(1);
  const there = sessions.others.first();
  await expect(there).toContainText("Chrome on ");
  const before = await sessions.items.count();
  await sessions.end(there);
  await expect(sessions.items).toHaveCount(before - 1);
  const said = page.getByRole("region", { name: "Messages" }).getByRole("listitem");
  await expect(said).toContainText("Signed out Chrome on Windows.");
  await expect(page.getByRole("heading", { level: 1 }), "the button is gone").toBeFocused();

  await otherDashboard.call(3);
  await expect(new SignInAgain(other).why).toContainText("another device");
});

test("the list arrives with the page", async ({ page, signIn, member }) => {
  await signIn.as(member);
  const asked = await callsFromNowOn(page);
  const sessions = new Sessions(page);
  await sessions.open();
  await expect(sessions.current).toHaveCount(1);
  expect(asked, "nothing is fetched that the HTML already has").toEqual([]);
});

test("everywhere is here too", async ({ page, signIn, member, dashboard }) => {
  await signIn.as(member);
  const sessions = new Sessions(page);
  await sessions.open();
  await sessions.everywhereButton.click();
  await expect(page).toHaveURL("/login");
  await page.goto("/app");
  await expect(page).toHaveURL("/login?next=%2Fapp");
  await expect(dashboard.signOutButton).toBeHidden();
});

test.describe("without WASM", () => {
  test.use({ javaScriptEnabled: false });

  test("another device is signed out by a plain form", async ({ page, signIn, member, api }) => {
    expect((await api.login(member)).status).toBe(200);
    await signIn.visit("/app/sessions");
    await signIn.submit(member);
    await expect(page).toHaveURL("/app/sessions");
    const sessions = new Sessions(page);
    const before = await sessions.items.count();
    await sessions.end(sessions.others.first());
    await expect(page).toHaveURL("/app/sessions");
    await expect(sessions.items).toHaveCount(before - 1);
  });
});
