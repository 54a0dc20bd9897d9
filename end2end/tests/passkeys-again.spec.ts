// Passkeys where users have to prove again who they are: in the dialog after the session has ended, and on the page
// that confirms.

import { live } from "../pages/live";
import { RecoveryCodes, SecondStep } from "../pages/second-step";
import { Security } from "../pages/security";
import { Authenticator } from "../support/authenticator";
import { axe } from "../support/axe";
import { expect, test } from "../support/test";

test("two-step sign-in with a passkey alone: in the sign-in, and in the dialog over a page", async ({
  page,
  signIn,
  member,
  server,
  watch,
}) => {
  test.slow();
  watch.expectStatus(401, 403);
  const authenticator = await Authenticator.of(page);
  await signIn.as(member);
  const [security, second] = [new Security(page), new SecondStep(page)];
  await security.follow();
  await security.button("Add a passkey").click();
  await expect(security.section("Passkeys").getByRole("listitem")).toHaveCount(1);
  await security.twoStep.click();
  await expect(page).toHaveURL("/app/security/recovery-codes");
  for (const code of await new RecoveryCodes(page).all()) server.secrets.keep("a recovery code", code);
  await new RecoveryCodes(page).saved.click();
  await expect(security.protection).toContainText("as well protected as can be");

  // Otherwise the virtual device would answer the autofill request of the sign-in page.
  await authenticator.isTouched(false);
  await page.context().clearCookies();
  await signIn.open();
  await signIn.submit(member);
  await second.isAsked();
  await expect(second.code, "a recovery code would do").toBeVisible();
  await second.trust.check();
  await authenticator.isTouched(true);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page).toHaveURL("/app");
  await security.follow();
  await expect(security.section("Trusted devices")).toContainText("One device is not asked");
  await security.button("Forget them").click();
  await expect(security.section("Trusted devices")).toContainText("Every device is asked");

  await page.goto("/app/profile");
  await live(page);
  await page.getByRole("textbox", { name: "Name" }).fill("Ada King");
  await server.command("sessions", "end", "--user", member.email);
  await page.getByRole("button", { name: "Save name" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.getByLabel("Password", { exact: true }).fill(member.password);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  const passkey = dialog.getByRole("button", { name: "Use a passkey" });
  await expect(passkey).toBeVisible();
  expect((await (await axe(page)).include("dialog").analyze()).violations).toEqual([]);
  await passkey.click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Name saved.")).toBeVisible();
});

test("the page that confirms takes a passkey, and leads back", async ({ page, signIn, member }) => {
  await Authenticator.of(page);
  await signIn.as(member);
  const security = new Security(page);
  await security.follow();
  await security.button("Add a passkey").click();
  await expect(security.section("Passkeys").getByRole("listitem")).toHaveCount(1);
  await page.goto("/app/step-up?next=%2Fapp%2Fsessions");
  await live(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page).toHaveURL("/app/sessions");
});
