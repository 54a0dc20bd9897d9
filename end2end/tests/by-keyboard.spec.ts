// Flows by email with the keyboard alone: the focus is in the field to type into next, and Enter sends the form.

import type { Page } from "@playwright/test";
import { Confirm } from "../pages/confirm";
import { live } from "../pages/live";
import { Mailbox } from "../support/mailbox";
import { expect, test } from "../support/test";

test.use({ settings: { FRESHKEY_MAIL: "dev", FRESHKEY_MAIL_RATE_LIMIT: "off" } });

const NEW = "three loud grey geese";

const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });

/** Moves the focus to the field, which is near. */
async function goTo(page: Page, label: string): Promise<void> {
  for (let presses = 0; presses < 4; presses++) {
    if (await field(page, label).evaluate((input) => input === document.activeElement)) break;
    await page.keyboard.press("Tab");
  }
  await expect(field(page, label)).toBeFocused();
}

/** Types into the fields, starting at the focused one, and sends the form. */
async function types(page: Page, ...fields: [string, string][]): Promise<void> {
  for (const [label, text] of fields) {
    await goTo(page, label);
    await page.keyboard.type(text);
  }
  await page.keyboard.press("Enter");
}

test("an account begins, and its forgotten password is another", async ({ page, server, stranger }) => {
  const mailbox = new Mailbox(server);
  await page.goto("/register");
  await live(page);
  await types(page, ["Name", stranger.name], ["Email", stranger.email], ["Password", stranger.password]);
  await expect(field(page, "Code")).toBeFocused();
  await types(page, ["Code", mailbox.code(await mailbox.email(stranger.email, "register"))]);
  await expect(page).toHaveURL("/app");
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();

  await page.context().clearCookies();
  await page.goto("/login");
  await live(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Forgot your password?" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(field(page, "Email")).toBeFocused();
  await types(page, ["Email", stranger.email]);
  await expect(field(page, "Code")).toBeFocused();
  const code = mailbox.code(await mailbox.email(stranger.email, "reset"));
  await types(page, ["Code", code], ["New password", NEW]);
  await expect(page).toHaveURL(/\/login/);
  await expect(field(page, "Email")).toBeFocused();
  await types(page, ["Email", stranger.email], ["Password", NEW]);
  await expect(page).toHaveURL("/app");
});

test("a code signs in, and another address is proven", async ({ page, server, member, stranger, watch }) => {
  watch.expectStatus(401);
  const mailbox = new Mailbox(server);
  await page.goto("/login/code");
  await live(page);
  await types(page, ["Email", member.email]);
  await expect(field(page, "Code")).toBeFocused();
  await types(page, ["Code", mailbox.code(await mailbox.email(member.email, "sign_in_code"))]);
  await expect(page).toHaveURL("/app");

  await page.goto("/app/profile");
  await live(page);
  await field(page, "New email").focus();
  await types(page, ["New email", stranger.email]);
  // An emailed code only proves who reads the emails, so the page also asks for the password.
  await expect(new Confirm(page).password).toBeFocused();
  await page.keyboard.type(member.password);
  await page.keyboard.press("Enter");
  // The form stays; the field for the code appears above it, with the focus.
  await expect(field(page, "Code")).toBeFocused();
  await types(page, ["Code", mailbox.code(await mailbox.email(stranger.email, "email_confirm"))]);
  await expect(page.getByRole("main")).toContainText(stranger.email);
  await mailbox.email(member.email, "email_changed");
});
