import { type Locator, type Page, expect } from "@playwright/test";

/** The menu behind the initials in the header. */
export class Menu {
  readonly button: Locator;
  readonly panel: Locator;

  constructor(readonly page: Page) {
    this.button = page.getByRole("button", { name: "Account menu" });
    this.panel = page.locator("#menu");
  }

  link(name: string): Locator {
    return this.panel.getByRole("link", { name, exact: true });
  }

  theme(name: "System" | "Light" | "Dark"): Locator {
    return this.panel.getByRole("radio", { name });
  }

  async open(): Promise<void> {
    await this.button.click();
    await expect(this.panel).toBeVisible();
  }

  /** Opens a page by its link, without loading a new document. */
  async follow(name: string): Promise<void> {
    await this.open();
    await this.link(name).click();
    await expect(this.panel).toBeHidden();
  }
}
