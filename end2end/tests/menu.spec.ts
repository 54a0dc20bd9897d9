// The menu behind the initials, with the mouse, with the keyboard and without a script; and the theme switch in it.

import type { Page } from "@playwright/test";
import { live } from "../pages/live";
import { Menu } from "../pages/menu";
import { NAME } from "../support/brand";
import { expect, test } from "../support/test";

const paper = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

test("the keyboard opens it, walks through it and leaves it", async ({ page, signIn, member }) => {
  await signIn.as(member);
  const menu = new Menu(page);
  await expect(menu.button).toContainText("AL");
  await expect(page.getByRole("heading", { level: 1 }), "the page is there").toBeFocused();
  await menu.button.focus();
  await page.keyboard.press("Enter");
  await expect(menu.panel).toBeVisible();
  await expect(menu.panel).toContainText(member.email);
  for (const name of ["Dashboard", "Profile"]) {
    await page.keyboard.press("Tab");
    await expect(menu.link(name)).toBeFocused();
  }
  await page.keyboard.press("Escape");
  await expect(menu.panel).toBeHidden();
  await expect(menu.button, "the focus comes back").toBeFocused();

  await page.keyboard.press("Enter");
  await menu.link("Profile").press("Enter");
  await expect(page).toHaveURL("/app/profile");
  await expect(menu.panel, "it has done its work").toBeHidden();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
});

test("a press beside it closes it, and it leads out", async ({ page, signIn, member }) => {
  await signIn.as(member);
  await page.goto("/");
  await live(page);
  const menu = new Menu(page);
  await menu.open();
  await page.mouse.click(5, 400);
  await expect(menu.panel).toBeHidden();
  await menu.open();
  await menu.panel.getByRole("button", { name: "Sign out" }).click();
  await expect(menu.button).toBeHidden();
});

test("what a theme was chosen stays, without a flash, and other tabs follow", async ({
  page,
  context,
  signIn,
  member,
}) => {
  await page.emulateMedia({ colorScheme: "light" });
  await signIn.as(member);
  const light = await paper(page);
  const other = await context.newPage();
  await other.goto("/");
  await live(other);

  const menu = new Menu(page);
  await menu.open();
  await expect(menu.theme("System")).toBeChecked();
  await menu.theme("Dark").check({ force: true });
  const dark = await paper(page);
  expect(dark).not.toBe(light);
  await expect.poll(() => paper(other), "another tab follows").toBe(dark);

  await test.step("before the first paint", async () => {
    await page.addInitScript(() => {
      const seen = ((window as unknown as { seen: string[] }).seen = [] as string[]);
      const look = () => {
        if (document.body) seen.push(getComputedStyle(document.documentElement).backgroundColor);
        if (seen.length < 20) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto("/app/profile");
    await live(page);
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    expect(new Set(seen), "no frame was light").toEqual(new Set([dark]));
  });

  await menu.open();
  await expect(menu.theme("Dark")).toBeChecked();
  const kept = await page.evaluate(() => ({ ...localStorage, ...sessionStorage }));
  expect(kept, "nothing else is kept").toEqual({ theme: "dark", "passkey-offered": "1" });
  await menu.theme("System").check({ force: true });
  expect(await paper(page)).toBe(light);
});

test("a menu that came with the sign-in shows the theme that was chosen before", async ({
  page,
  signIn,
  member,
}) => {
  await signIn.open();
  const dark = page.getByRole("contentinfo").getByRole("radio", { name: "Dark" });
  await dark.check({ force: true });
  await signIn.submit(member);
  await expect(page).toHaveURL("/app");
  const menu = new Menu(page);
  await menu.open();
  await expect(menu.theme("Dark")).toBeChecked();
  await expect(dark, "the other switch is as before").toBeChecked();
});

test.describe("without WASM", () => {
  test.use({ javaScriptEnabled: false });

  test("it opens, and leads where it says", async ({ page, signIn, member }) => {
    await signIn.visit();
    await signIn.submit(member);
    const menu = new Menu(page);
    await menu.open();
    await menu.link("Profile").click();
    await expect(page).toHaveURL("/app/profile");
    await menu.open();
    await menu.panel.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL("/login");
  });
});

for (const width of [320, 390]) {
  test(`nothing in the header is cut, ${width} wide`, async ({ openBrowser, api, server, member }) => {
    await server.command("users", "set-role", member.email, "admin");
    const page = await openBrowser({ viewport: { width, height: 640 } });
    const header = page.getByRole("banner");
    await page.goto("/login");
    for (const name of [NAME, "Sign in", "Create account"])
      await expect.soft(header.getByRole("link", { name }).first(), name).toBeInViewport({ ratio: 1 });
    // On the narrowest screens the header drops this link; only the footer has it.
    const howItWorks = width < 384 ? page.getByRole("contentinfo") : header;
    await expect.soft(howItWorks.getByRole("link", { name: "How it works" })).toBeVisible();

    await live(page);
    await page.getByLabel("Email", { exact: true }).fill(member.email);
    await page.getByLabel("Password", { exact: true }).fill(member.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page).toHaveURL("/app");
    const tabs = page.getByRole("navigation", { name: "Account" });
    for (const name of ["Dashboard", "Profile", "Security", "Sessions"])
      await expect.soft(tabs.getByRole("link", { name }), name).toBeInViewport({ ratio: 1 });
    await expect.soft(page.getByRole("button", { name: "Sign out" })).toBeInViewport({ ratio: 1 });
    await expect.soft(header.getByRole("link", { name: "How it works" })).toBeInViewport({ ratio: 1 });
    const menu = new Menu(page);
    await menu.open();
    for (const name of ["Dashboard", "Profile", "Security", "Sessions", "Admin"])
      await expect.soft(menu.link(name), name).toBeInViewport({ ratio: 1 });
    const hidden = await page.evaluate(() =>
      [...document.querySelectorAll("header, nav, .menu, main")]
        .filter((element) => getComputedStyle(element).overflowX !== "visible")
        .filter((element) => element.scrollWidth > element.clientWidth)
        .map(({ className }) => className),
    );
    expect(hidden, "nothing is scrolled sideways").toEqual([]);
    expect((await api.login(member)).status).toBe(200);
  });
}
