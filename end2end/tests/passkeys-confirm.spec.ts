// Confirming with a passkey. Here, a sign-in counts as recent for ten seconds.

import { Confirm } from "../pages/confirm";
import { Security } from "../pages/security";
import { Authenticator } from "../support/authenticator";
import { axe } from "../support/axe";
import { expect, test } from "../support/test";

test.use({ settings: { FRESHKEY_STEP_UP_TTL: "10s" } });

test("a passkey is pressed in the place of the password", async ({ page, signIn, member, watch }) => {
  watch.expectStatus(401);
  await Authenticator.of(page);
  await signIn.as(member);
  const [security, confirm] = [new Security(page), new Confirm(page)];
  await security.follow();
  await security.button("Add a passkey").click();
  const passkeys = security.section("Passkeys").getByRole("listitem");
  await expect(passkeys).toHaveCount(1);

  // This uses the page's cookie. The first refresh leaves the cookie as it is, because the sign-in was just now.
  const isAsked = async () => {
    const answer = await page.request.post("/api/refresh-token");
    const { access_token } = (await answer.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${access_token}` };
    const step = await page.request.get("/api/step-up", { headers });
    return ((await step.json()) as { required: boolean }).required;
  };
  await expect.poll(isAsked, { timeout: 20_000 }).toBe(true);
  await security.button("Remove").click();
  await expect(confirm.dialog).toBeVisible();
  const button = confirm.dialog.getByRole("button", { name: "Use a passkey" });
  await expect(button).toBeVisible();
  expect((await (await axe(page)).include("dialog").analyze()).violations).toEqual([]);
  await button.click();
  await expect(confirm.dialog).toBeHidden();
  await expect(passkeys).toHaveCount(0);
});
