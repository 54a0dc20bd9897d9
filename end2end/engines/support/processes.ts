// The processes of one try to open a browser. Each leads a process group: what a process starts ends with it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { within } from "./limit";

// The last characters of what they wrote go into an error message.
const SHOWN = 1000;
const END_SECONDS = 5;

export class Processes {
  private readonly leaders: ChildProcess[] = [];
  private written = "";
  private over = false;

  constructor() {
    process.on("exit", this.kill);
  }

  get log(): string {
    return this.written.slice(-SHOWN).trim();
  }

  start(program: string, options: string[], env: NodeJS.ProcessEnv): ChildProcess {
    if (this.over) throw new Error(`${program} comes too late`);
    const stdio = ["ignore", "pipe", "pipe", "pipe"] as const;
    const child = spawn(program, options, { env, stdio: [...stdio], detached: true });
    child.on("error", ({ message }) => (this.written += `${message}\n`));
    for (const stream of [child.stdout!, child.stderr!])
      stream.on("data", (chunk) => (this.written += String(chunk)));
    this.leaders.push(child);
    return child;
  }

  /** The first match in what the program writes to this file descriptor. */
  says(child: ChildProcess, pattern: RegExp, descriptor = 1): Promise<RegExpExecArray> {
    return new Promise((found, failed) => {
      let text = "";
      (child.stdio[descriptor] as Readable).on("data", (chunk) => {
        text += String(chunk);
        const match = pattern.exec(text);
        if (match) found(match);
      });
      child.on("error", failed);
      child.on("exit", () => failed(new Error(`${child.spawnfile} ended at its start`)));
    });
  }

  /** Ends them and everything that they started, the last first. */
  async end(): Promise<void> {
    this.over = true;
    for (const leader of this.leaders.toReversed()) {
      const ended = isRunning(leader) ? once(leader, "exit") : Promise.resolve([]);
      signal(leader, "SIGTERM");
      // What does not end by itself is killed.
      await within(END_SECONDS, leader.spawnfile, ended).catch(() => {});
      signal(leader, "SIGKILL");
      await ended;
    }
    process.off("exit", this.kill);
  }

  private readonly kill = (): void => {
    for (const leader of this.leaders) signal(leader, "SIGKILL");
  };
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch (error) {
    // The whole group has ended already.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
