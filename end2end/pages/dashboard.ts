import { type Locator, type Page, expect } from "@playwright/test";
import { NAME } from "../support/brand";
import type { Person } from "../support/people";
import { live } from "./live";

export class Dashboard {
  readonly signOutButton: Locator;
  readonly navigation: Locator;
  readonly callsAtOnce: Locator;
  readonly callNowButton: Locator;
  readonly results: Locator;
  readonly summary: Locator;

  constructor(readonly page: Page) {
    this.signOutButton = page.getByRole("button", { name: "Sign out", exact: true });
    this.navigation = page.getByRole("navigation").getByRole("link", { name: "Dashboard", exact: true });
    const panel = page.getByRole("region", { name: "Live session" });
    this.callsAtOnce = panel.getByRole("spinbutton", { name: "Calls at once" });
    this.callNowButton = panel.getByRole("button", { name: /^Call \d+ times$/ });
    this.results = panel.getByRole("list", { name: "Results" }).getByRole("listitem");
    this.summary = panel.getByRole("status");
  }

  /** Opens the page and waits until it is live. */
  async open(): Promise<void> {
    await this.page.goto("/app");
    await live(this.page);
  }

  async signOut(): Promise<void> {
    await this.signOutButton.click();
    await expect(this.signOutButton).toBeHidden();
  }

  /** Follows the link to the front page, without loading a new document. */
  async leaveForHome(): Promise<void> {
    await this.page.getByRole("link", { name: NAME }).first().click();
    await expect(this.page).toHaveURL("/");
  }

  /** Makes the page's token useless, as if it had expired. */
  async expireToken(): Promise<void> {
    await this.page.getByRole("button", { name: "Expire the token now" }).click();
    await expect(this.summary).toContainText("The token is expired.");
  }

  /** Sends this many protected calls at once. */
  async call(count: number): Promise<void> {
    await this.callsAtOnce.fill(String(count));
    await this.callNowButton.click();
  }

  async showsSuccessOf(count: number): Promise<void> {
    await expect(this.summary).toContainText(`, ${count} answers`);
    await expect(this.results).toHaveCount(count);
    await expect(this.results.filter({ hasText: "200" })).toHaveCount(count);
  }

  /** The page belongs to this person and works; the right address alone is not enough. */
  async belongsTo(person: Person): Promise<void> {
    await expect(this.page).toHaveURL("/app");
    await expect(this.page.getByText(person.email).first()).toBeVisible();
    await expect(this.signOutButton).toBeVisible();
  }
}
