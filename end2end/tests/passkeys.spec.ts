// Passkeys, with Chromium's virtual authenticator.

import type { Page } from "@playwright/test";
import { Dashboard } from "../pages/dashboard";
import { Security } from "../pages/security";
import { SignIn } from "../pages/sign-in";
import { Authenticator } from "../support/authenticator";
import { hold } from "../support/hold";
import type { Person } from "../support/people";
import { axe } from "../support/axe";
import { expect, test } from "../support/test";

const button = (page: Page) => page.getByRole("button", { name: "Sign in with a passkey" });

/** Adds a passkey to the signed-in account. */
async function add(page: Page): Promise<Security> {
  const security = new Security(page);
  await security.follow();
  await security.button("Add a passkey").click();
  await expect(security.section("Passkeys").getByRole("listitem")).toHaveCount(1);
  return security;
}

/** Forgets the session, but not what the device keeps. */
async function forget(page: Page): Promise<void> {
  await page.context().clearCookies();
}

/** A device with a passkey of a signed-out person; it does not answer until it is touched. */
async function withPasskey(page: Page, signIn: SignIn, member: Person): Promise<Authenticator> {
  const device = await Authenticator.of(page);
  await signIn.as(member);
  await add(page);
  await forget(page);
  await device.isTouched(false);
  return device;
}

async function axeFindsNothing(page: Page): Promise<void> {
  expect((await (await axe(page)).analyze()).violations).toEqual([]);
}

test("a press of the button signs in", async ({ page, signIn, member }) => {
  const device = await Authenticator.of(page);
  await signIn.as(member);
  await add(page);
  await axeFindsNothing(page);
  await forget(page);
  await device.isTouched(false);
  await signIn.open();
  await expect(button(page)).toBeVisible();
  await axeFindsNothing(page);
  await device.isTouched(true);
  const sent: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/api/login/passkey") sent.push(request.method());
  });
  await button(page).click();
  await expect(page).toHaveURL("/app");
  await expect(new Dashboard(page).summary).toContainText(", 3 answers");
  expect(sent.slice(sent.indexOf("POST")), "once, and no other is waited for").toEqual(["POST"]);
  expect(await device.kept()).toHaveLength(1);
});

test("the email field offers passkeys", async ({ page, signIn, member }) => {
  const device = await withPasskey(page, signIn, member);
  await signIn.open();
  await expect(signIn.email).toHaveAttribute("autocomplete", "username webauthn");
  // The device accepts the first autofill request, without a press.
  await device.isTouched(true);
  await signIn.open("/app/profile");
  await expect(page).toHaveURL("/app/profile");
});

test("a question that is closed is no end of it", async ({ page, signIn, member }) => {
  const device = await withPasskey(page, signIn, member);
  await device.isVerified(false);
  await signIn.open();
  await device.isTouched(true);
  await button(page).click();
  await expect(signIn.error).toHaveText("No passkey was used. Try again, or take another way.");
  await expect(page).toHaveURL("/login");

  await device.isVerified(true);
  await button(page).click();
  await expect(page).toHaveURL("/app");
});

test("the button does not wait for the question that is renewed behind it", async ({
  page,
  signIn,
  member,
}) => {
  const device = await withPasskey(page, signIn, member);
  await device.isVerified(false);
  await signIn.open();
  await device.isTouched(true);
  await expect(button(page)).toBeEnabled();
  const renewed = await hold(page, "**/api/login/passkey");
  await button(page).click();
  await expect(signIn.error).toHaveText("No passkey was used. Try again, or take another way.");
  await renewed.arrived;

  await device.isVerified(true);
  await button(page).click();
  await expect(page).toHaveURL("/app");
  renewed.release();
});

test("a browser that knows no passkeys is offered none, and says so where one is made", async ({
  page,
  signIn,
  member,
}) => {
  await page.addInitScript(() => Reflect.deleteProperty(window, "PublicKeyCredential"));
  await signIn.as(member);
  const security = new Security(page);
  await security.follow();
  await expect(security.section("Passkeys")).toContainText("Your browser can't make passkeys here.");
  await expect(security.button("Add a passkey")).toHaveCount(0);
  await forget(page);
  await signIn.open();
  await page.waitForLoadState("networkidle");
  await expect(button(page)).toBeHidden();
});

test("the same device is asked for one passkey, and hears what becomes of it", async ({
  page,
  signIn,
  member,
}) => {
  const device = await Authenticator.of(page);
  await signIn.as(member);
  const security = await add(page);
  await security.button("Add a passkey").click();
  const said = security.section("Passkeys").getByRole("alert");
  await expect(said).toHaveText("This device keeps a passkey of this account already.");

  await security.button("Remove").click();
  await expect(security.section("Passkeys")).toContainText("You have none yet.");
  await expect(security.entries.first(), "what happened is there at once").toContainText("Passkey removed");
  await expect.poll(() => device.kept(), "it is offered no more").toEqual([]);
});

test("the device hears that nobody here has its passkey", async ({
  page,
  signIn,
  member,
  openBrowser,
  watch,
}) => {
  watch.expectStatus(403);
  const device = await withPasskey(page, signIn, member);
  await signIn.open();
  await expect(button(page)).toBeVisible();

  const other = await openBrowser();
  await new SignIn(other).as(member);
  const security = new Security(other);
  await security.follow();
  await security.button("Remove").click();
  await expect(security.section("Passkeys")).toContainText("You have none yet.");

  expect(await device.kept()).toHaveLength(1);
  await device.isTouched(true);
  await button(page).click();
  await expect(signIn.error).toHaveText("This passkey was not accepted");
  await expect.poll(() => device.kept()).toEqual([]);
  expect(device.told).toContain("deleted");
});

test("it is the second step, where two are asked for", async ({ page, signIn, member }) => {
  const device = await Authenticator.of(page);
  await signIn.as(member);
  const security = await add(page);
  await security.twoStep.click();
  await expect(page).toHaveURL("/app/security/recovery-codes");
  await forget(page);
  await device.isTouched(false);
  await signIn.open("/app/profile");
  await signIn.submit(member);
  await expect(page).toHaveURL("/login/second-factor?next=%2Fapp%2Fprofile");
  await device.isTouched(true);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page).toHaveURL("/app/profile");
});

test("a browser that makes passkeys by itself makes one after a password, and is asked once", async ({
  page,
  signIn,
  member,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/factors/passkeys/options")) asked.push(request.url());
  });
  // The real methods ask the password manager, which a browser under test does not have.
  await page.addInitScript(() => {
    const credentials = navigator.credentials;
    const create = credentials.create.bind(credentials);
    credentials.create = (options) => {
      const { mediation, ...rest } = options as CredentialCreationOptions & { mediation?: string };
      return mediation === "conditional" ? create(rest) : Promise.reject(new Error("It was asked aloud."));
    };
    const known = { conditionalCreate: true };
    Object.assign(PublicKeyCredential, { getClientCapabilities: () => Promise.resolve(known) });
  });
  const device = await Authenticator.of(page);
  const added = page.waitForResponse((response) => response.url().endsWith("/api/factors/passkeys"));
  await signIn.as(member);
  expect((await added).status()).toBe(201);
  expect(await device.kept()).toHaveLength(1);
  const security = new Security(page);
  await security.follow();
  await security.button("Remove").click();
  await expect(security.section("Passkeys")).toContainText("You have none yet.");

  await forget(page);
  await signIn.as(member);
  await page.waitForLoadState("networkidle");
  expect(asked).toHaveLength(1);
});
