import { type Locator, type Page, expect } from "@playwright/test";
import { live } from "./live";
import { Menu } from "./menu";

export class Admin {
  readonly menu: Menu;
  readonly search: Locator;
  readonly accounts: Locator;
  readonly sessions: Locator;
  readonly activity: Locator;
  readonly notice: Locator;
  readonly older: Locator;

  constructor(readonly page: Page) {
    this.menu = new Menu(page);
    this.search = page.getByRole("searchbox", { name: "Address, name or ID" });
    this.accounts = page.getByRole("main").getByRole("listitem");
    this.sessions = page.getByRole("region", { name: "Sessions" }).getByRole("listitem");
    this.activity = page.getByRole("region", { name: /^Activity/ }).getByRole("listitem");
    this.notice = page.getByRole("main").getByRole("status");
    this.older = page.getByRole("link", { name: "Older accounts" });
  }

  /** Follows the link in the menu, without loading a new document. */
  async follow(): Promise<void> {
    await this.menu.follow("Admin");
    await expect(this.page.getByRole("heading", { name: "Accounts", exact: true })).toBeVisible();
  }

  async open(): Promise<void> {
    await this.page.goto("/app/admin");
    await live(this.page);
  }

  async find(text: string): Promise<void> {
    await this.search.fill(text);
    await this.search.press("Enter");
  }

  /** Finds the account and opens it. */
  async look(email: string): Promise<void> {
    await this.find(email);
    await expect(this.accounts).toHaveCount(1);
    await this.accounts.getByRole("link").click();
    await expect(this.page.getByRole("main").getByText(email, { exact: true })).toBeVisible();
  }

  async press(name: string | RegExp): Promise<void> {
    await this.page.getByRole("main").getByRole("button", { name }).first().click();
  }
}
