// An answer that comes when its page is gone: the page that is there by then stays as it is, and lives.

import type { Page } from "@playwright/test";
import { live } from "../pages/live";
import { SecondStep } from "../pages/second-step";
import { hold } from "../support/hold";
import { expect, test } from "../support/test";
import { protect } from "../support/two-step";

/** Sends a form, and is on another page of the document when the answer comes. */
async function leaveMeanwhile(page: Page, call: string, send: () => Promise<void>, link: string) {
  const held = await hold(page, `**${call}`);
  const answered = page.waitForResponse(`**${call}`);
  await send();
  await held.arrived;
  const left = page.url();
  await page.getByRole("main").getByRole("link", { name: link }).click();
  await expect(page).not.toHaveURL(left);
  const heading = await page.getByRole("heading", { level: 1 }).textContent();
  held.release();
  await (await answered).finished();
  await expect(page.getByRole("link", { name: "Dashboard", exact: true })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading!);
  await expect(page.locator("body[data-hydrated]"), "the client has not ended").toHaveCount(1);
}

test("of a sign-in", async ({ page, signIn, member }) => {
  await signIn.open();
  await leaveMeanwhile(page, "/api/login", () => signIn.submit(member), "Create an account");
});

test("of a registration", async ({ page, register, stranger }) => {
  await register.open();
  await leaveMeanwhile(page, "/api/register", () => register.create(stranger), "Sign in");
});

test("of a second step", async ({ page, signIn, server, member, watch }) => {
  watch.expectStatus(403);
  const { app } = await protect(server, member);
  const second = new SecondStep(page);
  await signIn.open();
  await signIn.submit(member);
  await second.isAsked();
  await live(page);
  const code = await app.code();
  await leaveMeanwhile(page, "/api/login/second-factor", () => second.submit(code), "Use another account");
});
