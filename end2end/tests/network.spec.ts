// A bad network, a server in trouble, a server that is started anew: none of it is a sign-out.

import { expect, test } from "../support/test";

test.use({ settings: { FRESHKEY_ACCESS_TTL: "2s" } });

const json = "application/json";
// What a client may meet instead of Freshkey's own answer. Only Freshkey's own refusal ends a session.
const TROUBLE = {
  "the server is overloaded": {
    status: 503,
    contentType: json,
    headers: { "retry-after": "1" },
    body: '{"code":"OVERLOADED","message":"Try again shortly"}',
  },
  "the server fails": {
    status: 500,
    contentType: json,
    body: '{"code":"INTERNAL","message":"Internal server error"}',
  },
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
  await expect(dashboard.summary).toContainText("succeeded");
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
  await expect(dashboard.page.getByText("5 of 5 succeeded")).toBeHidden();
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
  // The server rotates, and the browser never hears of it.
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
