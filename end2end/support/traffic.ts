// One page's requests to the API, and its current access token.

import { type Page, type Request, type Response, type Route, expect } from "@playwright/test";
import type { Api } from "./api";
import { hold } from "./hold";

const REFRESH = "/api/refresh-token";
const NEEDS_NO_TOKEN = ["/api/login", "/api/register", "/api/logout", REFRESH];

export class Traffic {
  /** Every address of the page, client-side navigation included. */
  readonly visited: string[] = [];
  /** The statuses of its refreshes; 0 for an aborted one. */
  readonly answered: number[] = [];
  private sent: string[] = [];
  private token?: string;

  constructor(
    private readonly page: Page,
    private readonly api: Api,
  ) {
    page.on("request", (request) => this.sent.push(`${request.method()} ${path(request)}`));
    page.on("requestfailed", (request) => this.note(request, 0));
    page.on("response", (response) => void this.learn(response).catch(() => {}));
    page.on("framenavigated", (frame) => this.visited.push(new URL(frame.url()).pathname));
  }

  /** Starts counting here. */
  startCounting(): void {
    this.sent = [];
    this.answered.length = 0;
  }

  refreshes(): string[] {
    return this.sent.filter((call) => call === `POST ${REFRESH}`);
  }

  protectedCalls(to = "/api/"): string[] {
    const paths = this.sent.map((call) => call.split(" ")[1]!);
    return paths.filter((path) => path.startsWith(to) && !NEEDS_NO_TOKEN.includes(path));
  }

  /** The access token that the page received last. */
  async currentToken(): Promise<string> {
    await expect.poll(() => this.token, { message: "the page has a token" }).toBeDefined();
    return this.token!;
  }

  /** Whether the page itself received one; it may also have one from another tab. */
  get wasGivenToken(): boolean {
    return this.token !== undefined;
  }

  /** Waits until the server says that the page's token has expired. */
  async tokenRunsOut(): Promise<void> {
    const ask = async () => (await this.api.protected(await this.currentToken())).code;
    await expect.poll(ask, { message: "the token runs out", intervals: [100] }).toBe("TOKEN_EXPIRED");
  }

  /** Answers the page's next `times` refreshes itself; the server never sees them. */
  async answerRefresh(times: number, answer: Parameters<Route["fulfill"]>[0]): Promise<void> {
    await this.page.route(`**${REFRESH}`, (route) => route.fulfill(answer), { times });
  }

  /** Holds back the page's next refresh until it is released. */
  holdRefresh() {
    return hold(this.page, `**${REFRESH}`);
  }

  private note(request: Request, status: number): void {
    if (path(request) === REFRESH) this.answered.push(status);
  }

  private async learn(response: Response): Promise<void> {
    this.note(response.request(), response.status());
    if (!NEEDS_NO_TOKEN.includes(path(response.request())) || !response.ok()) return;
    const body = (await response.json()) as { access_token?: string };
    this.token = body.access_token ?? this.token;
  }
}

function path(request: Request): string {
  return new URL(request.url()).pathname;
}
