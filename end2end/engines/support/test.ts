// `test` for the other engines: a server and a driver per worker, a browser per test.

import { test as base, expect } from "@playwright/test";
import { Mailbox } from "../../support/mailbox";
import { type Person, somebody } from "../../support/people";
import { Server, type Settings } from "../../support/server";
import type { Engine } from "./engine";
import { Firefox } from "./firefox";
import { Tab } from "./tab";
import { WebKit } from "./webkit";

export type EngineName = "firefox" | "webkit";

export interface Options {
  engineName: EngineName;
}

interface WorkerTools extends Options {
  /** The server's settings: `test.use({ settings: … })` at the top of a file. */
  settings: Settings;
  server: Server;
  engine: Engine;
}

interface Tools {
  tab: Tab;
  mailbox: Mailbox;
  /** A person without an account. */
  stranger: Person;
  /** A person with an account, not signed in. */
  member: Person;
}

export { expect };

export const test = base.extend<Tools, WorkerTools>({
  engineName: ["firefox", { option: true, scope: "worker" }],

  settings: [{ FRESHKEY_MAIL: "dev" }, { option: true, scope: "worker" }],

  server: [
    async ({ settings }, use) => {
      const off = { FRESHKEY_RATE_LIMIT: "off", FRESHKEY_MAIL_RATE_LIMIT: "off" };
      const server = await Server.start({ ...off, ...settings });
      await use(server);
      await server.end();
    },
    { scope: "worker" },
  ],

  engine: [
    async ({ engineName }, use) => {
      const engine = engineName === "firefox" ? new Firefox() : new WebKit();
      await engine.start();
      await use(engine);
      await engine.end();
    },
    { scope: "worker" },
  ],

  tab: async ({ engine, server }, use) => {
    const driver = await engine.open();
    await use(new Tab(engine, driver, server.origin));
    const complaints = await engine.complaints(driver);
    await driver.quit();
    expect(complaints, "nothing is wrong in the console").toEqual([]);
  },

  mailbox: ({ server }, use) => use(new Mailbox(server)),

  stranger: ({}, use) => use(somebody()),

  member: async ({ mailbox }, use) => {
    const person = somebody();
    await mailbox.register(person);
    await use(person);
  },
});
