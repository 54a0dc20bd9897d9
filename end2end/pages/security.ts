import { type Locator, type Page, expect } from "@playwright/test";

export class Security {
  readonly entries: Locator;
  readonly protection: Locator;
  readonly twoStep: Locator;

  constructor(readonly page: Page) {
    this.entries = this.section("Activity").getByRole("listitem");
    this.protection = page.locator(".protection");
    this.twoStep = page.getByRole("switch", { name: "Two-step sign-in" });
  }

  section(name: string): Locator {
    return this.page.getByRole("region", { name, exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole("main").getByRole("button", { name, exact: true });
  }

  /** Follows the link in the navigation, without loading a new document. */
  async follow(): Promise<void> {
    await this.page.getByRole("navigation").getByRole("link", { name: "Security", exact: true }).click();
    await expect(this.page.getByRole("heading", { name: "Security", level: 1 })).toBeVisible();
  }
}
