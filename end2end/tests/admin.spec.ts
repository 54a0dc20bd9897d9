// Administrators manage other users' accounts; everybody else gets a 404.

import { SignInAgain } from "../pages/again";
import { Admin } from "../pages/admin";
import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { Profile } from "../pages/profile";
import { SignIn } from "../pages/sign-in";
import { callsFromNowOn } from "../support/calls";
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

test("an account is found, disabled, and enabled again", async ({
  page,
  signIn,
  member,
  admin,
  openBrowser,
  watch,
}) => {
  watch.expectStatus(401, 403);
  const other = await openBrowser();
  await new SignIn(other).as(member);
  const there = new Dashboard(other);
  await expect(there.summary).toContainText("answers");

  await signIn.as(admin);
  const area = new Admin(page);
  await area.follow();
  await area.look(member.email);
  await expect(area.sessions.first()).toContainText("Chrome on ");
  await area.press("Disable account");
  await expect(area.notice.filter({ hasText: "Account disabled" })).toBeVisible();
  await expect(page.getByText("Not signed in anywhere.")).toBeVisible();
  await expect(area.activity.first()).toHaveText(/^An administrator disabled your account\s*just now\s*$/);

  await there.call(3);
  const again = new SignInAgain(other);
  await expect(again.why).toContainText("This account has been disabled.");
  await again.submit(member);
  await expect(again.error).toHaveText("Email or password is wrong");

  await area.press("Enable account");
  await expect(area.notice.filter({ hasText: "Account enabled" })).toBeVisible();
  await again.submit(member);
  await expect(again.dialog).toBeHidden();
  await there.belongsTo(member);
  await other.goto("/app/security");
  await expect(other.getByText("An administrator disabled your account")).toBeVisible();
});

test("second steps are seen, required, and removed", async ({ page, signIn, member, admin, server }) => {
  await protect(server, member);
  await signIn.as(admin);
  const area = new Admin(page);
  await area.follow();
  await area.look(member.email);
  const section = page.getByRole("region", { name: "Two-step sign-in" });
  await expect(section).toContainText(/Authenticator apps\s*1\s*Passkeys\s*0\s*Recovery codes left\s*10/);
  await area.press(/^Require two-step sign-in$/);
  await expect(area.notice.filter({ hasText: "is required for this account" })).toBeVisible();
  await expect(section).toContainText("Yes, by an administrator");
  await area.press("Don't require two-step sign-in");
  await expect(area.notice.filter({ hasText: "is not required" })).toBeVisible();
  const really = page.getByRole("button", { name: "Yes, remove them" });
  await expect(really, "one press removes nothing").toBeHidden();
  await section.getByText("Remove factors …").click();
  await really.click();
  await expect(area.notice.filter({ hasText: "Signed out everywhere." })).toBeVisible();
  await expect(section).toContainText(/Authenticator apps\s*0/);
  await expect(section.getByText("Remove factors …")).toHaveCount(0);
  expect((await (await axe(page)).analyze()).violations).toEqual([]);
});

test("by the keyboard one goes on at what is said of it", async ({ page, signIn, member, admin }) => {
  await signIn.as(admin);
  const area = new Admin(page);
  await area.follow();
  await area.look(member.email);
  for (const [before, after] of [
    ["Disable account", "Enable account"],
    ["Enable account", "Disable account"],
  ] as const) {
    await page.getByRole("button", { name: before }).press("Enter");
    await expect(page.getByRole("button", { name: after })).toBeVisible();
    await expect(page.locator(".account-told")).toBeFocused();
    await expect(area.notice.filter({ hasText: "Account " })).toBeInViewport();
  }
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Disable account" })).toBeFocused();
});

test("one session is ended, then all", async ({ page, signIn, member, admin, api }) => {
  expect((await api.login(member)).status).toBe(200);
  await signIn.as(admin);
  const area = new Admin(page);
  await area.follow();
  await area.look(member.email);
  const before = await area.sessions.count();
  await area.sessions.first().getByRole("button").click();
  await expect(area.sessions).toHaveCount(before - 1);
  await area.press("Sign out everywhere");
  await expect(page.getByText("Not signed in anywhere.")).toBeVisible();
});

