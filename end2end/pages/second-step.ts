import { type Locator, type Page, expect } from "@playwright/test";
import { App } from "../support/totp";

/** The second step of a sign-in. */
export class SecondStep {
  readonly code: Locator;
  readonly trust: Locator;
  readonly button: Locator;

  constructor(readonly page: Page) {
    this.code = page.getByLabel("Code", { exact: true });
    this.trust = page.getByRole("checkbox", { name: "Don't ask on this device for 30 days" });
    this.button = page.getByRole("button", { name: "Confirm", exact: true });
  }

  async isAsked(): Promise<void> {
    await expect(this.page.getByRole("heading", { level: 1 })).toHaveText("Two-step sign-in");
  }

  async submit(code: string): Promise<void> {
    await this.code.fill(code);
    await this.button.click();
  }
}

/** The page to add an authenticator app. */
export class Scan {
  readonly picture: Locator;
  readonly key: Locator;

  constructor(page: Page) {
    this.picture = page.getByRole("img", { name: "QR code" });
    this.key = page.locator(".key code");
  }

  /** The app, once the page shows the key. */
  async app(): Promise<App> {
    await expect(this.picture).toBeVisible();
    const key = await this.key.textContent();
    expect(key).toMatch(/^[A-Z2-7]{32}$/);
    return new App(key!);
  }
}

/** The page that shows recovery codes. */
export class RecoveryCodes {
  readonly list: Locator;
  readonly saved: Locator;

  constructor(readonly page: Page) {
    this.list = page.getByRole("main").getByRole("list").getByRole("listitem");
    this.saved = page.getByRole("button", { name: "I have saved them" });
  }

  async all(): Promise<string[]> {
    await expect(this.list).toHaveCount(10);
    const codes = await this.list.allTextContents();
    for (const code of codes) expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    return codes;
  }
}
