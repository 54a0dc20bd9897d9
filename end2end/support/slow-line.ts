// A line so slow that the browser draws each page several times while its HTML is still arriving.

import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as after } from "node:timers/promises";

/** Two to three frames: the browser draws what it has. */
const PIECE_EVERY_MS = 40;

/**
 * Where a piece ends: before each block of a page, so that a row or a panel is there whole or not at all; and in an
 * item of a list before its link's text.
 */
const PIECE = /(?=<(?:main|section|article|ol|ul|dl|li|table|footer)\b)|(?<=<li[^>]*><a[^>]*>)/;

/** Stands before a server. HTML passes in pieces, all else at once. */
export class SlowLine {
  private constructor(private readonly server: Server) {}

  static async before(origin: string): Promise<SlowLine> {
    const server = createServer((asked, answer) => pass(origin, asked, answer)).listen(0, "localhost");
    await once(server, "listening");
    return new SlowLine(server);
  }

  get origin(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

function pass(origin: string, asked: IncomingMessage, answer: ServerResponse): void {
  const headers = { ...asked.headers, host: new URL(origin).host };
  if (headers.origin) headers.origin = origin;
  const isPage = headers.accept?.startsWith("text/html");
  if (isPage) delete headers["accept-encoding"];
  const onward = request(origin + asked.url, { method: asked.method, headers }, (received) => {
    answer.writeHead(received.statusCode!, received.rawHeaders);
    if (isPage) inPieces(received, answer).catch(() => answer.destroy());
    else received.pipe(answer);
  });
  // A page that is left breaks off its requests.
  onward.on("error", () => answer.destroy());
  answer.on("close", () => onward.destroy());
  asked.pipe(onward);
}

async function inPieces(received: IncomingMessage, answer: ServerResponse): Promise<void> {
  for (const piece of (await text(received)).split(PIECE)) {
    answer.write(piece);
    await after(PIECE_EVERY_MS);
  }
  answer.end();
}
