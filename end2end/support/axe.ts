import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** Looks at a page that stands still: a colour that is on its way to another is neither. */
export async function axe(page: Page): Promise<AxeBuilder> {
  await page.emulateMedia({ reducedMotion: "reduce" });
  return new AxeBuilder({ page });
}
