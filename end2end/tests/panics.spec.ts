// After a panic of the client, for whatever reason, links and forms work as plain HTML.

import type { BrowserContext, Page } from "@playwright/test";
import { SignInAgain } from "../pages/again";
import { live } from "../pages/live";
import { SignIn } from "../pages/sign-in";
import { hold } from "../support/hold";
import type { Person } from "../support/people";
import { expect, test as base } from "../support/test";

const test = base.extend<{ again: SignInAgain }>({ again: ({ page }, use) => use(new SignInAgain(page)) });

/** Makes adding nodes to the page fail, so that the client panics at its next change. */
const breakPage = () => {
  const refuse = () => {
    throw new Error("broken by the test");
  };
  Object.assign(document, { createElement: refuse, createElementNS: refuse });
  Object.assign(Node.prototype, { cloneNode: refuse });
};

/** Makes the client panic while nobody touches the page: another tab signs in. */
async function panics(page: Page, context: BrowserContext, member: Person): Promise<void> {
  await page.evaluate(breakPage);
  const other = await context.newPage();
  await new SignIn(other).as(member);
  await expect(page.locator("body[data-hydrated]")).toHaveCount(0);
  await other.close();
}

test.describe("the client panics", () => {
  test.beforeEach(({ watch }) => watch.expectMessage(/panicked|RuntimeError|unreachable|broken by the test/));

  test("in the middle of a click: the link is followed", async ({ page, signIn }) => {
    await signIn.open();
    await page.evaluate(breakPage);
    await page.getByRole("banner").getByRole("link", { name: "Create account" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Create your account");
    await live(page);
  });

  test("the form is the browser's", async ({ page, context, signIn, dashboard, member }) => {
    await signIn.open();
    await panics(page, context, member);
    await signIn.submit(member);
    await dashboard.belongsTo(member);
    await dashboard.showsSuccessOf(3);
  });

  test("links and the back button are the browser's", async ({ page, context, member }) => {
    const heading = page.getByRole("heading", { level: 1 });
    await page.goto("/");
    await live(page);
    await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
    await expect(heading).toHaveText("Sign in");
    await panics(page, context, member);
    await page.getByRole("link", { name: "Skip to content" }).focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL("/login#main");
    await page.goBack();
    await page.goBack();
    await expect(page).toHaveURL("/");
    await expect(heading).toHaveText("Sign-in is done. Build the rest.");
    await page.getByRole("banner").getByRole("link", { name: "How it works" }).click();
    await live(page);
    await expect(heading).toHaveText("How it works");
  });

  test("no other tab waits for the turn that it has", async ({ page, context, signIn, member, watch }) => {
    // The sign-in released at the end replaces the other tab's session, whose calls may be under way.
    watch.expectStatus(401, 403);
    await signIn.open();
    const login = await hold(page, "**/api/login");
    await signIn.submit(member);
    await login.arrived;
    await page.evaluate(() =>
      setTimeout(() => {
        throw new WebAssembly.RuntimeError("unreachable");
      }),
    );
    await expect(page.locator("body[data-hydrated]")).toHaveCount(0);
    const other = await context.newPage();
    await new SignIn(other).as(member);
    login.release();
  });

  test("over the dialog: no password gets into a URL", async ({
    page,
    signIn,
    dashboard,
    again,
    member,
    openBrowser,
    watch,
  }) => {
    watch.expectStatus(401, 403);
    await signIn.as(member);
    await dashboard.showsSuccessOf(3);
    const elsewhere = await openBrowser();
    await new SignIn(elsewhere).as(member);
    await elsewhere.goto("/app/sessions");
    await live(elsewhere);
    await elsewhere.getByRole("button", { name: "Sign out all other devices" }).click();
    await expect(elsewhere.getByText("Nowhere else")).toBeVisible();
    await dashboard.call(2);
    await expect(again.dialog).toBeVisible();
    await page.evaluate(() =>
      setTimeout(() => {
        throw new WebAssembly.RuntimeError("unreachable");
      }),
    );
    await expect(page.locator("body[data-hydrated]")).toHaveCount(0);
    await again.submit(member);
    await dashboard.belongsTo(member);
  });
});
