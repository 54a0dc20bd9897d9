import { type Locator, type Page, expect } from "@playwright/test";
import { live } from "./live";
import { Menu } from "./menu";

export class Profile {
  readonly menu: Menu;
  readonly name: Locator;
  readonly saveName: Locator;
  readonly currentPassword: Locator;
  readonly newPassword: Locator;
  readonly changePassword: Locator;
  readonly notice: Locator;
  readonly error: Locator;

  constructor(readonly page: Page) {
    this.menu = new Menu(page);
    this.name = page.getByRole("textbox", { name: "Name", exact: true });
    this.saveName = page.getByRole("button", { name: "Save name" });
    this.currentPassword = page.getByLabel("Current password");
    this.newPassword = page.getByLabel("New password");
    this.changePassword = page.getByRole("button", { name: "Change password" });
    this.notice = page.getByRole("region", { name: "Messages" }).getByRole("listitem");
    this.error = page.getByRole("main").getByRole("alert");
  }

  /** Follows the link in the menu, without loading a new document. */
  async follow(): Promise<void> {
    await this.menu.follow("Profile");
    await expect(this.page.getByRole("heading", { name: "Profile" })).toBeVisible();
  }

  async open(): Promise<void> {
    await this.page.goto("/app/profile");
    await live(this.page);
  }

  async rename(name: string): Promise<void> {
    await this.name.fill(name);
    await this.saveName.click();
  }

  async change(current: string, to: string): Promise<void> {
    await this.currentPassword.fill(current);
    await this.newPassword.fill(to);
    await this.changePassword.click();
  }
}
