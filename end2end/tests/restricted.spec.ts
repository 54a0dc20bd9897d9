// A browser that refuses what the client would like to use: locks, channels, cookies.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { live } from "../pages/live";
import { SignIn } from "../pages/sign-in";
import { expect, test } from "../support/test";

const LOCKS = {
  "rejects locks": () => {
    navigator.locks.request = () => Promise.reject(new DOMException("no", "SecurityError"));
  },
  "throws on locks and channels": () => {
    navigator.locks.request = () => {
      throw new DOMException("no", "SecurityError");
    };
    window.BroadcastChannel = class {
      constructor() {
        throw new DOMException("no", "SecurityError");
      }
    } as unknown as typeof BroadcastChannel;
  },
};

test.use({ settings: { FRESHKEY_ACCESS_TTL: "2s" } });
test.beforeEach(({ watch }) => watch.expectStatus(401));

for (const [name, restrict] of Object.entries(LOCKS)) {
  test(`the browser ${name}: sign-in and refresh go on at once`, async ({
    page,
    signIn,
    dashboard,
    traffic,
    member,
  }) => {
    await page.addInitScript(restrict);
    traffic.startCounting();
    // This takes less than the 10 s that the client would wait for a lock.
    await signIn.as(member);
    await dashboard.showsSuccessOf(3);
    await traffic.tokenRunsOut();
    await dashboard.call(5);
    await dashboard.showsSuccessOf(5);
  });
}

test("cookies are blocked: the sign-in says at once that they are needed", async ({
  launchOptions,
  server,
  watch,
  member,
  stranger,
}) => {
  const folder = await mkdtemp(join(tmpdir(), "browser-"));
  await mkdir(join(folder, "Default"));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(folder, "Default/Preferences"), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(folder, {
    ...launchOptions,
    baseURL: server.origin,
  });
  try {
    watch.over(context);
    const page = await context.newPage();
    const signIn = new SignIn(page);
    await signIn.open();
    await signIn.submit(member);
    await expect(signIn.error).toContainText("blocks cookies");
    await expect(page).toHaveURL("/login");
    await expect(signIn.password, "it is not typed again").toHaveValue(member.password);
    await page.goto("/register");
    await live(page);
    await signIn.email.fill(stranger.email);
    await signIn.password.fill(stranger.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(signIn.error, "and no account is made").toContainText("blocks cookies");
  } finally {
    await watch.settle();
    await context.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

for (const [name, answer] of Object.entries({
  "an empty success": { status: 200, body: "" },
  "a success without a body": { status: 204 },
  "JSON of its own": { status: 200, json: { ok: true } },
  "a refusal in the server's words": { status: 401, json: { code: "INVALID_CREDENTIALS", message: "Wrong" } },
})) {
  test(`a middlebox answers the sign-in with ${name}: the server can't be reached`, async ({
    page,
    signIn,
    member,
  }) => {
    await page.route("**/api/login", (route) => route.fulfill(answer), { times: 1 });
    await signIn.open();
    await signIn.submit(member);
    await expect(signIn.error).toContainText("Can't reach the server");
    await signIn.submit(member);
    await expect(page).toHaveURL("/app");
  });
}
