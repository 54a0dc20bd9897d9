import { randomUUID } from "node:crypto";

/**
 * An answer as the server would give it, with a request id. Without one, the client does not accept it as the
 * server's.
 */
export function serverAnswer(status: number, json: object, headers: Record<string, string> = {}) {
  return { status, json, headers: { "x-request-id": randomUUID().replaceAll("-", ""), ...headers } };
}
