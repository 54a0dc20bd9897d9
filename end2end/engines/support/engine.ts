// A browser engine behind its W3C driver: what all engines share.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Builder, WebDriver } from "selenium-webdriver";
import { Command } from "selenium-webdriver/lib/command.js";
import { within } from "./limit";
import { Processes } from "./processes";

const TRIES = 3;
const OPEN_SECONDS = 40;
const COMMAND_SECONDS = 30;
// The browser's own limits end first: their errors say more.
const LIMITS = { pageLoad: 25_000, script: 15_000 };

/** A session whose commands don't wait without an end. */
export class Session extends WebDriver {
  override execute<T>(command: Command): Promise<T> {
    const work = super.execute(command) as Promise<unknown> as Promise<T>;
    return within(COMMAND_SECONDS, `the command ${command.getName()}`, work);
  }
}

export abstract class Engine {
  driver!: Session;
  private processes?: Processes;
  private folder = "";
  private authenticator?: string;

  protected abstract readonly name: string;

  /** Starts the driver and a browser, which keep their files in the folder. */
  protected abstract launch(processes: Processes, folder: string): Promise<Session>;

  /** The console errors of the pages since the browser was emptied. */
  abstract complaints(): Promise<string[]>;

  /** Listens to the page's console, if the driver does not do so by itself. */
  listen(): Promise<void> {
    return Promise.resolve();
  }

  /** Resizes the page, or starts to. */
  abstract resize(width: number, height: number): Promise<void>;

  /**
   * Opens a browser. One that does not open in time is ended with its driver, and new ones get a try: a driver whose
   * browser ends at its start never answers.
   */
  async open(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const begun = Date.now();
      this.folder = await mkdtemp(join(tmpdir(), "engine-"));
      const processes = (this.processes = new Processes());
      try {
        this.driver = await within(OPEN_SECONDS, "opening", this.launch(processes, this.folder));
        console.log(`${this.name}: open after ${((Date.now() - begun) / 1000).toFixed(1)} s`);
        return;
      } catch (error) {
        await this.end();
        const why = `${this.name} did not open, try ${attempt} of ${TRIES}: ${String(error)}\n${processes.log}`;
        if (attempt === TRIES) throw new Error(why, { cause: error });
        console.log(why);
      }
    }
  }

  /** Deletes the cookies of the origin; no page of it is open. */
  protected abstract deleteCookies(origin: string): Promise<void>;

  /** Empties the browser for the next test. One that does not answer any more is replaced by a new one. */
  async renew(origin: string): Promise<void> {
    try {
      await this.empty(origin);
    } catch (error) {
      console.log(`${this.name} is opened again, it could not be emptied: ${String(error)}`);
      this.authenticator = undefined;
      await this.end();
      await this.open();
    }
  }

  /** Leaves one empty tab, and nothing of what the pages of the origin have stored; one of them is open. */
  protected async empty(origin: string): Promise<void> {
    const { driver } = this;
    await this.unplug();
    await driver.executeScript("localStorage.clear()");
    const old = await driver.getAllWindowHandles();
    await driver.switchTo().newWindow("tab");
    const tab = await driver.getWindowHandle();
    for (const handle of old) {
      await driver.switchTo().window(handle);
      await driver.close();
    }
    await driver.switchTo().window(tab);
    await this.deleteCookies(origin);
  }

  /** Adds a virtual authenticator that keeps passkeys and always confirms the right user. */
  async plugIn(): Promise<void> {
    const device = {
      protocol: "ctap2",
      transport: "usb",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserConsenting: true,
      isUserVerified: true,
    };
    this.authenticator = await this.driver.execute(
      new Command("addVirtualAuthenticator").setParameters(device),
    );
  }

  async end(): Promise<void> {
    await this.processes?.end();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A session of the driver that listens on this port. */
  protected async session(port: number | string, capabilities: object): Promise<Session> {
    const builder = new Builder().disableEnvironmentOverrides().usingServer(`http://127.0.0.1:${port}`);
    const driver = builder.withCapabilities({ timeouts: LIMITS, ...capabilities }).build();
    return new Session(await driver.getSession(), driver.getExecutor());
  }

  private async unplug(): Promise<void> {
    if (!this.authenticator) return;
    const parameters = { authenticatorId: this.authenticator };
    await this.driver.execute(new Command("removeVirtualAuthenticator").setParameters(parameters));
    this.authenticator = undefined;
  }
}
