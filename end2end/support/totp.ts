// An authenticator app (RFC 6238), as on a phone.

import { createHmac } from "node:crypto";
import { setTimeout } from "node:timers/promises";

const STEP_MS = 30_000;
// The server accepts a code from 10 s before its 30 s begin until 20 s after they end; one second of that is for clocks.
const [EARLY_MS, LATE_MS] = [9_000, 20_000];

/** The bytes of a base32 text (RFC 4648). */
function decoded(base32: string): Buffer {
  const bits = [...base32].map((letter) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
  );
  return Buffer.from(
    bits
      .join("")
      .match(/.{8}/g)!
      .map((byte) => parseInt(byte, 2)),
  );
}

export class App {
  private last = 0;

  constructor(private readonly secret: string) {}

  /** The code at this time. */
  at(ms: number): string {
    return this.of(Math.floor(ms / STEP_MS));
  }

  /**
   * A code that was not used yet, and stays valid for the time that typing takes. Each works once; the next one is only
   * valid later.
   */
  async code(typingMs = 1_000): Promise<string> {
    const oldest = Math.ceil((Date.now() + typingMs - LATE_MS) / STEP_MS) - 1;
    this.last = Math.max(this.last + 1, oldest);
    const begins = this.last * STEP_MS - EARLY_MS;
    await setTimeout(Math.max(0, begins - Date.now()));
    return this.of(this.last);
  }

  private of(step: number): string {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac("sha1", decoded(this.secret)).update(counter).digest();
    const code = mac.readUInt32BE(mac.at(-1)! & 15) & 0x7fff_ffff;
    return String(code % 1_000_000).padStart(6, "0");
  }
}
