// The watch over every browser of a test. Whatever the test itself looks at, these hold: nothing
// in the console, no request to another site, and no secret in a URL or in the server's log.

import type { BrowserContext, ConsoleMessage, Response } from "@playwright/test";
import { refreshCookie } from "./secrets";
import type { Server } from "./server";

const COMPLAINTS = ["error", "warning", "assert"];
const HANDS_OUT_TOKENS = /\/api\/(login|register|refresh-token)$/;

export class Watch {
  private readonly noticed: string[] = [];
  private readonly urls = new Set<string>();
  private readonly lessons: Promise<void>[] = [];
  private readonly declared: RegExp[] = [];
  private readonly origins: Set<string>;

  constructor(private readonly server: Server) {
    this.origins = new Set([server.origin]);
  }

  /** The test provokes these answers: Chromium prints a line for each of them. */
  expectStatus(...statuses: number[]): void {
    for (const status of statuses) {
      this.declared.push(
        new RegExp(`Failed to load resource: the server responded with a status of ${status}\\b`),
      );
    }
  }

  /** The test takes the network away. */
  expectNoNetwork(): void {
    this.declared.push(/Failed to load resource: net::ERR_\w+/);
  }

  expectMessage(message: RegExp): void {
    this.declared.push(message);
  }

  /** The test has a site of its own beside Freshkey's. */
  expectOrigin(origin: string): void {
    this.origins.add(origin);
  }

  over(context: BrowserContext, runsScripts = true): void {
    // What is preloaded for the client is of no use without it, as Chromium says where a page stays open for a while.
    if (!runsScripts) this.declared.push(/ was preloaded using link preload but not used /);
    context.on("console", (message) => this.hear(message));
    context.on("weberror", (error) => this.noticed.push(`uncaught: ${error.error().stack ?? error.error()}`));
    context.on("request", (request) => this.urls.add(request.url()));
    context.on("response", (response) => this.lessons.push(this.learn(response).catch(() => {})));
  }

  /** Reads what is still to be read from answers; before their context closes. */
  async settle(): Promise<void> {
    await Promise.all(this.lessons);
  }

  /** What went wrong without anybody looking. */
  verdict(): string[] {
    const complaints = this.noticed.filter((line) => !this.declared.some((pattern) => pattern.test(line)));
    const urls = [...this.urls];
    const strangers = urls.filter(
      (url) => /^(https?|wss?):/.test(url) && !this.origins.has(new URL(url).origin),
    );
    return [
      ...complaints,
      ...strangers.map((url) => `a request to another site: ${url}`),
      ...this.server.secrets.in(urls.join("\n")).map((kind) => `in a URL: ${kind}`),
      ...this.server.secrets.in(this.server.log).map((kind) => `in the server's log: ${kind}`),
    ];
  }

  private hear(message: ConsoleMessage): void {
    if (!COMPLAINTS.includes(message.type())) return;
    this.noticed.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  }

  private async learn(response: Response): Promise<void> {
    const { secrets } = this.server;
    if (!HANDS_OUT_TOKENS.test(new URL(response.url()).pathname)) return;
    const headers = await response.headersArray();
    const cookies = headers.filter(({ name }) => name.toLowerCase() === "set-cookie");
    secrets.keep("a refresh token", refreshCookie(cookies.map(({ value }) => value)));
    // A form without WASM is answered by a redirect, which has no body to read.
    const body = (await response.json()) as Record<string, string>;
    secrets.keep("an access token", body.access_token);
    secrets.keep("a CSRF token", body.csrf_token);
  }
}
