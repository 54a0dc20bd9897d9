// A browser as people use it: one tab is in front, and a tab in the background can be frozen. In Playwright's own
// browser every tab is always in front, and Chromium never freezes those.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type LaunchOptions, type Page, chromium } from "@playwright/test";

export class PlainBrowser {
  private constructor(
    readonly context: BrowserContext,
    private readonly quit: () => Promise<void>,
  ) {}

  static async open({ executablePath, args = [] }: LaunchOptions): Promise<PlainBrowser> {
    const folder = await mkdtemp(join(tmpdir(), "browser-"));
    const own = ["--headless", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${folder}`];
    const child = spawn(executablePath ?? chromium.executablePath(), [...args, ...own, "about:blank"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const address = await new Promise<string>((ready, failed) => {
      let said = "";
      child.on("error", failed);
      child.on("exit", () => failed(new Error(`the browser ended at its start:\n${said}`)));
      child.stderr.on("data", (chunk) => {
        said += chunk;
        const url = /ws:\/\/\S+/.exec(said)?.[0];
        if (url) ready(url);
      });
    });
    const browser = await chromium.connectOverCDP(address, { noDefaults: true });
    return new PlainBrowser(browser.contexts()[0]!, async () => {
      await browser.close();
      if (child.exitCode === null && child.signalCode === null) {
        child.kill();
        await once(child, "exit");
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });
  }

  /** Stops the tab's timers. Chromium still delivers other tabs' messages to it. */
  async freeze(tab: Page): Promise<void> {
    await this.live(tab, "frozen");
  }

  /** Resumes the tab and brings it to the front. */
  async thaw(tab: Page): Promise<void> {
    await this.live(tab, "active");
    await tab.bringToFront();
  }

  close(): Promise<void> {
    return this.quit();
  }

  private async live(tab: Page, state: "frozen" | "active"): Promise<void> {
    const devtools = await this.context.newCDPSession(tab);
    await devtools.send("Page.setWebLifecycleState", { state });
    await devtools.detach();
  }
}
