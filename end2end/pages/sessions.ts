import { type Locator, type Page, expect } from "@playwright/test";
import { live } from "./live";

export class Sessions {
  readonly items: Locator;
  readonly current: Locator;
  readonly others: Locator;
  readonly everywhereButton: Locator;

  constructor(readonly page: Page) {
    this.items = page.getByRole("main").getByRole("listitem");
    this.current = this.items.filter({ hasText: "in use now" });
    this.others = this.items.filter({ hasNotText: "in use now" });
    this.everywhereButton = page.getByRole("button", { name: "Sign out everywhere" });
  }

  /** Follows the link in the navigation, without loading a new document. */
  async follow(): Promise<void> {
    await this.page.getByRole("navigation").getByRole("link", { name: "Sessions", exact: true }).click();
    await expect(this.page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  }

  async open(): Promise<void> {
    await this.page.goto("/app/sessions");
    await live(this.page);
  }

  async end(session: Locator): Promise<void> {
    await session.getByRole("button", { name: /^Sign out / }).click();
  }
}