test("the page arrives with its data, and a search can be sent to somebody", async ({
  page,
  signIn,
  member,
  admin,
}) => {
  await signIn.as(admin);
  const asked = await callsFromNowOn(page);
  const area = new Admin(page);
  await page.goto(`/app/admin?q=${encodeURIComponent(member.email)}`);
  await live(page);
  await expect(area.search).toHaveValue(member.email);
  await expect(area.accounts).toHaveCount(1);
  expect(asked, "nothing is fetched that the HTML already has").toEqual([]);
  await area.find("nobody at all");
  await expect(page.getByText("No account matches.")).toBeVisible();
  await page.goBack();
  await expect(area.accounts).toHaveCount(1);
});

test("for everybody else there is no such page", async ({ page, signIn, member, admin, server, watch }) => {
  watch.expectStatus(404);
  await signIn.as(member);
  const area = new Admin(page);
  await area.menu.open();
  await expect(area.menu.link("Profile")).toBeVisible();
  await expect(area.menu.link("Admin")).toHaveCount(0);
  for (const path of ["/app/admin", "/app/admin/users/1"]) {
    expect((await page.goto(path))?.status()).toBe(404);
    await live(page);
    await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
    await expect(page).toHaveTitle(/Not found/);
  }
  await test.step("nor for somebody who is no administrator any more", async () => {
    await page.goto("/app");
    const dashboard = new Dashboard(page);
    await expect(dashboard.summary, "no call is under way any more").toContainText("answers");
    await dashboard.signOut();
    await signIn.as(admin);
    await area.follow();
    await server.command("users", "set-role", admin.email, "none");
    await area.find("example");
    await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  });
});

test.describe("without WASM", () => {
  test.use({ javaScriptEnabled: false });

  test("everything is a plain form or a link", async ({ page, signIn, member, admin }) => {
    await signIn.visit("/app/admin");
    await signIn.submit(admin);
    const area = new Admin(page);
    await area.look(member.email);
    await area.press("Disable account");
    await expect(area.notice.filter({ hasText: "Account disabled" })).toBeVisible();
    await area.press("Enable account");
    await expect(area.notice.filter({ hasText: "Account enabled" })).toBeVisible();
    await expect(page.getByText("Not signed in anywhere.")).toBeVisible();
  });

  test("words with a space between them are looked for", async ({ page, signIn, admin }) => {
    await signIn.visit("/app/admin");
    await signIn.submit(admin);
    const area = new Admin(page);
    await area.find("Grace Hop");
    await expect(area.accounts.first()).toContainText("Grace Hopper");
    await expect(area.search).toHaveValue("Grace Hop");
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 320]) {
    test(`axe finds nothing: ${colorScheme}, ${width}`, async ({
      openBrowser,
      api,
      admin,
      server,
      watch,
    }) => {
      test.slow();
      watch.expectStatus(422);
      const long = { ...somebody(), name: "Wolfeschlegelsteinhausenbergerdorff".repeat(2) };
      long.email = `${"long-address-".repeat(4)}${long.email}`;
      server.secrets.keep("a password", long.password);
      expect((await api.register(long)).status).toBe(201);
      const page = await openBrowser({ colorScheme, viewport: { width, height: 800 } });
      await new SignIn(page).as(admin);
      const area = new Admin(page);
      const check = async (name: string) => {
        const { violations, passes } = await (await axe(page)).analyze();
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
        expect.soft(found, name).toEqual([]);
        expect.soft(passes.length, `${name}: it did look`).toBeGreaterThan(10);
        const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect.soft(overhang, name).toBeLessThanOrEqual(0);
      };
      await area.follow();
      await expect(area.accounts.first()).toBeVisible();
      await check("the accounts");
      await area.look(long.email);
      await check("an account");
      await area.press("Disable account");
      await expect(area.notice.filter({ hasText: "disabled" })).toBeVisible();
      await check("a disabled account");
      const profile = new Profile(page);
      await profile.follow();
      await profile.change("", "short");
      await expect(profile.newPassword).toHaveAttribute("aria-invalid", "true");
      await check("the profile");
    });
  }
}
