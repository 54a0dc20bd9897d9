// `test` for the other engines: a browser per worker, emptied after each test, and a server for each of its settings.

import { writeFile } from "node:fs/promises";
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
  servers: Map<string, Server>;
  engine: Engine;
}

interface Tools {
  /** The server's settings: `test.use({ settings: … })` at the top of a file. */
  settings: Settings;
  server: Server;
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

  settings: [{ FRESHKEY_MAIL: "dev" }, { option: true }],

  servers: [
    async ({}, use) => {
      const servers = new Map<string, Server>();
      await use(servers);
      for (const server of servers.values()) await server.end();
    },
    { scope: "worker" },
  ],

  server: async ({ servers, settings }, use) => {
    const key = JSON.stringify(settings);
    const off = { FRESHKEY_RATE_LIMIT: "off", FRESHKEY_MAIL_RATE_LIMIT: "off" };
    const server = servers.get(key) ?? (await Server.start({ ...off, ...settings }));
    servers.set(key, server);
    await use(server);
  },

  engine: [
    async ({ engineName }, use) => {
      const engine = engineName === "firefox" ? new Firefox() : new WebKit();
      await engine.open();
      await use(engine);
      await engine.end();
    },
    // Three tries of 40 s, and the ends of two.
    { scope: "worker", timeout: 150_000 },
  ],

  tab: async ({ engine, server }, use, info) => {
    const tab = new Tab(engine, server.origin);
    await tab.resize(1280, 900);
    await use(tab);
    if (info.status !== info.expectedStatus) {
      await writeFile(info.outputPath("page.png"), await engine.driver.takeScreenshot(), "base64");
    }
    expect(await engine.complaints(), "nothing is wrong in the console").toEqual([]);
    await engine.renew(server.origin);
  },

  mailbox: ({ server }, use) => use(new Mailbox(server)),

  stranger: ({}, use) => use(somebody()),

  member: async ({ mailbox }, use) => {
    const person = somebody();
    await mailbox.register(person);
    await use(person);
  },
});
