import { randomUUID } from "node:crypto";

/**
 * An answer as the server would give it, with a request id. The client takes an answer without one for somebody
 * else's.
 */
export function serverAnswer(status: number, json: object, headers: Record<string, string> = {}) {
  return { status, json, headers: { "x-request-id": randomUUID().replaceAll("-", ""), ...headers } };
}
