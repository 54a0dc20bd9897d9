// An answer that arrives after its page is gone leaves the new page as it is, and working.

import type { Locator, Page } from "@playwright/test";
import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { SecondStep } from "../pages/second-step";
import { Security } from "../pages/security";
import { hold } from "../support/hold";
import { expect, test } from "../support/test";
import { protect } from "../support/two-step";

/** Sends a form and moves to another page of the document before the answer arrives. */
async function leaveMeanwhile(page: Page, call: string, send: () => Promise<void>, link: Locator) {
  const held = await hold(page, `**${call}`);
  const answered = page.waitForResponse(`**${call}`);
  await send();
  await held.arrived;
  const title = page.getByRole("heading", { level: 1 });
  const left = (await title.textContent())!;
  await link.click();
  await expect(title).not.toHaveText(left);
  const [heading, here] = [(await title.textContent())!, page.url()];
  held.release();
  await (await answered).finished();
  await expect(page.getByRole("link", { name: "Dashboard", exact: true })).toBeVisible();
  await expect(title).toHaveText(heading);
  await expect(page).toHaveURL(here);
  await expect(page.locator("body[data-hydrated]"), "the client has not ended").toHaveCount(1);
}

const inMain = (page: Page, name: string) => page.getByRole("main").getByRole("link", { name });

test("of a sign-in", async ({ page, signIn, member }) => {
  await signIn.open();
  await leaveMeanwhile(page, "/api/login", () => signIn.submit(member), inMain(page, "Create an account"));
});

test("of a registration", async ({ page, register, stranger }) => {
  await register.open();
  await leaveMeanwhile(page, "/api/register", () => register.create(stranger), inMain(page, "Sign in"));
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
  await leaveMeanwhile(
    page,
    "/api/login/second-factor",
    () => second.submit(code),
    inMain(page, "Use another account"),
  );
});

test("of what leads to another page", async ({ page, signIn, member }) => {
  await signIn.as(member);
  await page.goto("/app/security");
  await live(page);
  const add = () => new Security(page).button("Add an app").click();
  await leaveMeanwhile(page, "/api/factors/totp", add, new Dashboard(page).navigation);
});
