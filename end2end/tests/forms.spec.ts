// Using forms: showing a password, Caps Lock, and buttons that show that they are busy and can't be pressed twice.

import { live } from "../pages/live";
import { Sessions } from "../pages/sessions";
import { hold } from "../support/hold";
import { expect, test } from "../support/test";

test("a password can be seen, and the caret stays where it was", async ({
  page,
  signIn,
  member,
  stranger,
  watch,
}) => {
  watch.expectStatus(401);
  await signIn.open();
  const toggle = page.getByRole("button", { name: "Show password" });
  await expect(toggle).toHaveAttribute("aria-pressed", "false");
  await signIn.password.fill(stranger.password);
  for (let times = 0; times < 3; times += 1) await page.keyboard.press("ArrowLeft");
  const caret = () =>
    signIn.password.evaluate((field: HTMLInputElement) => [field.selectionStart, field.selectionEnd]);
  const before = await caret();

  for (const shown of [true, false, true]) {
    await toggle.click();
    await expect(toggle).toHaveAttribute("aria-pressed", String(shown));
    await expect(signIn.password).toHaveAttribute("type", shown ? "text" : "password");
    await expect(signIn.password).toBeFocused();
    expect(await caret()).toEqual(before);
    await expect(signIn.password).toHaveValue(stranger.password);
  }

  await test.step("once it is sent it is hidden again", async () => {
    await signIn.email.fill(member.email);
    await signIn.button.click();
    await expect(signIn.error).toBeVisible();
    await expect(signIn.password).toHaveAttribute("type", "password");
    await expect(toggle).toHaveAttribute("aria-pressed", "false");
  });

  await test.step("with the keyboard the button keeps the focus", async () => {
    await expect(signIn.password).toBeFocused();
    await page.keyboard.press("Tab");
    await expect(toggle).toBeFocused();
    await page.keyboard.press("Space");
    await expect(signIn.password).toHaveAttribute("type", "text");
    await expect(toggle).toBeFocused();
  });
});

test("Caps Lock is said beside the password", async ({ page, signIn }) => {
  await signIn.open();
  const press = (on: boolean) =>
    signIn.password.evaluate((field, on) => {
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "A", bubbles: true, modifierCapsLock: on }));
    }, on);
  const hint = page.getByRole("status").filter({ hasText: "Caps Lock is on" });
  await signIn.password.focus();
  await expect(hint).toHaveCount(0);
  await press(true);
  await expect(hint).toBeVisible();
  await press(false);
  await expect(hint).toHaveCount(0);
  await press(true);
  await signIn.email.focus();
  await expect(hint).toHaveCount(0);
});

test("how good a new password is, is said while it is typed, and stops nobody", async ({
  page,
  register,
  dashboard,
  stranger,
}) => {
  await register.open();
  const words = page.locator(".field-strength");
  await expect(words).toHaveText("");
  for (const [password, judged] of [
    ["xkqzv", "Use at least 8 characters. 3 more to go."],
    ["P@ssw0rd1!", "This password is too common. Try a few unrelated words."],
    ["correct horse", "Good"],
    ["a quiet brown horse", "Strong"],
  ] as const) {
    await register.password.fill(password);
    await expect(words).toHaveText(judged);
  }
  await register.email.fill(stranger.email);
  await register.password.fill(stranger.email.split("@")[0]!);
  await expect(words, "what is known of the person counts").toHaveText(
    "Choose one that isn't made of your email address.",
  );
  await register.password.fill("");
  await expect(words).toHaveText("");

  await register.create({ ...stranger, password: "xkqzvbnw" });
  await dashboard.belongsTo(stranger);
});

test("a server that can't be asked how good a password is changes nothing", async ({
  page,
  register,
  dashboard,
  stranger,
  watch,
}) => {
  watch.expectStatus(429);
  await page.route("**/api/password-strength", (route) =>
    route.fulfill({ status: 429, json: { code: "RATE_LIMITED", message: "Too many requests" } }),
  );
  await register.open();
  const hint = page.getByText("A few unrelated words work best.");
  const place = await register.button.boundingBox();
  const asked = page.waitForResponse("**/api/password-strength");
  await register.password.fill(stranger.password);
  await asked;
  await expect(hint).toBeVisible();
  await expect(page.getByRole("alert").locator("visible=true")).toHaveCount(0);
  expect(await register.button.boundingBox()).toEqual(place);

  await page.unroute("**/api/password-strength");
  await register.password.fill("password");
  await expect(page.locator(".field-strength")).toHaveText(/too common/);
  await expect(hint).toBeHidden();
  expect(await register.button.boundingBox(), "nothing moves").toEqual(place);
  await register.create(stranger);
  await dashboard.belongsTo(stranger);
});

test("one goes on where the first thing is wrong, and what was wrong goes once it is another", async ({
  page,
  register,
  stranger,
  watch,
}) => {
  watch.expectStatus(422);
  await register.open();
  await register.create({ ...stranger, email: "nowhere", password: "short" });
  await expect(register.email).toBeFocused();
  await expect(register.email).toHaveAccessibleDescription("This is not an email address.");
  await expect(register.password).toHaveAccessibleDescription(/Use at least 8 characters/);

  await page.keyboard.type(" at all");
  await expect(register.email).not.toHaveAttribute("aria-invalid");
  await expect(page.getByText("This is not an email address.")).toBeHidden();
  await register.password.fill("a quiet brown horse");
  await expect(page.locator(".field-strength")).toHaveText("Strong");
  await expect(page.getByText("Use at least 8 characters. 3 more to go.")).toBeHidden();

  await test.step("it is said again if it is sent again", async () => {
    await register.button.click();
    await expect(register.email).toBeFocused();
    await expect(register.email).toHaveAccessibleDescription("This is not an email address.");
    await expect(register.password).not.toHaveAttribute("aria-invalid");
  });
});

