import { type Locator, type Page } from "@playwright/test";
import type { Person } from "../support/people";
import { live } from "./live";

export class Register {
  readonly name: Locator;
  readonly email: Locator;
  readonly password: Locator;
  readonly button: Locator;
  readonly error: Locator;

  constructor(readonly page: Page) {
    this.name = page.getByLabel("Name", { exact: true });
    this.email = page.getByLabel("Email", { exact: true });
    this.password = page.getByLabel("Password", { exact: true });
    this.button = page.getByRole("button", { name: "Create account", exact: true });
    this.error = page.getByRole("alert");
  }

  /** Opens the page as the server renders it. */
  async visit(): Promise<void> {
    await this.page.goto("/register");
  }

  /** Opens the page and waits until it is live. */
  async open(): Promise<void> {
    await this.visit();
    await live(this.page);
  }

  async create({ name, email, password }: Person): Promise<void> {
    await this.name.fill(name);
    await this.email.fill(email);
    await this.password.fill(password);
    await this.button.click();
  }
}
