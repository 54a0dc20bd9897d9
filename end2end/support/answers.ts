import { randomUUID } from "node:crypto";

/** An answer as the server would give it: with a name. What has none did not come from the server. */
export function serverAnswer(status: number, json: object, headers: Record<string, string> = {}) {
  return { status, json, headers: { "x-request-id": randomUUID().replaceAll("-", ""), ...headers } };
}
