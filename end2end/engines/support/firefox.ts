import { Engine, type Session } from "./engine";
import type { Processes } from "./processes";

interface LogEntry {
  level: string;
  text: string;
}

const CAPABILITIES = {
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

/** What Firefox says when a test leaves a page that still loads something. */
const LEFT = "AbortError: The operation was aborted. ";

export class Firefox extends Engine {
  protected readonly name = "Firefox";
  private noticed: string[] = [];

  protected async launch(processes: Processes, folder: string): Promise<Session> {
    const env = { ...process.env, HOME: folder, TMPDIR: folder };
    // Both ports are free ones that the programs choose themselves: nobody can take them before.
    const options = ["--port", "0", "--websocket-port", "0"];
    const child = processes.start(process.env.GECKODRIVER ?? "geckodriver", options, env);
    const [, port] = await processes.says(child, /Listening on 127\.0\.0\.1:(\d+)/);
    const driver = await this.session(port!, CAPABILITIES);
    const bidi = await driver.getBidi();
    bidi.on("log.entryAdded", ({ level, text }: LogEntry) => {
      if ((level === "error" || level === "warn") && text !== LEFT) this.noticed.push(`${level}: ${text}`);
    });
    await bidi.subscribe("log.entryAdded");
    return driver;
  }

  override async renew(origin: string): Promise<void> {
    await super.renew(origin);
    this.noticed = [];
  }

  complaints(): Promise<string[]> {
    return Promise.resolve(this.noticed);
  }

  protected async deleteCookies(): Promise<void> {
    await (await this.driver.getBidi()).send({ method: "storage.deleteCookies", params: {} });
  }

  /** Firefox's window can't be as narrow as a phone, but its viewport can. */
  async resize(width: number, height: number): Promise<void> {
    const context = await this.driver.getWindowHandle();
    const params = { context, viewport: { width, height } };
    await (await this.driver.getBidi()).send({ method: "browsingContext.setViewport", params });
  }
}
