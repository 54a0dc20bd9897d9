import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { Engine, type Session } from "./engine";
import type { Processes } from "./processes";

// WebKit's driver does not report the console, so each page records its errors itself, from hydration on until a test
// leaves it: that breaks off what it still loads.
const LISTEN = `
  if (window.listens) return;
  window.listens = true;
  let left = false;
  addEventListener("beforeunload", () => (left = true));
  const keep = (words) => left || sessionStorage.setItem("complaints",
    JSON.stringify([...JSON.parse(sessionStorage.getItem("complaints") ?? "[]"), words.map(String).join(" ")]));
  for (const level of ["error", "warn"]) {
    const print = console[level];
    console[level] = (...words) => { keep([level + ":", ...words]); print.apply(console, words); };
  }
  addEventListener("error", ({ message }) => keep(["uncaught:", message]));
  addEventListener("unhandledrejection", ({ reason }) => keep(["rejected:", reason]));
`;

export class WebKit extends Engine {
  protected readonly name = "WebKitGTK";

  protected async launch(processes: Processes, folder: string): Promise<Session> {
    // Otherwise the browser's buttons keep its window from being as narrow as a phone.
    await mkdir(join(folder, "gtk-3.0"));
    const small = "* { min-width: 0; margin: 0; padding: 0; border: 0; font-size: 4px; }";
    await writeFile(join(folder, "gtk-3.0/gtk.css"), small);
    const env = {
      ...process.env,
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      DISPLAY: await screen(processes),
      // The desktop of the person who runs the tests takes no part.
      GDK_BACKEND: "x11",
      NO_AT_BRIDGE: "1",
      DBUS_SESSION_BUS_ADDRESS: "disabled:",
    };
    const port = await freePort();
    processes.start(process.env.WEBKIT_DRIVER ?? "WebKitWebDriver", [`--port=${port}`], env);
    await expect(async () => {
      expect((await fetch(`http://127.0.0.1:${port}/status`)).ok).toBe(true);
    }, "the driver is ready").toPass({ intervals: [50] });
    return this.session(port, { browserName: "MiniBrowser" });
  }

  override async listen(): Promise<void> {
    await this.driver.executeScript(LISTEN);
  }

  async complaints(): Promise<string[]> {
    const kept = await this.driver.executeScript<string | null>(
      'return sessionStorage.getItem("complaints")',
    );
    return JSON.parse(kept ?? "[]") as string[];
  }

  protected async deleteCookies(origin: string): Promise<void> {
    await this.driver.get(`${origin}/favicon.svg`);
    await this.driver.manage().deleteAllCookies();
  }

  async resize(width: number, height: number): Promise<void> {
    const [wide, high] = await this.driver.executeScript<[number, number]>(
      "return [innerWidth, innerHeight]",
    );
    if (wide === width && high === height) return;
    const window = this.driver.manage().window();
    const around = await window.getRect();
    const size = { width: around.width - wide + width, height: around.height - high + height };
    await window.setRect({ x: 0, y: 0, ...size });
  }
}

/**
 * A virtual screen, as high as the longest page. It must not reset when its last window closes: a browser that starts
 * meanwhile can't connect, ends, and leaves its driver waiting for ever.
 */
async function screen(processes: Processes): Promise<string> {
  const options = ["-displayfd", "3", "-screen", "0", "1300x16000x24", "-nolisten", "tcp", "-noreset"];
  const xvfb = processes.start("Xvfb", options, process.env);
  const [, number] = await processes.says(xvfb, /(\d+)\n/, 3);
  return `:${number}`;
}

/** A port for the driver, which can't choose one itself. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
