import type { Page } from "@playwright/test";

/** Waits until the WASM has taken the page over: before, a click is a plain form's. */
export async function live(page: Page): Promise<void> {
  await page.locator("body[data-hydrated]").waitFor({ state: "attached" });
}
