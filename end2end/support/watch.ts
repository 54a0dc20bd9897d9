// The watch over every browser of a test. Whatever the test itself checks, these hold: no console message, no request
// to another site, and no secret in a URL or in the server's log.

import type { BrowserContext, ConsoleMessage, Request, Response } from "@playwright/test";
import { refreshCookie } from "./secrets";
import type { Server } from "./server";

const COMPLAINTS = ["error", "warning", "assert"];

export class Watch {
  private readonly noticed: string[] = [];
  private readonly urls = new Set<string>();
  private readonly lessons: Promise<void>[] = [];
  private readonly declared: RegExp[] = [];
  private readonly origins: Set<string>;

  constructor(private readonly server: Server) {
    this.origins = new Set([server.origin]);
  }

  /** Expects these statuses: Chromium logs a line for each such answer. */
  expectStatus(...statuses: number[]): void {
    for (const status of statuses) {
      this.declared.push(
        new RegExp(`Failed to load resource: the server responded with a status of ${status}\\b`),
      );
    }
  }

  /** Expects that the network is away. */
  expectNoNetwork(): void {
    this.declared.push(/Failed to load resource: net::ERR_\w+/);
  }

  expectMessage(message: RegExp): void {
    this.declared.push(message);
  }

  /** Expects requests to a site of the test's own. */
  expectOrigin(origin: string): void {
    this.origins.add(origin);
  }

  over(context: BrowserContext, runsScripts = true): void {
    // Files preloaded for the client are unused without it; Chromium says so if a page stays open for a while.
    if (!runsScripts) this.declared.push(/ was preloaded using link preload but not used /);
    context.on("console", (message) => this.hear(message));
    context.on("weberror", (error) => this.noticed.push(`uncaught: ${error.error().stack ?? error.error()}`));
    const underWay = new Set<Request>();
    context.on("request", (request) => {
      this.urls.add(request.url());
      underWay.add(request);
      if ([...underWay].some(isSignOut)) for (const other of underWay) this.declareVoid(other.url());
    });
    context.on("requestfinished", (request) => underWay.delete(request));
    context.on("requestfailed", (request) => underWay.delete(request));
    context.on("response", (response) => this.lessons.push(this.learn(response).catch(() => {})));
  }

  /** Finishes reading the answers, before their context closes. */
  async settle(): Promise<void> {
    await Promise.all(this.lessons);
  }

  /** The problems that the watch has found. */
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

  /** Signing out makes the server refuse calls under way; Chromium logs a line for each. */
  private declareVoid(url: string): void {
    const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    this.declared.push(new RegExp(`status of 40[13]\\b.*\\(${escaped}\\)$`));
  }

  private hear(message: ConsoleMessage): void {
    if (!COMPLAINTS.includes(message.type())) return;
    this.noticed.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  }

  private async learn(response: Response): Promise<void> {
    const { secrets } = this.server;
    if (!isPost(response.request(), /^\/api\//)) return;
    const headers = await response.headersArray();
    const cookies = headers.filter(({ name }) => name.toLowerCase() === "set-cookie");
    secrets.keep("a refresh token", refreshCookie(cookies.map(({ value }) => value)));
    // The answer to a form without WASM is a redirect, which has no body.
    const body = (await response.json()) as Record<string, string>;
    secrets.keep("an access token", body.access_token);
    secrets.keep("a CSRF token", body.csrf_token);
  }
}

function isPost(request: Request, path: RegExp): boolean {
  return request.method() === "POST" && path.test(new URL(request.url()).pathname);
}

function isSignOut(request: Request): boolean {
  return isPost(request, /^\/api\/logout$/);
}
