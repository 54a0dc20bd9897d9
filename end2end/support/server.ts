// One Freshkey server as a person would run it: the release binary, a free port, and a data
// folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Secrets } from "./secrets";

export type Settings = Record<string, string>;

const TARGET = resolve(import.meta.dirname, "../../target");
const BINARY = resolve(process.env.FRESHKEY_BIN ?? join(TARGET, "release/freshkey"));
const SITE = resolve(process.env.LEPTOS_SITE_ROOT ?? join(TARGET, "site"));

// In-flight requests get 10 s; what takes longer hangs.
const PATIENCE_MS = 12_000;

export class Server {
  /** What this server handed out or was told, and what its log must not hold. */
  readonly secrets = new Secrets();
  origin = "";
  log = "";
  private process?: ChildProcess;

  private constructor(
    private readonly settings: Settings,
    private readonly folder: string,
  ) {}

  static async start(settings: Settings = {}): Promise<Server> {
    const server = new Server(settings, await mkdtemp(join(tmpdir(), "freshkey-")));
    await server.launch("127.0.0.1:0");
    return server;
  }

  /** Stops as an operator would, and insists on a clean end. */
  async stop(): Promise<void> {
    const child = this.process!;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the server had ended by itself (${child.exitCode ?? child.signalCode}):\n${this.log}`);
    }
    const ended = once(child, "exit");
    const overdue = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    child.kill("SIGTERM");
    const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
    clearTimeout(overdue);
    if (code !== 0)
      throw new Error(`SIGTERM: exit ${code}, signal ${signal}, instead of exit 0:\n${this.log}`);
  }

  /** Starts again where it was: same port, same data. */
  async start(): Promise<void> {
    await this.launch(new URL(this.origin).host.replace("localhost", "127.0.0.1"));
  }

  /** One of the operator's commands, on this server's data. */
  async command(...words: string[]): Promise<void> {
    const env = { PATH: process.env.PATH, FRESHKEY_DATA_DIR: join(this.folder, "data") };
    const child = spawn(BINARY, words, { cwd: this.folder, env, stdio: "ignore" });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`freshkey ${words.join(" ")}: exit ${code}`);
  }

  /** Stops, and leaves nothing behind. */
  async end(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  private launch(address: string): Promise<void> {
    // Nothing of the tester's own settings may leak in, so the environment is built anew.
    const env = {
      PATH: process.env.PATH,
      LEPTOS_SITE_ROOT: SITE,
      LEPTOS_SITE_ADDR: address,
      FRESHKEY_DATA_DIR: join(this.folder, "data"),
      ...this.settings,
    };
    const child = spawn(BINARY, [], { cwd: this.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    this.process = child;
    return new Promise((ready, failed) => {
      let stdout = "";
      child.on("error", failed);
      child.on("exit", (code) =>
        failed(new Error(`the server ended with ${code} at its start:\n${this.log}`)),
      );
      child.stderr.on("data", (chunk) => {
        this.log += chunk;
      });
      child.stdout.on("data", (chunk) => {
        this.log += chunk;
        stdout += chunk;
        const url = /https?:\/\/[^\s"/;]+(?=.*\n)/.exec(stdout)?.[0];
        if (!url) return;
        this.origin = url;
        ready();
      });
    });
  }
}
