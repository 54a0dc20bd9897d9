// A person whose account has two-step sign-in, set up by API calls.

import { expect } from "@playwright/test";
import type { Person } from "./people";
import type { Server } from "./server";
import { App } from "./totp";

export interface Protected {
  app: App;
  recoveryCodes: string[];
}

export async function protect(server: Server, { email, password }: Person): Promise<Protected> {
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(server.origin + path, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", ...headers },
      body: JSON.stringify(body),
    });
    expect(answer.ok, `${path}: ${answer.status}`).toBe(true);
    return (await answer.json()) as Record<string, string> & { recovery_codes: string[] };
  };
  const session = await post("/api/login", { email, password });
  const headers = { authorization: `Bearer ${session.access_token}`, "x-csrf-token": session.csrf_token! };
  const { id, secret } = await post("/api/factors/totp", {}, headers);
  server.secrets.keep("a seed", secret);
  const app = new App(secret!);
  const { recovery_codes: recoveryCodes } = await post(
    "/api/factors/totp/confirm",
    { id, code: await app.code() },
    headers,
  );
  for (const code of recoveryCodes) server.secrets.keep("a recovery code", code);
  return { app, recoveryCodes };
}
