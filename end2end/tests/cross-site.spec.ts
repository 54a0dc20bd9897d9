// Other sites make the visitor's browser send requests. None of them has any effect.

import { ForeignSite } from "../support/foreign-site";
import { expect, test as base } from "../support/test";

const test = base.extend<{ attacker: ForeignSite; host: "localhost" | "127.0.0.1" }>({
  host: ["127.0.0.1", { option: true }],
  attacker: async ({ host, watch }, use) => {
    const site = await ForeignSite.open(host);
    watch.expectOrigin(site.origin);
    await use(site);
    await site.close();
  },
});

for (const host of ["127.0.0.1", "localhost"] as const) {
  // The browser sends a SameSite=Strict cookie to another port of the same host.
  test.describe(host === "localhost" ? "from the same site, another origin" : "from another site", () => {
    test.use({ host });

    test.beforeEach(async ({ signIn, member, watch }) => {
      watch.expectStatus(401, 403, 404, 405);
      // The API's answers are sandboxed, which also blocks the test's own script.
      watch.expectMessage(/Blocked script execution in '[^']*\/api\//);
      await signIn.as(member);
    });

    test.afterEach(async ({ dashboard, member, context, api }) => {
      await dashboard.open();
      await dashboard.belongsTo(member);
      await expect(dashboard.summary).toContainText("answers");
      const cookie = (await context.cookies()).find(({ name }) => name === "refresh")!;
      expect(await api.refresh(cookie.value)).toMatchObject({ status: 200 });
    });

    test("a form that signs out is refused", async ({ page, server, attacker }) => {
      attacker.shows(
        `<form method="post" action="${server.origin}/api/logout"><button>Win a prize</button></form>`,
      );
      await page.goto(attacker.origin);
      const answer = page.waitForResponse("**/api/logout");
      await page.getByRole("button").click();
      expect((await answer).status()).toBe(403);
      await expect(page.getByText("Cross-origin request refused")).toBeVisible();
    });

    test("a form that signs in as somebody else is refused", async ({
      page,
      server,
      attacker,
      api,
      stranger,
    }) => {
      await api.register(stranger);
      attacker.shows(`<form method="post" action="${server.origin}/api/login">
        <input name="email" value="${stranger.email}"><input name="password" value="${stranger.password}">
        <button>Win a prize</button></form>`);
      await page.goto(attacker.origin);
      const answer = page.waitForResponse("**/api/login");
      await page.getByRole("button").click();
      expect((await answer).status()).toBe(403);
    });

    test("a script is refused, and reads nothing", async ({ page, server, attacker, watch }) => {
      watch.expectMessage(/blocked by CORS policy|net::ERR_(FAILED|BLOCKED)/);
      attacker.shows("");
      await page.goto(attacker.origin);
      const outcomes = await page.evaluate(async (origin) => {
        const calls: [string, RequestInit][] = [
          ["/api/logout", { method: "POST", mode: "no-cors" }],
          ["/api/refresh-token", { method: "POST", mode: "no-cors" }],
          ["/api/refresh-token", { method: "POST" }],
          ["/api/me", {}],
          ["/app", {}],
        ];
        return Promise.all(
          calls.map(([path, init]) =>
            fetch(origin + path, { credentials: "include", ...init }).then(
              (answer) => answer.text(),
              () => "",
            ),
          ),
        );
      }, server.origin);
      expect(outcomes).toEqual(["", "", "", "", ""]);
    });

    test("an address alone signs nobody out", async ({ page, server, attacker, watch }) => {
      watch.expectMessage(/ERR_BLOCKED_BY_RESPONSE|ERR_BLOCKED_BY_ORB/);
      attacker.shows(
        `<img src="${server.origin}/api/logout" alt=""><a href="${server.origin}/api/logout">A prize</a>`,
      );
      await page.goto(attacker.origin);
      const answer = page.waitForResponse((response) => response.request().isNavigationRequest());
      await page.getByRole("link").click();
      expect((await answer).status()).toBe(405);
    });

    test("a frame shows nothing", async ({ page, server, attacker, watch }) => {
      watch.expectMessage(/frame-ancestors|ERR_BLOCKED_BY_RESPONSE|Refused to display/);
      attacker.shows(`<iframe src="${server.origin}/app" title="A prize"></iframe>`);
      await page.goto(attacker.origin);
      await expect(page.frameLocator("iframe").getByRole("button", { name: "Sign out" })).toHaveCount(0);
      expect(page.frames()[1]!.url()).toMatch(/^chrome-error:/);
    });
  });
}

test("a link in a mail opens signed in, and leads whoever is not to sign in", async ({
  page,
  signIn,
  dashboard,
  member,
  server,
  attacker,
}) => {
  attacker.shows(`<a href="${server.origin}/app">Your dashboard</a>`);
  await page.goto(attacker.origin);
  await page.getByRole("link").click();
  await expect(page).toHaveURL(/\/login\?next=/);
  await signIn.as(member);
  await page.goto(attacker.origin);
  await page.getByRole("link").click();
  await dashboard.belongsTo(member);
});
