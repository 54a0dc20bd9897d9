// Registering, signing in and out, and the messages when that fails.

import { expect, test } from "../support/test";

test("register, sign out, sign in", async ({
  page,
  register,
  signIn,
  dashboard,
  stranger,
  traffic,
  watch,
  api,
}) => {
  watch.expectStatus(401, 403);
  await register.open();
  await register.create(stranger);
  await dashboard.belongsTo(stranger);

  const [cookie] = await page.context().cookies();
  const token = await traffic.currentToken();
  await dashboard.signOut();
  await page.goto("/app");
  await expect(page, "signed out: the dashboard is closed").toHaveURL("/login?next=%2Fapp");
  expect(await page.context().cookies(), "the cookie is gone").not.toContainEqual(
    expect.objectContaining({ name: "refresh" }),
  );
  await test.step("what a thief copied before is worth nothing", async () => {
    expect(await api.protected(token)).toMatchObject({
      status: 401,
      code: "SESSION_ENDED",
      reason: "signed_out",
    });
    expect(await api.refresh(cookie!.value)).toMatchObject({ status: 403, code: "INVALID_REFRESH_TOKEN" });
  });

  await signIn.as(stranger);
  await dashboard.belongsTo(stranger);
});

test("a new account is signed in by the address however it is written", async ({
  signIn,
  dashboard,
  member,
}) => {
  await signIn.as({ ...member, email: ` ${member.email.toUpperCase()} ` });
  await dashboard.belongsTo(member);
});

test("a wrong password is said, and the address need not be typed again", async ({
  signIn,
  member,
  stranger,
  watch,
}) => {
  watch.expectStatus(401);
  for (const email of [member.email, stranger.email]) {
    await signIn.open();
    await signIn.submit({ email, password: stranger.password });
    // The same sentence for both, so that it does not reveal which addresses have an account.
    await expect(signIn.error).toHaveText("Email or password is wrong");
    await expect(signIn.email).toHaveValue(email);
    await expect(signIn.password).toHaveValue("");
    await expect(signIn.page).toHaveURL("/login");
  }
});

test("after a wrong password the right one works", async ({ signIn, dashboard, member, stranger, watch }) => {
  watch.expectStatus(401);
  await signIn.open();
  await signIn.submit({ ...member, password: stranger.password });
  await expect(signIn.error).toBeVisible();
  await signIn.submit(member);
  await dashboard.belongsTo(member);
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with WASM" : "without WASM", () => {
    test.use({ javaScriptEnabled });

    for (const remember of [true, false]) {
      const until = remember ? "outlives the browser" : "ends with the browser";
      test(`the session ${until}, as the person chose`, async ({ context, signIn, dashboard, member }) => {
        await (javaScriptEnabled ? signIn.open() : signIn.visit());
        await signIn.remember.setChecked(remember);
        await signIn.submit(member);
        await dashboard.belongsTo(member);
        const cookie = (await context.cookies()).find(({ name }) => name === "refresh")!;
        // Chromium's value for a cookie without Max-Age.
        if (remember) expect(cookie.expires).toBeGreaterThan(Date.now() / 1000 + 29 * 86_400);
        else expect(cookie.expires).toBe(-1);
      });
    }
  });
}

test.describe("registration says beside the field what is wrong", () => {
  test.beforeEach(async ({ register, watch }) => {
    watch.expectStatus(409, 422);
    await register.open();
  });

  test("with a password that is too short", async ({ register, stranger }) => {
    await register.create({ ...stranger, password: "short" });
    await expect(register.password).toHaveAttribute("aria-invalid", "true");
    await expect(register.password).toHaveAccessibleDescription(/8/);
    await expect(register.email).toHaveValue(stranger.email);
    await expect(register.email).not.toHaveAttribute("aria-invalid", "true");
    await expect(register.page).toHaveURL("/register");
  });

  test("with an address that is none", async ({ register, stranger }) => {
    await register.create({ ...stranger, email: "ada@nowhere@" });
    await expect(register.email).toHaveAttribute("aria-invalid", "true");
    await expect(register.email).toHaveAccessibleDescription(/\w/);
    await expect(register.password).not.toHaveAttribute("aria-invalid", "true");
  });

  test("with an address that has an account", async ({ register, dashboard, member, stranger }) => {
    await register.create({ ...stranger, email: member.email });
    await expect(register.email).toHaveAttribute("aria-invalid", "true");
    await expect(register.email).toHaveAccessibleDescription(/This email already has an account/);
    await expect(register.name).toHaveValue(stranger.name);
    await expect(register.email).toHaveValue(member.email);

    await test.step("and it goes on once it is put right", async () => {
      await register.create(stranger);
      await dashboard.belongsTo(stranger);
    });
  });
});

test("somebody else signs in on the same page", async ({
  page,
  signIn,
  dashboard,
  member,
  stranger,
  api,
}) => {
  expect((await api.register(stranger)).status).toBe(201);
  await signIn.as(member);
  await dashboard.belongsTo(member);
  await signIn.open("/app");
  await page.getByRole("link", { name: "Use another account" }).click();
  await signIn.submit(stranger);
  await dashboard.belongsTo(stranger);
  await dashboard.call(4);
  await dashboard.showsSuccessOf(4);
  await page.reload();
  await dashboard.belongsTo(stranger);
});

test("a release has no account of its own", async ({ api }) => {
  const demo = { name: "Demo", email: "demo@example.com", password: "try-freshkey" };
  expect(await api.login(demo)).toMatchObject({ status: 401, code: "INVALID_CREDENTIALS" });
});
