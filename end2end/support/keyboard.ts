import { type Locator, type Page, expect } from "@playwright/test";

/** Moves the focus there with the Tab key, as a user without a mouse does. */
export async function tabTo(page: Page, to: Locator): Promise<void> {
  const isThere = () => to.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 60 && !(await isThere()); presses += 1) await page.keyboard.press("Tab");
  await expect(to).toBeFocused();
}
