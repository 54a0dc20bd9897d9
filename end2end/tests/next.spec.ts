// A protected page asks for a sign-in and leads back. It leads to pages of this site only.

import { SignIn } from "../pages/sign-in";
import { expect, test } from "../support/test";

const ELSEWHERE = [
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "http:evil.example",
  "javascript:alert(document.domain)",
  "/api/logout",
];

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with WASM" : "without WASM", () => {
    test.use({ javaScriptEnabled });

    test("a protected page redirects, and returns after the sign-in", async ({
      page,
      signIn,
      dashboard,
      member,
    }) => {
      await page.goto("/app");
      await expect(page).toHaveURL("/login?next=%2Fapp");
      if (javaScriptEnabled) await expect(page.locator("body[data-hydrated]")).toBeAttached();
      await signIn.submit(member);
      await dashboard.belongsTo(member);
    });

    test("the way back keeps the query", async ({ page, signIn, member }) => {
      await page.goto("/app?from=mail");
      await expect(page).toHaveURL("/login?next=%2Fapp%3Ffrom%3Dmail");
      if (javaScriptEnabled) await expect(page.locator("body[data-hydrated]")).toBeAttached();
      await signIn.submit(member);
      await expect(page).toHaveURL("/app?from=mail");
    });

    // The watch fails this as well, should any request go to another site on the way.
    for (const next of ELSEWHERE) {
      test(`next=${JSON.stringify(next)} is ignored`, async ({ signIn, dashboard, member }) => {
        if (javaScriptEnabled) await signIn.open(next);
        else await signIn.visit(next);
        await signIn.submit(member);
        await dashboard.belongsTo(member);
      });
    }
  });
}

test("next is ignored for those who are signed in already", async ({
  page,
  signIn,
  context,
  server,
  member,
}) => {
  await signIn.as(member);
  for (const next of ELSEWHERE) {
    await new SignIn(page).visit(next);
    expect(new URL(page.url()).origin).toBe(server.origin);
  }
  expect(
    (await context.cookies()).map(({ name }) => name),
    "and signs nobody out",
  ).toContain("refresh");
});
