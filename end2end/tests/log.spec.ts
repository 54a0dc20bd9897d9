// The server's log at its most verbose. After every test the watch searches it for all the secrets of that test; here
// it has the most to search.

import { expect, test } from "../support/test";

test.use({ settings: { RUST_LOG: "trace", FRESHKEY_ACCESS_TTL: "2s" } });

test("holds no secret at its most talkative", async ({
  page,
  signIn,
  dashboard,
  traffic,
  member,
  stranger,
  api,
  server,
  watch,
}) => {
  watch.expectStatus(401);
  await signIn.open();
  await signIn.submit({ ...member, password: stranger.password });
  await expect(signIn.error).toBeVisible();
  await signIn.submit(member);
  await traffic.tokenRunsOut();
  await dashboard.call(3);
  await dashboard.showsSuccessOf(3);
  await api.refresh("forged-refresh-token");
  await page.reload();
  await dashboard.signOut();

  const { headers } = await api.login(member);
  const id = headers.get("x-request-id");
  expect(id).toBeTruthy();
  await expect.poll(() => server.log, "and it is the log of these requests").toContain(id!);
  expect(server.log).not.toContain("forged-refresh-token");
});

test("an id that the client made up is not taken", async ({ server }) => {
  const id = "made-up-by-the-client";
  const answer = await fetch(`${server.origin}/api/protected`, { headers: { "x-request-id": id } });
  expect(answer.headers.get("x-request-id")).not.toBe(id);
  expect(server.log).not.toContain(id);
});
