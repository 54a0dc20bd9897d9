// A sensitive call asks for the password again, unless the user gave it recently; here, within ten seconds.

import type { Page } from "@playwright/test";
import { Admin } from "../pages/admin";
import { Confirm } from "../pages/confirm";
import { live } from "../pages/live";
import { SecondStep } from "../pages/second-step";
import { Security } from "../pages/security";
import { SignIn } from "../pages/sign-in";
import { type Person, somebody } from "../support/people";
import { expect, test as base } from "../support/test";
import { axe } from "../support/axe";
import { protect } from "../support/two-step";

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

/** Waits until the server says that the session's last sign-in was too long ago. */
async function untilItIsAsked(page: Page): Promise<void> {
  // This uses the page's cookie. The first refresh leaves the cookie as it is, because the sign-in was just now.
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
  expect((await (await axe(page)).include("dialog").analyze()).violations).toEqual([]);

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

test("another address waits for it, and what was typed stays", async ({ page, signIn, member, watch }) => {
  watch.expectStatus(401);
  await signIn.as(member);
  await page.goto("/app/profile");
  await live(page);
  await untilItIsAsked(page);
  const [confirm, to] = [new Confirm(page), somebody().email];
  await page.getByLabel("New email").fill(to);
  await page.getByRole("button", { name: "Change email" }).click();
  await confirm.notNow.click();
  await expect(page.getByLabel("New email")).toHaveValue(to);
  await page.getByRole("button", { name: "Change email" }).click();
  await confirm.submit(member.password);
  await expect(page.getByRole("main").getByText(to)).toBeVisible();
});

test("with two-step sign-in, the password and a code are asked for", async ({
  page,
  signIn,
  member,
  server,
  watch,
}) => {
  watch.expectStatus(401, 422);
  const { recoveryCodes } = await protect(server, member);
  await signIn.open();
  await signIn.submit(member);
  await new SecondStep(page).submit(recoveryCodes[0]!);
  await expect(page).toHaveURL("/app");
  const [security, confirm] = [new Security(page), new Confirm(page)];
  await security.follow();
  await untilItIsAsked(page);
  await security.button("Make new codes").click();
  await expect(confirm.password).toBeFocused();
  await expect(confirm.code).toBeVisible();
  expect((await (await axe(page)).include("dialog").analyze()).violations).toEqual([]);

  await confirm.code.fill(recoveryCodes[0]!);
  await confirm.submit(member.password);
  await expect(confirm.code).toHaveAccessibleDescription("This code is wrong, or was used already.");
  await expect(confirm.code, "it is typed again").toHaveValue("");
  await expect(confirm.code).toBeFocused();
  await confirm.code.fill(recoveryCodes[1]!);
  await confirm.submit(member.password);
  await expect(page).toHaveURL("/app/security/recovery-codes");
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a page asks, and leads back to the form", async ({ page, member, admin, watch }) => {
    // Chromium logs this line if there is no script and a page stays open.
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

  test("with two-step sign-in the page asks for a code, too", async ({ page, member, server, watch }) => {
    watch.expectMessage(/was preloaded using link preload but not used/);
    const { recoveryCodes } = await protect(server, member);
    await new SignIn(page).visit();
    await new SignIn(page).submit(member);
    await new SecondStep(page).submit(recoveryCodes[0]!);
    await expect(page).toHaveURL("/app");
    await page.goto("/app/security");
    await untilItIsAsked(page);
    const security = new Security(page);
    await security.button("Make new codes").click();
    await expect(page.getByRole("heading", { name: "Confirm it's you" })).toBeVisible();
    const confirm = async (code: string) => {
      await page.getByLabel("Password", { exact: true }).fill(member.password);
      await page.getByLabel("Code", { exact: true }).fill(code);
      await page.getByRole("button", { name: "Confirm", exact: true }).click();
    };
    await confirm(recoveryCodes[0]!);
    await expect(page.getByText("The password or the code is wrong.")).toBeVisible();
    await confirm(recoveryCodes[1]!);
    await expect(page).toHaveURL("/app/security?error=STEP_UP_REQUIRED");
    await security.button("Make new codes").click();
    await expect(page).toHaveURL("/app/security/recovery-codes");
    await expect(page.getByRole("main").getByRole("list").getByRole("listitem")).toHaveCount(10);
  });
});
