import type { WebDriver } from "selenium-webdriver";
import { Engine, freePort } from "./engine";

interface LogEntry {
  level: string;
  text: string;
}

export class Firefox extends Engine {
  private noticed: string[] = [];

  protected readonly capabilities = {
    browserName: "firefox",
    webSocketUrl: true,
    "moz:firefoxOptions": {
      args: ["-headless"],
      // Passkeys come from the virtual authenticator, not from a device plugged in here.
      prefs: {
        "ui.systemUsesDarkTheme": 0,
        "security.webauth.webauthn_enable_usbtoken": false,
        "security.webauth.webauthn_enable_softtoken": true,
      },
      ...(process.env.FRESHKEY_FIREFOX && { binary: process.env.FRESHKEY_FIREFOX }),
    },
  };

  protected async command(port: number): Promise<[string, ...string[]]> {
    const options = ["--port", `${port}`, "--websocket-port", `${await freePort()}`];
    return [process.env.GECKODRIVER ?? "geckodriver", ...options];
  }

  override async open(): Promise<WebDriver> {
    const noticed: string[] = (this.noticed = []);
    const driver = await super.open();
    const bidi = await driver.getBidi();
    bidi.on("log.entryAdded", ({ level, text }: LogEntry) => {
      if (level === "error" || level === "warn") noticed.push(`${level}: ${text}`);
    });
    await bidi.subscribe("log.entryAdded");
    return driver;
  }

  complaints(): Promise<string[]> {
    return Promise.resolve(this.noticed);
  }

  /** Firefox's window can't be as narrow as a phone, but its viewport can. */
  async resize(driver: WebDriver, width: number, height: number): Promise<void> {
    const context = await driver.getWindowHandle();
    const params = { context, viewport: { width, height } };
    await (await driver.getBidi()).send({ method: "browsingContext.setViewport", params });
  }
}
