import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { WebDriver } from "selenium-webdriver";
import { Engine } from "./engine";

// WebKit's driver does not report the console, so each page records its errors itself, from hydration on.
const LISTEN = `
  if (window.listens) return;
  window.listens = true;
  const keep = (words) => sessionStorage.setItem("complaints",
    JSON.stringify([...JSON.parse(sessionStorage.getItem("complaints") ?? "[]"), words.map(String).join(" ")]));
  for (const level of ["error", "warn"]) {
    const print = console[level];
    console[level] = (...words) => { keep([level + ":", ...words]); print.apply(console, words); };
  }
  addEventListener("error", ({ message }) => keep(["uncaught:", message]));
  addEventListener("unhandledrejection", ({ reason }) => keep(["rejected:", reason]));
`;

export class WebKit extends Engine {
  protected readonly capabilities = { browserName: "MiniBrowser" };

  protected command(port: number): Promise<[string, ...string[]]> {
    return Promise.resolve([process.env.WEBKIT_DRIVER ?? "WebKitWebDriver", `--port=${port}`]);
  }

  protected override async prepare(folder: string): Promise<NodeJS.ProcessEnv> {
    // Otherwise the browser's buttons keep its window from being as narrow as a phone.
    await mkdir(join(folder, "gtk-3.0"));
    const small = "* { min-width: 0; margin: 0; padding: 0; border: 0; font-size: 4px; }";
    await writeFile(join(folder, "gtk-3.0/gtk.css"), small);
    return { HOME: folder, XDG_CONFIG_HOME: folder, DISPLAY: await this.screen() };
  }

  override async listen(driver: WebDriver): Promise<void> {
    await driver.executeScript(LISTEN);
  }

  async complaints(driver: WebDriver): Promise<string[]> {
    const kept = await driver.executeScript<string | null>('return sessionStorage.getItem("complaints")');
    return JSON.parse(kept ?? "[]") as string[];
  }

  async resize(driver: WebDriver, width: number, height: number): Promise<void> {
    const [wide, high] = await driver.executeScript<[number, number]>("return [innerWidth, innerHeight]");
    if (wide === width && high === height) return;
    const window = driver.manage().window();
    const around = await window.getRect();
    const size = { width: around.width - wide + width, height: around.height - high + height };
    await window.setRect({ x: 0, y: 0, ...size });
  }

  /** A virtual screen, as high as the longest page. */
  private async screen(): Promise<string> {
    const options = ["-displayfd", "3", "-screen", "0", "1300x16000x24", "-nolisten", "tcp"];
    const xvfb = this.keep(spawn("Xvfb", options, { stdio: ["ignore", "ignore", "ignore", "pipe"] }));
    const [number] = (await once(xvfb.stdio[3] as Readable, "data")) as [Buffer];
    return `:${number.toString().trim()}`;
  }
}
