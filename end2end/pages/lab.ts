import { type Locator, type Page, expect } from "@playwright/test";
import { live } from "./live";

export class Lab {
  readonly token: Locator;
  readonly verdict: Locator;
  readonly chain: Locator;
  readonly bounces: Locator;
  readonly answers: Locator;

  constructor(readonly page: Page) {
    this.token = page.locator(".token");
    this.verdict = this.part("A token, taken apart").locator(".verdict");
    this.chain = page.getByRole("list", { name: "What happened" }).getByRole("listitem");
    this.bounces = page.getByRole("list", { name: "Requests", exact: true }).locator(":scope > li");
    this.answers = page.getByRole("list", { name: "Answers" }).getByRole("listitem");
  }

  /** Opens the page and waits until it is live. */
  async open(origin = ""): Promise<void> {
    await this.page.goto(`${origin}/lab`);
    await live(this.page);
  }

  part(title: string): Locator {
    return this.page.getByRole("region", { name: title, exact: true });
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole("button", { name: button }).click();
  }

  /** Takes a token apart, and waits for the verdict on it. */
  async makeToken(): Promise<void> {
    await this.press("Make a token");
    await expect(this.verdict).toContainText("The signature is good");
  }

  async call(count: number): Promise<void> {
    await this.page.getByRole("spinbutton", { name: "Calls at once" }).fill(String(count));
    await this.press("Let the token run out, and call");
    await expect(this.page.locator(".flight")).toHaveCount(2, { timeout: 15_000 });
  }

  async replay(who: "owner" | "thief"): Promise<void> {
    await this.press(`Play it: the ${who} comes first`);
    await expect(this.chain).toHaveCount(6, { timeout: 15_000 });
  }

  async forge(): Promise<void> {
    await this.press("Send the forgeries");
    await expect(this.bounces).toHaveCount(8);
  }

  async burst(): Promise<void> {
    await this.press("Send 9 at once");
    await expect(this.answers).toHaveCount(9);
  }
}
