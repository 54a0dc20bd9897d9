// A protected page asks the user to sign in and leads back, only ever to a page of this site.

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

    for (const query of [
      "q=a%20b",
      "q=%26%2B%23",
      "q=50%25",
      "q=%C3%A4%F0%9F%98%80",
      "to=https://example.com//",
    ]) {
      test(`the way back keeps ${query}`, async ({ page, signIn, member }) => {
        await page.goto(`/app/sessions?${query}`);
        await expect(signIn.button).toBeVisible();
        if (javaScriptEnabled) await expect(page.locator("body[data-hydrated]")).toBeAttached();
        await signIn.submit(member);
        await expect(page).toHaveURL(`/app/sessions?${query}`);
        await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
      });
    }

    // The watch would also fail this test if any request went to another site.
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

test("the way back keeps the fragment, over a registration as well", async ({
  page,
  signIn,
  register,
  member,
  stranger,
}) => {
  await page.goto("/app/sessions?q=1#Gr%C3%B6%C3%9Fe");
  await expect(page, "the browser keeps it through the redirect").toHaveURL(
    /^.*\/login\?next=%2Fapp%2Fsessions%3Fq%3D1#/,
  );
  await expect(page.locator("body[data-hydrated]")).toBeAttached();
  await signIn.submit(member);
  await expect(page).toHaveURL("/app/sessions?q=1#Gr%C3%B6%C3%9Fe");

  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(signIn.button).toBeVisible();
  await page.goto("/app/security#there");
  await expect(page.locator("body[data-hydrated]")).toBeAttached();
  await page.getByRole("main").getByRole("link", { name: "Create an account" }).click();
  await expect(register.name).toBeVisible();
  await register.create(stranger);
  await expect(page).toHaveURL("/app/security#there");
});

test("a page that loses its session in the browser is found again, fragment and all", async ({
  page,
  signIn,
  member,
  context,
  watch,
}) => {
  watch.expectStatus(401, 403);
  await signIn.as(member);
  await page.goto("/app/security?q=a%20b#there");
  await expect(page.locator("body[data-hydrated]")).toBeAttached();
  await context.clearCookies();
  await page.getByRole("navigation").getByRole("link", { name: "Sessions", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Not now" }).click();
  await expect(page).toHaveURL("/login?next=%2Fapp%2Fsessions");
  await page.goto("/login?next=%2Fapp%2Fsecurity%3Fq%3Da%2520b%23there");
  await expect(page.locator("body[data-hydrated]")).toBeAttached();
  await signIn.submit(member);
  await expect(page).toHaveURL("/app/security?q=a%20b#there");
});

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
