// The user's own account: the name in the header, and changing the password.

import { SignInAgain } from "../pages/again";
import { Dashboard } from "../pages/dashboard";
import { Profile } from "../pages/profile";
import { SignIn } from "../pages/sign-in";
import { somebody } from "../support/people";
import { expect, test } from "../support/test";

test("a new name is in the header at once, and stays", async ({ page, signIn, member }) => {
  await signIn.as(member);
  const profile = new Profile(page);
  await profile.follow();
  await expect(page).toHaveURL("/app/profile");
  await expect(page.getByRole("main").getByText(member.email)).toBeVisible();
  await expect(profile.name).toHaveValue(member.name);

  await profile.rename("Countess of Lovelace");
  await expect(profile.notice.filter({ hasText: "Name saved." })).toBeVisible();
  await expect(profile.saveName, "the keyboard goes on from there").toBeFocused();
  await profile.menu.open();
  await expect(profile.menu.panel).toContainText("Countess of Lovelace");
  await expect(profile.menu.button, "and so are the initials").toContainText("CL");
  await page.reload();
  await expect(profile.name).toHaveValue("Countess of Lovelace");
  await expect(profile.menu.button).toContainText("CL");
});

test("another password: here it goes on, elsewhere it is over", async ({
  page,
  signIn,
  member,
  server,
  openBrowser,
  watch,
}) => {
  watch.expectStatus(401, 403, 422);
  const other = await openBrowser();
  await new SignIn(other).as(member);
  const there = new Dashboard(other);
  await expect(there.summary).toContainText("answers");

  const next = somebody().password;
  server.secrets.keep("a password", next);
  await signIn.as(member);
  const profile = new Profile(page);
  await profile.follow();
  await test.step("the current one is asked for", async () => {
    await profile.change("not the right one", next);
    await expect(profile.currentPassword).toHaveAccessibleDescription("This is not your current password.");
    await expect(profile.currentPassword).toBeFocused();
    await expect(profile.currentPassword).toHaveValue("");
    await expect(profile.newPassword).toHaveValue(next);
  });
  await test.step("the new one is no first guess", async () => {
    await profile.change(member.password, "password");
    await expect(profile.newPassword).toHaveAccessibleDescription(/too common/);
    await expect(profile.newPassword).toHaveAttribute("aria-invalid", "true");
  });
  await profile.change(member.password, next);
  await expect(profile.notice.filter({ hasText: "Password changed." })).toBeVisible();
  await expect(profile.newPassword).toHaveValue("");

  await there.call(3);
  const again = new SignInAgain(other);
  await expect(again.why).toContainText("Your password was changed.");
  await again.submit({ ...member, password: next });
  await expect(again.dialog).toBeHidden();
  await there.belongsTo(member);

  const here = new Dashboard(page);
  await here.navigation.click();
  await here.belongsTo(member);
  await here.call(3);
  await here.showsSuccessOf(3);
});
