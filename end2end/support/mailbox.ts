// The emails that the server has sent, from its development mailbox (`FRESHKEY_MAIL=dev`).

import { expect } from "@playwright/test";
import type { Person } from "./people";
import type { Server } from "./server";

export interface Email {
  id: string;
  to: string;
  kind: string;
  subject: string;
  text: string;
  html: string;
}

export class Mailbox {
  constructor(private readonly server: Server) {}

  /** Every email to the address, newest first. */
  async all(to: string): Promise<Email[]> {
    const answer = await fetch(`${this.server.origin}/dev/mailbox`, {
      headers: { accept: "application/json" },
    });
    const emails = (await answer.json()) as Email[];
    return emails.filter((email) => email.to === to);
  }

  /** The newest email of this kind, once there are `count` of them. */
  async email(to: string, kind: string, count = 1): Promise<Email> {
    let found: Email[] = [];
    await expect
      .poll(async () => {
        found = (await this.all(to)).filter((email) => email.kind === kind);
        return found.length;
      }, `emails of the kind ${kind}`)
      .toBe(count);
    return found[0]!;
  }

  /** Creates an account as a program does: registers, and sends the code. */
  async register(person: Person): Promise<void> {
    const post = (path: string, body: object, cookie = "") =>
      fetch(this.server.origin + path, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json", cookie },
        body: JSON.stringify(body),
      });
    const asked = await post("/api/register", person);
    expect(asked.status, "a code is asked for").toBe(202);
    const cookie = asked.headers
      .getSetCookie()
      .find((line) => line.startsWith("pending="))!
      .split(";")[0]!;
    const code = this.code(await this.email(person.email, "register"));
    expect((await post("/api/register/confirm", { code }, cookie)).status, "the account is made").toBe(201);
  }

  /** The code in an email; the log must not contain it. */
  code(email: Email): string {
    const code = email.subject.replace(/\D/g, "");
    expect(code).toMatch(/^\d{8}$/);
    this.server.secrets.keep("a code", code);
    return code;
  }

  /** The link in an email, on a line of its own. */
  link(email: Email): string {
    const line = email.text.split("\n").find((line) => line.trim().startsWith(this.server.origin));
    return line!.trim();
  }

  /** The link that says "it was not me". */
  undo(email: Email): string {
    return email.text
      .split("\n")
      .find((line) => line.includes("/secure?t="))!
      .trim();
  }
}