test("half an address is named at the field, and not sent", async ({ page, signIn, member }) => {
  await signIn.open();
  const sent: string[] = [];
  page.on("request", (request) => sent.push(request.url()));
  await signIn.submit({ ...member, email: member.email.split("@")[0]! });
  await expect(signIn.email).toHaveAccessibleDescription("Enter an email address, like jane@example.com.");
  await expect(signIn.email).toBeFocused();
  expect(sent.filter((url) => url.endsWith("/api/login"))).toEqual([]);
  await signIn.submit(member);
  await expect(page).toHaveURL("/app");
});

test("the title says first that a form was refused", async ({ page, signIn, member, stranger, watch }) => {
  watch.expectStatus(401, 422);
  await signIn.open();
  await expect(page).toHaveTitle(/^Sign in/);
  await signIn.submit({ ...member, password: stranger.password });
  await expect(page).toHaveTitle(/^Error: Sign in/);
  await signIn.submit({ ...member, password: stranger.password });
  await expect(signIn.password).toHaveValue("");
  await expect(page).toHaveTitle(/^Error: Sign in/);
  await page.getByRole("banner").getByRole("link", { name: "Create account" }).click();
  await expect(page).toHaveTitle(/^Create account/);

  await page.goto("/login?error=INVALID_CREDENTIALS");
  await live(page);
  await expect(page, "as the server rendered it").toHaveTitle(/^Error: Sign in/);
  await signIn.submit(member);
  await expect(page).toHaveTitle(/^Dashboard/);
  await page.goto("/app/profile");
  await live(page);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await name.fill("x".repeat(101));
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page).toHaveTitle(/^Error: Profile/);
  await name.fill("Ada");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page).toHaveTitle(/^Profile/);
});

test("a password is pasted", async ({ signIn, stranger }) => {
  await signIn.open();
  await signIn.email.fill(stranger.password);
  await signIn.email.press("ControlOrMeta+a");
  await signIn.email.press("ControlOrMeta+x");
  await signIn.password.press("ControlOrMeta+v");
  await expect(signIn.password).toHaveValue(stranger.password);
});

test("a button that works shows it, keeps its place, and is not pressed twice", async ({
  page,
  signIn,
  dashboard,
  member,
}) => {
  await signIn.open();
  let sent = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/api/login")) sent += 1;
  });
  const { arrived, release } = await hold(page, "**/api/login");
  const before = await signIn.button.boundingBox();
  await signIn.email.fill(member.email);
  await signIn.password.fill(member.password);
  await signIn.button.focus();
  await page.keyboard.press("Enter");
  await arrived;
  await expect(signIn.button).toHaveAttribute("aria-busy", "true");
  await expect(signIn.button).toBeFocused();
  await expect(signIn.button).toHaveText("Sign in");
  expect(await signIn.button.boundingBox()).toEqual(before);
  await signIn.button.click();
  await signIn.password.press("Enter");
  release();
  await dashboard.belongsTo(member);
  expect(sent).toBe(1);
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with WASM" : "without WASM", () => {
    test.use({ javaScriptEnabled });

    test("all other devices are signed out, and then there are none", async ({
      page,
      signIn,
      member,
      api,
    }) => {
      await api.login(member);
      await signIn.visit("/app/sessions");
      if (javaScriptEnabled) await expect(page.locator("body[data-hydrated]")).toBeAttached();
      await signIn.submit(member);
      const sessions = new Sessions(page);
      await expect(sessions.current).toHaveCount(1);
      await expect(sessions.others.first()).toContainText("this network");
      await expect(sessions.others.first().locator("time").first()).toHaveAttribute(
        "datetime",
        /^\d{4}-.*Z$/,
      );
      await page.getByRole("button", { name: "Sign out all other devices" }).click();
      await expect(page.getByText("Nowhere else")).toBeVisible();
      await expect(sessions.others).toHaveCount(0);
      await expect(sessions.current).toHaveCount(1);
      await expect(page.getByRole("button", { name: "Sign out all other devices" })).toHaveCount(0);
    });
  });
}

test.describe("without WASM", () => {
  test.use({ javaScriptEnabled: false });

  test("a password field is just that", async ({ page, signIn }) => {
    await signIn.visit();
    await expect(page.getByRole("button", { name: "Show password" })).toHaveCount(0);
    await page.goto("/register");
    await expect(page.getByRole("button", { name: "Show password" })).toHaveCount(0);
    await expect(page.getByText("A few unrelated words work best.")).toBeVisible();
  });
});

test("who is signed in goes on, or asks for the form", async ({ page, signIn, dashboard, member }) => {
  await signIn.as(member);
  await signIn.open("/app/sessions");
  await expect(signIn.email).toHaveCount(0);
  await page.getByRole("link", { name: `Continue as ${member.name}` }).click();
  await expect(page).toHaveURL("/app/sessions");
  await signIn.open();
  await page.getByRole("link", { name: "Use another account" }).click();
  await signIn.submit(member);
  await dashboard.belongsTo(member);
});

test("the first field has the focus, and phones know each field", async ({ page, signIn, register }) => {
  await signIn.open();
  await expect(signIn.email).toBeFocused();
  await expect(signIn.email).toHaveAttribute("inputmode", "email");
  await expect(signIn.password).toHaveAttribute("enterkeyhint", "go");
  await page.getByRole("banner").getByRole("link", { name: "Create account" }).click();
  await expect(register.name, "in a page that was opened by a link as well").toBeFocused();
  await expect(register.name).toHaveAttribute("autocapitalize", "words");
  await expect(register.email).toHaveAttribute("autocapitalize", "none");
});
