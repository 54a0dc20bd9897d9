import { type Locator, type Page, expect } from "@playwright/test";
import type { Person } from "../support/people";
import { live } from "./live";

export class SignIn {
  readonly email: Locator;
  readonly password: Locator;
  readonly remember: Locator;
  readonly button: Locator;
  readonly error: Locator;

  constructor(readonly page: Page) {
    this.email = page.getByLabel("Email", { exact: true });
    this.password = page.getByLabel("Password", { exact: true });
    this.remember = page.getByRole("checkbox");
    this.button = page.getByRole("button", { name: "Sign in", exact: true });
    this.error = page.getByRole("alert");
  }

  /** Opens the page as the server renders it. */
  async visit(next?: string): Promise<void> {
    await this.page.goto(next === undefined ? "/login" : `/login?next=${encodeURIComponent(next)}`);
  }

  /** Opens the page and waits until it is live. */
  async open(next?: string): Promise<void> {
    await this.visit(next);
    await live(this.page);
  }

  async submit({ email, password }: Pick<Person, "email" | "password">): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.button.click();
  }

  /** Signs in from the start and arrives at the dashboard. */
  async as(person: Person): Promise<void> {
    await this.open();
    await this.submit(person);
    await expect(this.page).toHaveURL("/app");
  }
}
