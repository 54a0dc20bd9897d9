// What a person does in a browser. Each step waits for what it needs.

import { expect } from "@playwright/test";
import { By, type WebDriver, type WebElement } from "selenium-webdriver";
import type { Person } from "../../support/people";
import type { Engine } from "./engine";

export const button = (name: string) => By.xpath(`//button[normalize-space(.)="${name}"]`);
export const link = (name: string) => By.xpath(`//a[normalize-space(.)="${name}"]`);
export const field = (label: string) => By.xpath(`//*[@id = //label[normalize-space(.)="${label}"]/@for]`);
export const css = (selector: string) => By.css(selector);

/** Typing a code takes several commands, and each some seconds on a machine that is busy. */
export const TYPING_MS = 15_000;

export class Tab {
  constructor(
    private readonly engine: Engine,
    private readonly origin: string,
  ) {}

  get driver(): WebDriver {
    return this.engine.driver;
  }

  /** Opens the page and waits until it is live. */
  async open(path: string): Promise<void> {
    await this.driver.get(this.origin + path);
    await this.live();
  }

  async reload(): Promise<void> {
    await this.driver.navigate().refresh();
    await this.live();
  }

  async live(): Promise<void> {
    await expect(async () => {
      expect(await this.driver.findElements(css("body[data-hydrated]"))).toHaveLength(1);
    }, "the page is live").toPass();
    await this.engine.listen();
  }

  /** The element, once it is visible. */
  async see(what: By): Promise<WebElement> {
    let seen: WebElement | undefined;
    await expect(async () => {
      seen = await this.driver.findElement(what);
      expect(await seen.isDisplayed()).toBe(true);
    }, `${what.toString()} is to be seen`).toPass();
    return seen!;
  }

  /** Presses it in the middle of the window: Firefox loses a press on the last row of pixels. */
  async press(what: By): Promise<void> {
    await expect(async () => {
      const target = await this.driver.findElement(what);
      await this.driver.executeScript(
        "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })",
        target,
      );
      await target.click();
    }, `${what.toString()} can be pressed`).toPass();
  }

  async fill(label: string, text: string): Promise<void> {
    const input = await this.see(field(label));
    await input.clear();
    await input.sendKeys(text);
  }

  async reads(what: By, text: string | RegExp): Promise<void> {
    await expect(async () => {
      const words = await (await this.driver.findElement(what)).getText();
      if (typeof text === "string") expect(words).toContain(text);
      else expect(words).toMatch(text);
    }, what.toString()).toPass();
  }

  async isAt(path: string): Promise<void> {
    await expect(async () => {
      expect(new URL(await this.driver.getCurrentUrl()).pathname).toBe(path);
    }, `it is at ${path}`).toPass();
  }

  async hasFocus(label: string): Promise<void> {
    await expect(async () => {
      const id = await (await this.driver.findElement(field(label))).getAttribute("id");
      expect(await this.run("return document.activeElement.id")).toBe(id);
    }, `${label} has the focus`).toPass();
  }

  /** Signs in from the start and arrives at the dashboard. */
  async signIn({ email, password }: Person): Promise<void> {
    await this.open("/login");
    await this.fill("Email", email);
    await this.fill("Password", password);
    await this.press(button("Sign in"));
    await this.isAt("/app");
    await this.reads(css("main"), email);
  }

  /** Gives the page this size, not counting the browser's own frame. */
  async resize(width: number, height: number): Promise<void> {
    await expect(async () => {
      await this.engine.resize(width, height);
      expect(await this.run("return [innerWidth, innerHeight]")).toEqual([width, height]);
    }, `the page is ${width} × ${height}`).toPass();
  }

  run<T>(script: string): Promise<T> {
    return this.driver.executeScript<T>(script);
  }
}
