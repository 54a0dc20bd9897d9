// A Freshkey server as an operator would run it: the release binary, a free port, and a data folder of its own.

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

// Requests in flight get 10 s to finish; after this time the server counts as hanging.
const PATIENCE_MS = 12_000;

export class Server {
  /** The secrets that this server handed out or received; its log must not contain them. */
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

  /** Stops the server as an operator would, and expects a clean exit. */
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

  /** Starts again with the same port and the same data. */
  async start(): Promise<void> {
    await this.launch(new URL(this.origin).host.replace("localhost", "127.0.0.1"));
  }

  /** Runs one of the operator's commands on this server's data. */
  async command(...words: string[]): Promise<void> {
    const env = { PATH: process.env.PATH, FRESHKEY_DATA_DIR: join(this.folder, "data") };
    const child = spawn(BINARY, words, { cwd: this.folder, env, stdio: "ignore" });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`freshkey ${words.join(" ")}: exit ${code}`);
  }

  /** Stops the server and removes its data. */
  async end(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  private launch(address: string): Promise<void> {
    // A new environment, so that the tester's own settings don't leak in.
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
