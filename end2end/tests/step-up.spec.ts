// A sensitive call asks for the password again, unless it was given a moment ago; here, that is ten seconds.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { Admin } from "../pages/admin";
import { Confirm } from "../pages/confirm";
import { SignIn } from "../pages/sign-in";
import { type Person, somebody } from "../support/people";
import { expect, test as base } from "../support/test";

const test = base.extend<{ admin: Person }>({
  admin: async ({ server, api }, use) => {
    const person = { ...somebody(), name: "Grace Hopper" };
    server.secrets.keep("a password", person.password);
    expect((await api.register(person)).status).toBe(201);
    await server.command("users", "set-role", person.email, "admin");
    await use(person);
  },
});

test.use({ settings: { FRESHKEY_STEP_UP_TTL: "10s" } });

/** Waits until the server says that the session's last sign-in is too long ago. */
async function untilItIsAsked(page: Page): Promise<void> {
  // With the page's cookie, which the first refresh leaves as it is: the sign-in was a moment ago.
  const isAsked = async () => {
    const answer = await page.request.post("/api/refresh-token");
    const { access_token } = (await answer.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${access_token}` };
    const step = await page.request.get("/api/step-up", { headers });
    return ((await step.json()) as { required: boolean }).required;
  };
  await expect.poll(isAsked, { timeout: 20_000 }).toBe(true);
}

test("the call waits, and is sent again once it is confirmed", async ({
  page,
  signIn,
  member,
  admin,
  watch,
}) => {
  watch.expectStatus(401, 422);
  await signIn.as(admin);
  const area = new Admin(page);
  await area.follow();
  await area.look(member.email);
  await untilItIsAsked(page);

  const confirm = new Confirm(page);
  await area.press("Disable account");
  await expect(confirm.dialog).toBeVisible();
  await expect(confirm.password).toBeFocused();
  expect((await new AxeBuilder({ page }).include("dialog").analyze()).violations).toEqual([]);

  await test.step("a wrong password is said in the dialog", async () => {
    await confirm.submit("not this one at all");
    await expect(confirm.error).toBeVisible();
    await expect(confirm.password, "it is typed again").toHaveValue("");
    await expect(confirm.password).toBeFocused();
  });

  await confirm.submit(admin.password);
  await expect(confirm.dialog).toBeHidden();
  await expect(area.notice.filter({ hasText: "Account disabled" })).toBeVisible();
});

test("not now, by the button and by Escape: nothing is done, and it is said", async ({
  page,
  signIn,
  member,
  admin,
  watch,
}) => {
  watch.expectStatus(401);
  await signIn.as(admin);
  const area = new Admin(page);
  await area.follow();
  await area.look(member.email);
  await untilItIsAsked(page);
  const confirm = new Confirm(page);
  for (const leave of [() => confirm.notNow.click(), () => page.keyboard.press("Escape")]) {
    await area.press("Disable account");
    await expect(confirm.dialog).toBeVisible();
    await leave();
    await expect(confirm.dialog).toBeHidden();
    await expect(page.getByRole("main").getByRole("alert")).toContainText(
      "you did not confirm that it's you",
    );
    await expect(page.getByRole("button", { name: "Disable account" })).toBeVisible();
  }
});

test("by the keyboard alone", async ({ page, signIn, member, admin, watch }) => {
  watch.expectStatus(401);
  await signIn.as(admin);
  const area = new Admin(page);
  await area.follow();
  await area.look(member.email);
  await untilItIsAsked(page);
  await page.getByRole("button", { name: "Disable account" }).press("Enter");
  const confirm = new Confirm(page);
  await expect(confirm.password).toBeFocused();
  await page.keyboard.type(admin.password);
  await page.keyboard.press("Enter");
  await expect(area.notice.filter({ hasText: "Account disabled" })).toBeVisible();
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a page asks, and leads back to the form", async ({ page, member, admin, watch }) => {
    // Chromium's own line, where there is no script and a page stays open.
    watch.expectMessage(/was preloaded using link preload but not used/);
    await new SignIn(page).visit();
    await new SignIn(page).submit(admin);
    await page.goto(`/app/admin?q=${encodeURIComponent(member.email)}`);
    await page.getByRole("main").getByRole("listitem").getByRole("link").click();
    await untilItIsAsked(page);
    const account = new URL(page.url()).pathname;

    await page.getByRole("button", { name: "Disable account" }).click();
    await expect(page.getByRole("heading", { name: "Confirm it's you" })).toBeVisible();
    await page.getByLabel("Password", { exact: true }).fill("not this one at all");
    await page.getByRole("button", { name: "Confirm", exact: true }).click();
    await expect(page.getByText("This is not your password.")).toBeVisible();
    expect(page.url()).not.toContain("not%20this");

    await page.getByRole("link", { name: "Not now" }).click();
    await expect(page.getByText("Nothing is done yet.")).toBeVisible();
    await page.getByRole("button", { name: "Disable account" }).click();
    await page.getByLabel("Password", { exact: true }).fill(admin.password);
    await page.getByRole("button", { name: "Confirm", exact: true }).click();
    await expect(page).toHaveURL(`${account}?error=STEP_UP_REQUIRED`);
    await page.getByRole("button", { name: "Disable account" }).click();
    await expect(page.getByText("Account disabled")).toBeVisible();
  });
});
