import { type Locator, type Page } from "@playwright/test";

/** "Confirm it's you": the dialog over a page, or the page of its own. */
export class Confirm {
  readonly dialog: Locator;
  readonly password: Locator;
  readonly code: Locator;
  readonly error: Locator;
  readonly notNow: Locator;

  constructor(readonly page: Page) {
    this.dialog = page.getByRole("dialog", { name: "Confirm it's you" });
    this.password = this.dialog.getByLabel("Password", { exact: true });
    this.code = this.dialog.getByLabel("Code", { exact: true });
    this.error = this.dialog.getByText("This is not your password.");
    this.notNow = this.dialog.getByRole("button", { name: "Not now" });
  }

  async submit(password: string): Promise<void> {
    await this.password.fill(password);
    await this.dialog.getByRole("button", { name: "Confirm", exact: true }).click();
  }
}
