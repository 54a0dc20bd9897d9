// How the steps of a sign-in look when something is wrong: nothing moves, nothing is cut, and there is a way on.

import type { Page, Route } from "@playwright/test";
import { live } from "../pages/live";
import { SecondStep } from "../pages/second-step";
import { SignIn } from "../pages/sign-in";
import { serverAnswer } from "../support/answers";
import { Mailbox } from "../support/mailbox";
import { expect, test } from "../support/test";
import { protect } from "../support/two-step";

const NARROW = { width: 320, height: 640 };

test.use({ settings: { FRESHKEY_MAIL: "dev", FRESHKEY_MAIL_RATE_LIMIT: "off" } });

const limited = (route: Route) => {
  const refusal = { code: "RATE_LIMITED", message: "Too many requests, please try again later." };
  return route.fulfill(serverAnswer(429, refusal, { "retry-after": "90" }));
};

async function askForCode(page: Page, email: string): Promise<void> {
  await page.goto("/login/code");
  await page.getByLabel("Email", { exact: true }).fill(email);
  await page.getByRole("button", { name: "Email me a code" }).click();
  await expect(page.getByLabel("Code", { exact: true })).toBeVisible();
}

test("after too many wrong codes the page says so, and sends another", async ({
  page,
  server,
  member,
  watch,
}) => {
  watch.expectStatus(403);
  const mailbox = new Mailbox(server);
  await askForCode(page, member.email);
  await live(page);
  const right = mailbox.code(await mailbox.email(member.email, "sign_in_code"));
  const code = page.getByLabel("Code", { exact: true });
  const main = page.getByRole("main");
  const over = main.getByText("Ask for a new code. The code was wrong too often.");
  const tryWrong = async () => {
    await code.fill(`${right.slice(0, 7)}${(Number(right[7]) + 1) % 10}`);
    await page.getByRole("button", { name: "Confirm", exact: true }).click();
  };
  for (const left of ["4 tries", "3 tries", "2 tries", "One try", "No tries"]) {
    await tryWrong();
    await expect(code).toHaveAccessibleDescription(`Wrong code. ${left} left.`);
  }
  await tryWrong();
  await expect(over).toBeVisible();
  await expect(main.getByText("No password needed."), "what is wrong is said once").toBeHidden();
  await page.getByLabel("Email", { exact: true }).fill(member.email);
  await page.getByRole("button", { name: "Email me a code" }).click();
  await code.fill(mailbox.code(await mailbox.email(member.email, "sign_in_code", 2)));
  await page.getByRole("button", { name: "Confirm", exact: true }).click();
  await expect(page).toHaveURL("/app");
});

test("on a narrow phone the second step has room for an error and a recovery code", async ({
  openBrowser,
  server,
  member,
  watch,
}) => {
  watch.expectStatus(429);
  const { recoveryCodes } = await protect(server, member);
  const page = await openBrowser({ viewport: NARROW });
  const signIn = new SignIn(page);
  await signIn.open();
  await signIn.submit(member);
  const second = new SecondStep(page);
  await second.isAsked();
  await second.code.fill(recoveryCodes[0]!);
  const cut = await second.code.evaluate((input) => input.scrollWidth - input.clientWidth);
  expect(cut, "the whole code is seen").toBeLessThanOrEqual(0);
  const place = await second.button.boundingBox();
  await page.route("**/api/login/second-factor", limited);
  await second.button.click();
  await expect(page.getByRole("alert")).toHaveText("Too many attempts. Try again in 90 seconds.");
  expect(await second.button.boundingBox(), "nothing moves").toEqual(place);
});

test("in the dialog an error takes the place of the reason", async ({ page, signIn, member, watch }) => {
  watch.expectStatus(401, 429);
  await signIn.as(member);
  await page.goto("/app/profile");
  await live(page);
  const asks = { code: "STEP_UP_REQUIRED", message: "Confirm it's you" };
  await page.route("**/api/profile/email", (route) => route.fulfill(serverAnswer(401, asks)));
  await page.route("**/api/step-up", limited);
  await page.getByLabel("New email").fill("ada@new.example");
  await page.getByRole("button", { name: "Change email" }).click();
  const dialog = page.getByRole("dialog", { name: "Confirm it's you" });
  await expect(dialog.getByText("You signed in a while ago.")).toBeVisible();
  await dialog.getByLabel("Password", { exact: true }).fill("a wrong one");
  await dialog.getByRole("button", { name: "Confirm", exact: true }).click();
  await expect(dialog.getByRole("alert")).toHaveText("Too many attempts. Try again in 90 seconds.");
  await expect(dialog.getByText("You signed in a while ago.")).toBeHidden();
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("an error at a field leaves the card where it is", async ({ page, member }) => {
    await askForCode(page, member.email);
    const heading = page.getByRole("heading", { level: 1 });
    const place = await heading.boundingBox();
    await page.getByLabel("Code", { exact: true }).fill("12");
    await page.getByRole("button", { name: "Confirm", exact: true }).click();
    await expect(page.getByLabel("Code", { exact: true })).toHaveAccessibleDescription(
      "The code has 8 digits.",
    );
    expect(await heading.boundingBox()).toEqual(place);
  });
});

for (const width of [320, 360, 390]) {
  test(`one more tab leaves them in one row: ${width}`, async ({ page, signIn, member }) => {
    await page.setViewportSize({ width, height: 640 });
    await signIn.as(member);
    const tabs = page.getByRole("navigation", { name: "Account" });
    await expect(tabs).toBeVisible();
    const before = (await tabs.boundingBox())!;
    await tabs.getByRole("link", { name: "Dashboard" }).evaluate((link) => {
      for (const name of ["Bookmarks", "Invoices"]) {
        const tab = link.cloneNode() as HTMLElement;
        tab.textContent = name;
        tab.removeAttribute("aria-current");
        link.after(tab);
      }
    });
    expect((await tabs.boundingBox())!.height).toBe(before.height);
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overhang).toBeLessThanOrEqual(0);
    await expect(tabs.getByRole("button", { name: "Sign out" })).toBeInViewport({ ratio: 1 });
    const last = tabs.getByRole("link", { name: "Sessions" });
    await last.click();
    await expect(page).toHaveURL("/app/sessions");
    await expect(tabs.getByRole("link", { name: "Sessions" }), "it is scrolled into view").toBeInViewport({
      ratio: 0.9,
    });
  });
}
