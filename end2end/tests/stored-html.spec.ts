// Names, places and notes are shown as text, on live pages too.

import type { Page } from "@playwright/test";
import { live } from "../pages/live";
import { Menu } from "../pages/menu";
import { SignIn } from "../pages/sign-in";
import { somebody } from "../support/people";
import { expect, test } from "../support/test";

const HOSTILE = `"'></textarea></script><img src=x onerror="window.hurt = 1"><b id=hurt>`;

/** None of it became an element, and none of it ran. */
async function isText(page: Page, path: string): Promise<void> {
  await expect.soft(page.locator("img, #hurt"), path).toHaveCount(0);
  expect.soft(await page.evaluate(() => "hurt" in window), path).toBe(false);
}

test("what people are called stays text when the page is live", async ({ openBrowser, api, server }) => {
  const person = { ...somebody(), name: HOSTILE };
  server.secrets.keep("a password", person.password);
  await api.register(person);
  await server.command("users", "set-role", person.email, "admin");
  const page = await openBrowser({ userAgent: `Mozilla/5.0 ${HOSTILE.replaceAll(" ", "/")}` });
  const signIn = new SignIn(page);
  await signIn.open();
  await signIn.submit(person);
  await expect(page).toHaveURL("/app");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(HOSTILE);

  await page.getByLabel("New note").fill(HOSTILE);
  await page.getByRole("button", { name: "Add note" }).click();
  await expect(page.getByRole("list", { name: "Your notes" })).toContainText(HOSTILE);
  await isText(page, "/app, with a new note");
  await page.getByRole("link", { name: /^Edit note/ }).click();
  await expect(page.getByLabel("Edit note", { exact: true })).toHaveValue(HOSTILE);
  await isText(page, "a note that is edited");

  // Each page as the server renders it, and as the client builds it from a call's answer.
  const menu = new Menu(page);
  for (const name of ["Sessions", "Security", "Admin", "Profile"]) {
    await menu.follow(name);
    await expect(page.getByRole("heading", { level: 1 })).not.toHaveText(/Hello/);
    await menu.open();
    await expect(menu.link(name)).toHaveAttribute("aria-current", "page");
    await isText(page, `${name}, opened in the page`);
    await page.reload();
    await live(page);
    await isText(page, `${name}, loaded`);
  }
  await page.goto(`/app/admin?q=${encodeURIComponent(HOSTILE)}`);
  await live(page);
  await expect(page.getByRole("searchbox")).toHaveValue(HOSTILE);
  await page.getByRole("main").getByRole("listitem").getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(HOSTILE);
  await isText(page, "an account");
});
