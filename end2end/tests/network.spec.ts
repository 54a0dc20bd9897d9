// A bad network, a server in trouble, a server restart: none of them signs the user out.

import { serverAnswer } from "../support/answers";
import { expect, test } from "../support/test";

test.use({ settings: { FRESHKEY_ACCESS_TTL: "2s" } });

// What the client may get instead of Freshkey's own answer. Only Freshkey's own refusal ends a session.
const TROUBLE = {
  "the server is overloaded": serverAnswer(
    503,
    { code: "OVERLOADED", message: "Try again shortly" },
    { "retry-after": "1" },
  ),
  "the server fails": serverAnswer(500, { code: "INTERNAL", message: "Internal server error" }),
  "somebody else refuses in the server's words": {
    status: 403,
    json: { code: "INVALID_REFRESH_TOKEN", message: "Invalid refresh token", reason: "revoked" },
  },
  "an empty success comes": { status: 200, body: "" },
  "a proxy answers": { status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" },
  "the network of a hotel answers": {
    status: 403,
    contentType: "text/html",
    body: "<h1>Please log in to the Wi-Fi</h1>",
  },
};

test.beforeEach(async ({ traffic, signIn, dashboard, member, watch }) => {
  watch.expectStatus(401);
  traffic.startCounting(); // from before the sign-in, to learn the page's token
  await signIn.as(member);
  await expect(dashboard.summary).toContainText("answers");
});

test.afterEach(async ({ traffic, dashboard, member }) => {
  await dashboard.belongsTo(member);
  const afterSignIn = traffic.visited.slice(traffic.visited.indexOf("/app"));
  expect(afterSignIn, "nobody was sent to the login page").not.toContain("/login");
});

for (const [name, answer] of Object.entries(TROUBLE)) {
  test(`${name} instead of a refresh: signed in, and it works again after`, async ({
    dashboard,
    traffic,
    member,
    watch,
  }) => {
    watch.expectStatus(answer.status);
    await traffic.tokenRunsOut();
    traffic.startCounting();
    await traffic.answerRefresh(1, answer);
    await dashboard.call(5);
    await expect.poll(() => traffic.answered).toContain(answer.status);
    await dashboard.belongsTo(member);
    await dashboard.call(6);
    await dashboard.showsSuccessOf(6);
  });
}

test("offline: signed in, and it works again after", async ({
  context,
  dashboard,
  traffic,
  member,
  watch,
}) => {
  watch.expectNoNetwork();
  await traffic.tokenRunsOut();
  await context.setOffline(true);
  await dashboard.call(5);
  await dashboard.belongsTo(member);
  await expect(dashboard.page.getByText(", 5 answers")).toBeHidden();
  await context.setOffline(false);
  await dashboard.call(6);
  await dashboard.showsSuccessOf(6);
});

test("a refresh lost on its way: signed in, and it works again after", async ({
  page,
  dashboard,
  traffic,
  member,
  watch,
}) => {
  watch.expectNoNetwork();
  await traffic.tokenRunsOut();
  traffic.startCounting();
  await page.route("**/api/refresh-token", (route) => route.abort("connectionreset"), { times: 1 });
  await dashboard.call(5);
  await expect.poll(() => traffic.answered).toContain(0);
  await dashboard.belongsTo(member);
  await dashboard.call(6);
  await dashboard.showsSuccessOf(6);
});

test("an answer lost on its way: signed in, and it works again after", async ({
  page,
  api,
  dashboard,
  traffic,
  watch,
}) => {
  watch.expectNoNetwork();
  await traffic.tokenRunsOut();
  traffic.startCounting();
  // The server rotates the token, but the browser never gets the answer.
  await page.route(
    "**/api/refresh-token",
    async (route) => {
      const jar = await page.context().cookies();
      await api.refresh(jar.find(({ name }) => name === "refresh")!.value);
      await route.abort("connectionreset");
    },
    { times: 1 },
  );
  await dashboard.call(5);
  await expect.poll(() => traffic.answered).toContain(0);
  await dashboard.call(6);
  await dashboard.showsSuccessOf(6);
});

test("a refresh lost three times: the calls wait, and are sent when the next one succeeds", async ({
  page,
  dashboard,
  traffic,
  watch,
}) => {
  watch.expectNoNetwork();
  await traffic.tokenRunsOut();
  traffic.startCounting();
  await page.route("**/api/refresh-token", (route) => route.abort("connectionreset"));
  await dashboard.call(5);
  await expect(page.locator(".status-line")).toHaveText("Can't reach the server. Retrying…");
  await expect.poll(() => traffic.answered.length).toBeGreaterThanOrEqual(3);
  await expect(dashboard.summary).toHaveText("0 of 5 answered");
  await page.unroute("**/api/refresh-token");
  await expect(dashboard.summary, "nobody has to do anything").toContainText(", 5 answers", {
    timeout: 20_000,
  });
  await dashboard.showsSuccessOf(5);
  await expect(page.locator(".status-line")).toBeEmpty();
  const lost = traffic.answered.slice(0, -1);
  expect(traffic.answered, "one refresh succeeds").toEqual([...lost.map(() => 0), 200]);
});

test("the server is started anew under an open page", async ({
  page,
  server,
  dashboard,
  traffic,
  member,
  watch,
}) => {
  watch.expectNoNetwork();
  await server.stop();
  await dashboard.call(5);
  await dashboard.belongsTo(member);
  await server.start();
  await dashboard.call(6);
  await dashboard.showsSuccessOf(6);

  await traffic.tokenRunsOut();
  await dashboard.call(7);
  await dashboard.showsSuccessOf(7);
  await page.reload();
  await dashboard.belongsTo(member);
});
