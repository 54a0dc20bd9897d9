// Another site than Freshkey's; it shows one page at a time, written by the attacker.

import { once } from "node:events";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export class ForeignSite {
  private html = "";

  private constructor(
    private readonly server: Server,
    private readonly host: string,
  ) {
    server.on("request", (_, answer) => answer.setHeader("content-type", "text/html").end(this.html));
  }

  /** `localhost` is the same site as Freshkey's with another origin; `127.0.0.1` is another site. */
  static async open(host: "localhost" | "127.0.0.1"): Promise<ForeignSite> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ForeignSite(server, host);
  }

  get origin(): string {
    return `http://${this.host}:${(this.server.address() as AddressInfo).port}`;
  }

  /** The page that this site shows from now on. */
  shows(body: string): void {
    this.html = `<!doctype html><title>A nice page</title><link rel="icon" href="data:,">${body}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}
