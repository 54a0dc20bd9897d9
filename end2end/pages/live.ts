import type { Page } from "@playwright/test";

/** Waits for hydration; before it, a click submits a plain form. */
export async function live(page: Page): Promise<void> {
  await page.locator("body[data-hydrated]").waitFor({ state: "attached" });
}
