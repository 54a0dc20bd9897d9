// If two-step sign-in is required, the user sets it up during the sign-in; there is no session until then.

import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { RecoveryCodes, Scan, SecondStep } from "../pages/second-step";
import { SignIn } from "../pages/sign-in";
import { somebody } from "../support/people";
import { axe } from "../support/axe";
import { expect, test } from "../support/test";

test.use({ settings: { FRESHKEY_REQUIRE_MFA: "all" } });

for (const javaScriptEnabled of [true, false]) {
  test(`an app is set up on the way in, ${javaScriptEnabled ? "with" : "without"} script`, async ({
    openBrowser,
    server,
    watch,
  }) => {
    test.slow();
    watch.expectStatus(403);
    watch.expectMessage(/was preloaded using link preload but not used/);
    const person = somebody();
    server.secrets.keep("a password", person.password);
    const page = await openBrowser({ javaScriptEnabled });
    const ready = () => (javaScriptEnabled ? live(page) : Promise.resolve());
    const look = async () => {
      if (javaScriptEnabled) expect((await (await axe(page)).analyze()).violations).toEqual([]);
    };
    await page.goto("/register?next=%2Fapp%2Fsessions");
    await ready();
    await page.getByLabel("Email", { exact: true }).fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "Create account", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Set up two-step sign-in");
    await ready();
    await expect(page.getByRole("heading", { name: "Authenticator app" })).toBeVisible();
    expect((await page.context().cookies()).map(({ name }) => name)).not.toContain("refresh");
    await look();

    await page.getByRole("button", { name: "Set up an app" }).click();
    const app = await new Scan(page).app();
    await ready();
    await look();
    const second = new SecondStep(page);
    await second.submit("000000");
    await expect(second.code).toHaveAccessibleDescription(/Wrong code/);
    await second.submit(await app.code());
    await expect(page).toHaveURL("/app/security/recovery-codes?next=%2Fapp%2Fsessions");
    await ready();
    for (const code of await new RecoveryCodes(page).all()) server.secrets.keep("a recovery code", code);
    await new RecoveryCodes(page).saved.click();
    await expect(page).toHaveURL("/app/sessions");

    await ready();
    await new Dashboard(page).signOut();
    const signIn = new SignIn(page);
    await signIn.visit();
    await ready();
    await signIn.submit(person);
    await second.isAsked();
    await ready();
    await second.submit(await app.code());
    await expect(page).toHaveURL("/app");
    await page.goto("/app/security");
    await expect(page.getByRole("switch", { name: "Two-step sign-in" })).toBeDisabled();
    await expect(page.getByText("It is required for your account.")).toBeVisible();
  });
}
