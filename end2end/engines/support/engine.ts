// A browser engine behind its W3C driver: what all engines share.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { Builder, type WebDriver } from "selenium-webdriver";
import { Command } from "selenium-webdriver/lib/command.js";

export abstract class Engine {
  private readonly children: ChildProcess[] = [];
  private folder = "";
  private port = 0;

  /** The driver's command line, with the port to listen on. */
  protected abstract command(port: number): Promise<[program: string, ...options: string[]]>;
  protected abstract readonly capabilities: object;

  /** The console errors of the last browser's pages. */
  abstract complaints(driver: WebDriver): Promise<string[]>;

  /** Listens to the page's console, if the driver does not do so by itself. */
  listen(driver: WebDriver): Promise<void> {
    return Promise.resolve(void driver);
  }

  /** Resizes the page, or starts to. */
  abstract resize(driver: WebDriver, width: number, height: number): Promise<void>;

  /** Adds a virtual authenticator that keeps passkeys and always confirms the right user. */
  async plugIn(driver: WebDriver): Promise<void> {
    const device = {
      protocol: "ctap2",
      transport: "usb",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserConsenting: true,
      isUserVerified: true,
    };
    await driver.execute(new Command("addVirtualAuthenticator").setParameters(device));
  }

  /** Prepares what the driver needs and returns its environment variables. */
  protected prepare(folder: string): Promise<NodeJS.ProcessEnv> {
    return Promise.resolve({ HOME: folder });
  }

  async start(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "engine-"));
    const env = { ...process.env, ...(await this.prepare(this.folder)) };
    this.port = await freePort();
    const [program, ...options] = await this.command(this.port);
    this.keep(spawn(program, options, { env, stdio: "ignore" }));
    await expect(() => answers(this.port), `${program} is ready`).toPass();
  }

  /** A new browser that shares nothing with the last one. */
  open(): Promise<WebDriver> {
    const builder = new Builder().usingServer(`http://127.0.0.1:${this.port}`);
    return builder.withCapabilities(this.capabilities).build();
  }

  async end(): Promise<void> {
    for (const child of this.children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill();
      await once(child, "exit");
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Registers a process to end with the engine. */
  protected keep(child: ChildProcess): ChildProcess {
    this.children.push(child);
    return child;
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function answers(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
}
