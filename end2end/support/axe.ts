import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** Checks a page without animations: a colour in transition is neither the old one nor the new one. */
export async function axe(page: Page): Promise<AxeBuilder> {
  await page.emulateMedia({ reducedMotion: "reduce" });
  return new AxeBuilder({ page });
}
