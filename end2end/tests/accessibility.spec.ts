// Accessibility: axe finds nothing on any page, in light and dark, wide and narrow, and no page scrolls sideways.

import type { Page } from "@playwright/test";
import { Dashboard } from "../pages/dashboard";
import { tabTo } from "../support/keyboard";
import { live } from "../pages/live";
import { Register } from "../pages/register";
import { RecoveryCodes, Scan, SecondStep } from "../pages/second-step";
import { Security } from "../pages/security";
import { Sessions } from "../pages/sessions";
import { SignIn } from "../pages/sign-in";
import { NAME } from "../support/brand";
import { type Person, somebody } from "../support/people";
import { axe } from "../support/axe";
import { expect, test } from "../support/test";

const SCHEMES = ["light", "dark"] as const;
const SCREENS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const NARROW = { width: 320, height: 640 };

/** Every page, in the order in which a person meets them, beginning without a session. */
async function* everyPage(page: Page, member: Person): AsyncGenerator<string> {
  for (const path of ["/", "/no/such/page"]) {
    await page.goto(path);
    await live(page);
    yield path;
  }

  const register = new Register(page);
  await register.open();
  yield "the registration form";
  await register.create({ ...member, password: "short" });
  await expect(register.password).toHaveAttribute("aria-invalid", "true");
  yield "the registration form with an error";

  const signIn = new SignIn(page);
  await signIn.open();
  yield "the sign-in form";
  await signIn.submit({ ...member, password: somebody().password });
  await expect(signIn.error).toBeVisible();
  yield "the sign-in form with an error";

  await signIn.submit(member);
  const dashboard = new Dashboard(page);
  await dashboard.belongsTo(member);
  await expect(dashboard.summary).toContainText("answers");
  yield "the dashboard";
  const sessions = new Sessions(page);
  await sessions.follow();
  await expect(sessions.current).toHaveCount(1);
  yield "the sessions";
  const security = new Security(page);
  await security.follow();
  yield "the security page";
  await security.button("Add an app").click();
  const [app, second, codes] = [await new Scan(page).app(), new SecondStep(page), new RecoveryCodes(page)];
  yield "an app that is added";
  await second.submit(await app.code());
  await codes.all();
  yield "the recovery codes";
  await codes.saved.click();
  await expect(security.twoStep).toHaveAttribute("aria-checked", "true");
  yield "the security page, with a second step";
  await dashboard.signOut();
  await signIn.open();
  await signIn.submit(member);
  await second.isAsked();
  await expect(second.code).toBeVisible();
  yield "the second step of a sign-in";
  await second.submit("000000");
  await expect(second.code).toHaveAttribute("aria-invalid", "true");
  yield "the second step, with an error";
  await second.submit(await app.code());
  await dashboard.belongsTo(member);
  await dashboard.leaveForHome();
  yield "the front page, signed in";
}

test.beforeEach(({ watch }) => watch.expectStatus(401, 403, 404, 422));

for (const colorScheme of SCHEMES) {
  for (const [screen, viewport] of Object.entries(SCREENS)) {
    test(`axe finds nothing: ${colorScheme}, ${screen}`, async ({ openBrowser, member }) => {
      test.slow();
      const page = await openBrowser({ colorScheme, viewport });
      for await (const name of everyPage(page, member)) {
        const { violations, passes } = await (await axe(page)).analyze();
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
        expect.soft(found, name).toEqual([]);
        expect.soft(passes.length, `${name}: it did look`).toBeGreaterThan(10);
      }
    });
  }
}

test("no page is wider than a narrow phone", async ({ openBrowser, api }) => {
  test.slow();
  const longName = { ...somebody(), name: "Wolfeschlegelsteinhausenbergerdorff".repeat(2) };
  longName.email = `${"long-address-".repeat(4)}${longName.email}`;
  await api.register(longName);
  const page = await openBrowser({ viewport: NARROW });
  for await (const name of everyPage(page, longName)) {
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect.soft(overhang, name).toBeLessThanOrEqual(0);
  }
});

test("every page says its language and has a title and a heading of its own", async ({
  openBrowser,
  member,
}) => {
  const page = await openBrowser();
  const titles = new Set<string>();
  for (const path of ["/", "/login", "/register", "/app", "/no/such/page"]) {
    if (path === "/app") await new SignIn(page).as(member);
    await page.goto(path);
    await expect(page.locator("html")).toHaveAttribute("lang", /^en/);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    expect(await page.title()).toContain(NAME);
    titles.add(await page.title());
  }
  expect(titles.size).toBe(5);
});

test("password managers know the fields", async ({ page }) => {
  await page.goto("/login");
  const signIn = new SignIn(page);
  await expect(signIn.email).toHaveAttribute("autocomplete", /^(username|email)/);
  await expect(signIn.password).toHaveAttribute("autocomplete", "current-password");
  await page.goto("/register");
  const register = new Register(page);
  await expect(register.name).toHaveAttribute("autocomplete", "name");
  await expect(register.email).toHaveAttribute("autocomplete", /^(username|email)/);
  await expect(register.password).toHaveAttribute("autocomplete", "new-password");
});

test("the keyboard alone is enough, and its place is seen", async ({ page, member }) => {
  const signIn = new SignIn(page);
  await signIn.open();
  await signIn.email.focus();
  await page.keyboard.type(member.email);
  await tabTo(page, signIn.password);
  await page.keyboard.type(member.password);
  await page.keyboard.press("Enter");
  await new Dashboard(page).belongsTo(member);
  await expect(
    page.getByRole("heading", { level: 1 }),
    "one goes on at the new page's beginning",
  ).toBeFocused();
  await page.keyboard.press("Tab");
  const outline = await page.evaluate(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement!);
    return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
  });
  expect(outline, "what has the focus is marked").toBe(true);
});
