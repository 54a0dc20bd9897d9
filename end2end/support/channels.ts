import { type Page, expect } from "@playwright/test";

/** Marks this page's documents once they listen to other tabs. */
export async function watchChannels(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.BroadcastChannel = class extends BroadcastChannel {
      constructor(name: string) {
        super(name);
        document.documentElement.dataset.listens = "";
      }
    };
  });
}

/** Waits until the page listens. */
export async function listens(page: Page): Promise<void> {
  await expect(page.locator("html[data-listens]")).toHaveCount(1);
}
