import { type Locator, type Page, expect } from "@playwright/test";

export class Security {
  readonly entries: Locator;

  constructor(readonly page: Page) {
    this.entries = page.getByRole("main").getByRole("listitem");
  }

  /** By the link in the navigation, without loading a new document. */
  async follow(): Promise<void> {
    await this.page.getByRole("navigation").getByRole("link", { name: "Security", exact: true }).click();
    await expect(this.page.getByRole("heading", { name: "Security" })).toBeVisible();
  }
}
