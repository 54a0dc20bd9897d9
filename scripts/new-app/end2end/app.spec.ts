import { randomUUID } from "node:crypto";
import { expect, test } from "@playwright/test";

test.use({ baseURL: process.env.APP_ORIGIN });

test("somebody registers, adds a note, and signs in again", async ({ page }) => {
  const email = `${randomUUID()}@example.com`;
  const password = `violet-harbour-${randomUUID()}`;
  const notes = page.getByRole("region", { name: "Notes", exact: true });
  // Before hydration, a click would submit a plain form.
  const live = page.locator("body[data-hydrated]");

  await page.goto("/register");
  await live.waitFor({ state: "attached" });
  await page.getByLabel("Name", { exact: true }).fill("Ada Lovelace");
  await page.getByLabel("Email", { exact: true }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create account", exact: true }).click();
  await expect(page).toHaveURL("/app");

  await notes.getByLabel("New note").fill("Milk");
  await notes.getByRole("button", { name: "Add note" }).click();
  await expect(notes.getByRole("listitem").filter({ hasText: "Milk" })).toContainText("just now");

  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto("/login");
  await live.waitFor({ state: "attached" });
  await page.getByLabel("Email", { exact: true }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL("/app");
  await expect(notes.getByRole("listitem")).toHaveText([/Milk/]);
});
