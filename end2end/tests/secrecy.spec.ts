// What a script in the page can reach: no token anywhere. (It can ask for one: see injected-script.spec.ts.)

import type { Page } from "@playwright/test";
import { JWT } from "../support/secrets";
import { expect, test } from "../support/test";

test.use({ settings: { FRESHKEY_ACCESS_TTL: "2s" } });

test("the refresh cookie is out of reach of scripts and of other sites", async ({
  page,
  context,
  signIn,
  member,
}) => {
  await signIn.as(member);
  const jar = await context.cookies();
  const refresh = jar.find(({ name }) => name === "refresh");
  expect(refresh).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/", domain: "localhost" });
  const readable = await page.evaluate(() => document.cookie);
  expect(readable).not.toContain("refresh=");
  expect(readable).not.toContain(refresh!.value);
});

test("no token is in a storage, on a global or in the HTML", async ({
  page,
  context,
  signIn,
  dashboard,
  traffic,
  member,
  watch,
  server,
}) => {
  watch.expectStatus(401);
  await signIn.as(member);
  await traffic.tokenRunsOut();
  await dashboard.call(5);
  await dashboard.showsSuccessOf(5);
  await page.reload();
  await expect(dashboard.summary).toContainText("answers");
  await watch.settle();

  const reachable = await everythingReachable(page);
  expect(reachable.window, "the walk saw the window").toContain("location");
  for (const [place, text] of Object.entries(reachable)) {
    expect(text, place).not.toMatch(JWT);
    const csrfIsInForms = (kind: string) => kind !== "a CSRF token";
    expect(server.secrets.in(text).filter(csrfIsInForms), place).toEqual([]);
  }
  for (const cookie of await context.cookies()) expect(cookie.value, cookie.name).not.toMatch(JWT);
});

test("no storage is used for it, nor left after the sign-out", async ({
  page,
  context,
  signIn,
  dashboard,
  member,
}) => {
  await signIn.as(member);
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([]);
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
  await dashboard.signOut();
  const kept = JSON.stringify(await context.storageState({ indexedDB: true }));
  expect(kept).not.toContain(member.email);
  expect(kept).not.toContain('"refresh"');
});

/** The names and values, as text, of everything that a script can find by enumeration. */
function everythingReachable(page: Page): Promise<Record<string, string>> {
  return page.evaluate(async () => {
    const seen = new Set<unknown>();
    const walk = (value: unknown, depth: number): string => {
      if (typeof value === "string") return value;
      if (value === null || (typeof value !== "object" && typeof value !== "function")) return "";
      if (seen.has(value) || value instanceof Node || depth === 0) return "";
      seen.add(value);
      // Some getters return a rejected promise to an unknown caller; nothing else would handle it.
      if (value instanceof Promise) void value.catch(() => {});
      const parts: string[] = [];
      for (const key of Reflect.ownKeys(value)) {
        try {
          parts.push(String(key), walk(Reflect.get(value, key), depth - 1));
        } catch {
          // A getter that throws has nothing for a thief either.
        }
      }
      return parts.join("\n");
    };
    const databases = await indexedDB.databases();
    return {
      document: document.documentElement.outerHTML,
      fields: [...document.querySelectorAll("input")].map((input) => input.value).join("\n"),
      localStorage: JSON.stringify({ ...localStorage }),
      sessionStorage: JSON.stringify({ ...sessionStorage }),
      history: JSON.stringify(history.state) + location.href + document.referrer + window.name,
      performance: performance
        .getEntries()
        .map((entry) => entry.name)
        .join("\n"),
      databases: JSON.stringify(databases),
      caches: JSON.stringify(await caches.keys()),
      window: walk(window, 4),
    };
  });
}
