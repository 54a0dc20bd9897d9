// `test` for all of Freshkey's browser tests: a server per worker, people, page objects, and the watch, which also
// fails a test for problems that it did not look for.

import { type BrowserContextOptions, type Page, test as base, expect } from "@playwright/test";
import { Dashboard } from "../pages/dashboard";
import { Register } from "../pages/register";
import { SignIn } from "../pages/sign-in";
import { Api } from "./api";
import { Mailbox } from "./mailbox";
import { type Person, somebody } from "./people";
import { Server, type Settings } from "./server";
import { Traffic } from "./traffic";
import { Watch } from "./watch";

interface Tools {
  watch: Watch;
  api: Api;
  /** A person without an account. */
  stranger: Person;
  /** A person with an account, not signed in. */
  member: Person;
  /** Another browser that shares nothing with the first one. */
  openBrowser: (options?: BrowserContextOptions) => Promise<Page>;
  register: Register;
  signIn: SignIn;
  dashboard: Dashboard;
  traffic: Traffic;
}

interface WorkerTools {
  /** The server's settings: `test.use({ settings: … })` at the top of a file. */
  settings: Settings;
  server: Server;
}

export { expect };

export const test = base.extend<Tools, WorkerTools>({
  settings: [{}, { option: true, scope: "worker" }],

  server: [
    async ({ settings }, use) => {
      // All tests come from one address, which would exceed its limit.
      const server = await Server.start({ FRESHKEY_RATE_LIMIT: "off", ...settings });
      await use(server);
      await server.end();
      expect(server.secrets.in(server.log), "the log holds no secret").toEqual([]);
    },
    { scope: "worker" },
  ],

  baseURL: ({ server }, use) => use(server.origin),

  watch: [
    async ({ server }, use) => {
      const watch = new Watch(server);
      await use(watch);
      expect(watch.verdict(), "nothing went wrong unseen").toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, watch, javaScriptEnabled }, use) => {
    watch.over(context, javaScriptEnabled);
    await use(context);
    await watch.settle();
  },

  openBrowser: async ({ browser, server, watch }, use) => {
    const open = async (options: BrowserContextOptions = {}) => {
      const context = await browser.newContext({ baseURL: server.origin, ...options });
      watch.over(context, options.javaScriptEnabled);
      return context.newPage();
    };
    await use(open);
    await watch.settle();
    // The fixture closes the test's own context; these are ours to close.
    await Promise.all(browser.contexts().map((context) => context.close()));
  },

  api: ({ server }, use) => use(new Api(server)),

  stranger: ({ server }, use) => {
    const person = somebody();
    server.secrets.keep("a password", person.password);
    return use(person);
  },

  member: async ({ server, settings, api }, use) => {
    const person = somebody();
    server.secrets.keep("a password", person.password);
    if (settings.FRESHKEY_MAIL) await new Mailbox(server).register(person);
    else expect((await api.register(person)).status, "the account is made").toBe(201);
    await use(person);
  },

  register: ({ page }, use) => use(new Register(page)),
  signIn: ({ page }, use) => use(new SignIn(page)),
  dashboard: ({ page }, use) => use(new Dashboard(page)),
  traffic: ({ page, api }, use) => use(new Traffic(page, api)),
});
