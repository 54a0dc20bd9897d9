// The API without a browser: no cookie jar, and only the given headers. Programs use it like this, and attackers.

import type { Person } from "./people";
import { refreshCookie } from "./secrets";
import type { Server } from "./server";

export interface Answer {
  status: number;
  code?: string;
  reason?: string;
  token?: string;
  /** The new refresh cookie; undefined if the answer does not set it. */
  cookie?: string;
  headers: Headers;
}

interface Credentials {
  token?: string;
  cookie?: string;
}

export class Api {
  constructor(private readonly server: Server) {}

  register(person: Person): Promise<Answer> {
    return this.send("POST", "/api/register", {}, { ...person });
  }

  login({ email, password }: Person): Promise<Answer> {
    return this.send("POST", "/api/login", {}, { email, password });
  }

  refresh(cookie: string): Promise<Answer> {
    return this.send("POST", "/api/refresh-token", { cookie });
  }

  protected(token: string): Promise<Answer> {
    return this.send("GET", "/api/protected", { token });
  }

  /** A page as the server renders it for a browser with this cookie. */
  page(path: string, cookie?: string): Promise<Response> {
    const headers = { accept: "text/html", ...(cookie && { cookie: `refresh=${cookie}` }) };
    return fetch(this.server.origin + path, { headers, redirect: "manual" });
  }

  private async send(
    method: string,
    path: string,
    { token, cookie }: Credentials,
    json?: object,
  ): Promise<Answer> {
    const response = await fetch(this.server.origin + path, {
      method,
      headers: {
        accept: "application/json",
        ...(token && { authorization: `Bearer ${token}` }),
        ...(cookie && { cookie: `refresh=${cookie}` }),
        ...(json && { "content-type": "application/json" }),
      },
      body: json && JSON.stringify(json),
    });
    const body = (await response.json().catch(() => ({}))) as Record<string, string>;
    const answer: Answer = {
      status: response.status,
      code: body.code,
      reason: body.reason,
      token: body.access_token,
      cookie: refreshCookie(response.headers.getSetCookie()),
      headers: response.headers,
    };
    this.server.secrets.keep("an access token", answer.token);
    this.server.secrets.keep("a refresh token", answer.cookie);
    return answer;
  }
}
