import { type Locator, type Page } from "@playwright/test";
import type { Person } from "../support/people";

/** The dialog over a page whose session has ended. */
export class SignInAgain {
  readonly dialog: Locator;
  readonly why: Locator;
  readonly email: Locator;
  readonly password: Locator;
  readonly error: Locator;
  readonly notNow: Locator;

  constructor(readonly page: Page) {
    this.dialog = page.getByRole("dialog", { name: "Sign in again" });
    this.why = this.dialog.getByRole("status").filter({ hasText: "Sign in to pick up" });
    this.email = this.dialog.getByLabel("Email", { exact: true });
    this.password = this.dialog.getByLabel("Password", { exact: true });
    this.error = this.dialog.getByRole("alert");
    this.notNow = this.dialog.getByRole("button", { name: "Not now" });
  }

  async submit({ email, password }: Pick<Person, "email" | "password">): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  }
}
