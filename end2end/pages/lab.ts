import { type Locator, type Page, expect } from "@playwright/test";
import { live } from "./live";

export class Lab {
  readonly token: Locator;
  readonly header: Locator;
  readonly payload: Locator;
  readonly browser: Locator;
  readonly server: Locator;
  readonly headline: Locator;
  readonly chain: Locator;
  readonly bounces: Locator;
  readonly answers: Locator;

  constructor(readonly page: Page) {
    this.token = page.locator(".token");
    this.header = page.getByRole("textbox", { name: "Header" });
    this.payload = page.getByRole("textbox", { name: "Payload" });
    this.browser = page.locator(".verdict", { hasText: "Your browser" });
    this.server = page.locator(".verdict", { hasText: "This server" });
    this.headline = page.locator(".headline");
    this.chain = page.getByRole("list", { name: "What happens" }).getByRole("listitem");
    this.bounces = page.getByRole("list", { name: "Requests", exact: true }).locator(":scope > li");
    this.answers = page.getByRole("list", { name: "Answers" }).getByRole("listitem");
  }

  /** Opens the page and waits until it is live and has its token. */
  async open(origin = ""): Promise<void> {
    await this.page.goto(`${origin}/lab`);
    await live(this.page);
    await expect(this.server).toContainText("200 OK");
  }

  part(title: string): Locator {
    return this.page.getByRole("region", { name: title, exact: true });
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole("button", { name: button }).click();
  }

  /** Replaces a part of the payload. */
  async retype(before: string, after: string): Promise<void> {
    const payload = await this.payload.inputValue();
    expect(payload).toContain(before);
    await this.payload.fill(payload.replace(before, after));
  }

  async call(count: number): Promise<void> {
    await this.page.getByRole("spinbutton", { name: "Calls at once" }).fill(String(count));
    await this.press("Expire the token, then call");
    const button = this.page.getByRole("button", { name: "Expire the token, then call" });
    await expect(button).toHaveAttribute("aria-busy", "false", { timeout: 20_000 });
    await expect(this.page.getByText("This is what has just happened.")).toBeVisible();
  }

  async replay(who: "owner" | "thief"): Promise<void> {
    await this.press(`Play: ${who} refreshes first`);
    await expect(this.page.getByText("The session is over, for both.")).toBeVisible({ timeout: 15_000 });
  }

  async forge(): Promise<void> {
    await this.press("Send the forgeries");
    await expect(this.page.getByText("7 bounced, 1 went through.")).toBeVisible();
  }

  async burst(): Promise<void> {
    await this.press("Send 9 in a row");
    await expect(this.page.getByText("429: the bucket is full.")).toBeVisible();
    await expect(this.answers).toHaveCount(9);
  }
}
