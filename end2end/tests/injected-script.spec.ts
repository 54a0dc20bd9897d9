// What an injected script can still do (docs/security.md, "An injected script"): ask for a token, as the client does.
// That token ends with the session.

import { expect, test } from "../support/test";

test("a token that a script asked for ends with the session", async ({
  page,
  signIn,
  dashboard,
  member,
  api,
  watch,
}) => {
  watch.expectStatus(401);
  await signIn.as(member);
  const stolen = await page.evaluate(async () => {
    const answer = await fetch("/api/refresh-token", { method: "POST" });
    return ((await answer.json()) as { access_token: string }).access_token;
  });
  expect((await api.protected(stolen)).status, "nothing in the browser can prevent that").toBe(200);
  await dashboard.signOut();
  expect(await api.protected(stolen)).toMatchObject({ status: 401, code: "SESSION_ENDED" });
});
