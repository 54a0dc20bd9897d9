// Everything works without WASM, and no secret is in a URL or a page.

import type { Page } from "@playwright/test";
import { Profile } from "../pages/profile";
import { hold } from "../support/hold";
import { expect, test } from "../support/test";

test.use({ javaScriptEnabled: false });

/** The address after a failed form: it may contain a code, but nothing that was typed. */
function holdsOnlyCodes(page: Page, path: string): void {
  const url = new URL(page.url());
  expect(url.pathname).toBe(path);
  for (const [name, value] of url.searchParams) {
    if (name !== "next") expect(`${name}=${value}`).toMatch(/^[a-z]+=[A-Za-z_]+$/);
  }
}

test("register, sign out, sign in", async ({ page, register, signIn, dashboard, stranger }) => {
  await register.visit();
  await register.create(stranger);
  await dashboard.belongsTo(stranger);
  await dashboard.signOut();
  await page.goto("/app");
  await expect(page).toHaveURL("/login?next=%2Fapp");
  await signIn.submit(stranger);
  await dashboard.belongsTo(stranger);
});

test("a wrong password, then the right one", async ({
  page,
  context,
  signIn,
  dashboard,
  member,
  stranger,
}) => {
  await signIn.visit("/app?from=mail");
  await signIn.submit({ ...member, password: stranger.password });
  await expect(signIn.error).toHaveText("Email or password is wrong");
  await expect(signIn.email).toHaveValue(member.email);
  await expect(signIn.password).toHaveValue("");
  holdsOnlyCodes(page, "/login");
  expect(page.url()).not.toContain(encodeURIComponent(member.email));

  const everythingKept = JSON.stringify(await context.cookies()) + (await page.content());
  expect(everythingKept).not.toContain(stranger.password);

  await signIn.submit(member);
  await expect(page, "and next is not forgotten").toHaveURL("/app?from=mail");
  await expect(dashboard.signOutButton).toBeVisible();
});

test("what was typed wrong is not shown to the next visitor", async ({
  page,
  signIn,
  member,
  stranger,
  openBrowser,
}) => {
  await signIn.visit();
  await signIn.submit({ ...member, password: stranger.password });
  await expect(signIn.error).toBeVisible();
  const failed = page.url();

  const other = await openBrowser({ javaScriptEnabled: false });
  await other.goto(failed);
  await expect(other.getByLabel("Email", { exact: true })).toHaveValue("");

  await page.goto("/login");
  await expect(signIn.error, "nor again on the next visit").toBeHidden();
});

test.describe("from a browser that does not say where a form came from", () => {
  let referers: (string | undefined)[] = [];

  // Removing the header from the request does not work: the browser puts it back.
  test.beforeEach(async ({ page }) => {
    referers = [];
    page.on("request", (request) => {
      if (request.url().includes("/api/profile/")) referers.push(request.headers().referer);
    });
    await page.route("**/app/profile*", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), "referrer-policy": "no-referrer" } });
    });
  });

  test.afterEach(() => {
    // Only the first request: the page after a refusal has our own policy again, and sends the header.
    expect(referers.length).toBeGreaterThan(0);
    expect(referers[0], "it did not say").toBeUndefined();
  });

  test("a wrong current password is said on the profile", async ({ page, signIn, member, stranger }) => {
    await signIn.visit();
    await signIn.submit(member);
    await page.goto("/app/profile");
    const profile = new Profile(page);
    await profile.change(stranger.password, "a quiet brown horse");
    await expect(profile.error).toHaveText("Check the highlighted fields");
    await expect(profile.currentPassword).toHaveAccessibleDescription("This is not your current password.");
    holdsOnlyCodes(page, "/app/profile");
  });

  test("a page of the session before says so, and works at the second press", async ({
    page,
    signIn,
    context,
    member,
  }) => {
    await signIn.visit();
    await signIn.submit(member);
    await page.goto("/app/profile");
    const profile = new Profile(page);
    await profile.name.fill("Ada <b>King</b>");
    // In another tab, without this page noticing.
    const { email, password } = member;
    expect((await context.request.post("/api/login", { data: { email, password } })).status()).toBe(200);
    await profile.saveName.click();
    await expect(profile.error).toHaveText("This page was too old. Press the button again.");
    await expect(profile.name).toHaveValue("Ada <b>King</b>");
    holdsOnlyCodes(page, "/app/profile");
    await profile.saveName.click();
    await expect(page.getByRole("status").filter({ hasText: "Name saved." })).toBeVisible();
  });
});

test("an error in a link says nothing of the sender's", async ({ page }) => {
  // An attacker sends a link to the sign-in page with a text of their own.
  for (const name of ["error", "code", "message", "notice", "__err", "reason"]) {
    await page.goto(`/login?${name}=${encodeURIComponent("Call 555-0100 <b>now</b>")}`);
    await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
    await expect(page.getByText("555-0100")).toHaveCount(0);
  }
});

test("registration keeps what was typed, never the password", async ({
  page,
  register,
  stranger,
  member,
}) => {
  await register.visit();
  await register.create({ ...stranger, password: "short" });
  await expect(register.password).toHaveAccessibleDescription(/8/);
  await expect(register.password).toHaveAttribute("aria-invalid", "true");
  await expect(register.name).toHaveValue(stranger.name);
  await expect(register.email).toHaveValue(stranger.email);
  await expect(register.password).toHaveValue("");
  holdsOnlyCodes(page, "/register");

  await register.create({ ...stranger, email: member.email });
  await expect(register.email).toHaveAccessibleDescription(/This email already has an account/);
  await expect(register.email).toHaveAttribute("aria-invalid", "true");
  await expect(register.email).toHaveValue(member.email);
  await expect(register.password).toHaveValue("");
  holdsOnlyCodes(page, "/register");
});

test("what was typed comes back as text, not as HTML", async ({ register, stranger }) => {
  const name = "\"><script>alert(1)</script><b>&amp;'";
  await register.visit();
  await register.create({ ...stranger, name, password: "short" });
  await expect(register.name).toHaveValue(name);
});

test.describe("before the WASM arrives", () => {
  test.use({ javaScriptEnabled: true });

  test("a form is sent as a form", async ({ page, signIn, dashboard, member }) => {
    const wasm = await hold(page, "**/*.wasm");
    await page.goto("/login", { waitUntil: "commit" });
    await signIn.submit(member);
    await dashboard.belongsTo(member);
    wasm.release();
  });

  test("what was typed survives its arrival", async ({ page, signIn, dashboard, member }) => {
    const wasm = await hold(page, "**/*.wasm");
    await page.goto("/login", { waitUntil: "commit" });
    await signIn.email.fill(member.email);
    await signIn.password.fill(member.password);
    wasm.release();
    await expect(page.locator("body[data-hydrated]")).toBeAttached();
    await expect(signIn.email).toHaveValue(member.email);
    await signIn.button.click();
    await dashboard.belongsTo(member);
  });
});
