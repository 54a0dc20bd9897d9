// The security headers of every page.

import { expect, test } from "../support/test";

const PAGES = ["/", "/login", "/register", "/app", "/no/such/page"];

test.describe("every page", () => {
  for (const path of PAGES) {
    test(path, async ({ api, member }) => {
      // The protected page as its owner sees it, the others as anybody does.
      const { cookie } = await api.login(member);
      const page = await api.page(path, path === "/app" ? cookie : undefined);
      const html = await page.text();
      expect(page.status).toBe(path === "/no/such/page" ? 404 : 200);
      expect(page.headers.get("content-type")).toMatch(/^text\/html; ?charset=utf-8$/i);
      expect(Object.fromEntries(page.headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": expect.stringMatching(/\w+=\(\)/),
        "x-request-id": expect.stringMatching(/\S{8,}/),
      });
      expect(page.headers.has("strict-transport-security"), "not over plain http").toBe(false);

      const policy = parse(page.headers.get("content-security-policy"));
      const scripts = policy["script-src"] ?? [];
      const nonce = scripts.map((source) => /^'nonce-(.{16,})'$/.exec(source)?.[1]).find(Boolean);
      expect(nonce, "a nonce").toBeTruthy();
      const everything = Object.values(policy).flat();
      for (const loophole of [
        "'unsafe-inline'",
        "'unsafe-eval'",
        "'unsafe-hashes'",
        "*",
        "http:",
        "https:",
        "data:",
      ]) {
        if (loophole !== "data:") expect(everything).not.toContain(loophole);
        expect(scripts).not.toContain(loophole);
      }
      expect(policy["frame-ancestors"]).toEqual(["'none'"]);
      expect(policy["default-src"], "what is not named is refused").toBeDefined();
      expect(["'none'", "'self'"]).toContain(policy["base-uri"]?.[0]);
      expect(policy["form-action"]).toEqual(["'self'"]);
      expect(policy["object-src"] ?? policy["default-src"]).toEqual(["'none'"]);

      for (const [tag] of html.matchAll(/<(script|style)\b(?![^>]*\bsrc=)[^>]*>/g))
        expect(tag).toContain(nonce);
      expect(html, "no script in an attribute").not.toMatch(/<[^>]+\son\w+=/);
    });
  }
});

test("a nonce is used once", async ({ api }) => {
  const nonces = new Set<string>();
  for (let count = 0; count < 5; count += 1) {
    const page = await api.page("/login");
    nonces.add(/'nonce-[^']+'/.exec(page.headers.get("content-security-policy") ?? "")![0]);
  }
  expect(nonces.size).toBe(5);
});

test("what shows a user is kept by no cache", async ({ api, member }) => {
  const { cookie } = await api.login(member);
  for (const path of PAGES) {
    const page = await api.page(path, cookie);
    const shown = (await page.text()).includes(member.email);
    if (shown || path === "/app") expect(page.headers.get("cache-control"), path).toContain("no-store");
  }
});

test("a redirect to the sign-in page shows nothing of the page behind", async ({ api }) => {
  const answer = await api.page("/app");
  expect([302, 303, 307]).toContain(answer.status);
  expect(answer.headers.get("location")).toBe("/login?next=%2Fapp");
  expect(answer.headers.get("cache-control")).toContain("no-store");
  expect(await answer.text()).not.toContain("Live session");
});

function parse(policy: string | null): Record<string, string[]> {
  const directives = (policy ?? "").split(";").map((directive) => directive.trim().split(/\s+/));
  return Object.fromEntries(
    directives.filter(([name]) => name).map(([name, ...sources]) => [name!, sources]),
  );
}
