// The dashboard's promise in ten seconds: the token is made useless, twenty calls are sent, and one refresh serves
// all of them.

import { expect, test } from "../support/test";

test("an expired token, twenty calls, one refresh", async ({ page, signIn, dashboard, member, watch }) => {
  watch.expectStatus(401);
  await signIn.as(member);
  await expect(dashboard.summary).toContainText("answers");
  const strip = page.getByRole("region", { name: "Live session" });
  await expect(strip.getByText(/^\d+:\d\d left/)).toBeVisible();
  await expect(strip.getByText(/^generation \d+/)).toBeVisible();
  await expect(strip.getByText("Chrome on ")).toBeVisible();

  await dashboard.expireToken();
  await expect(strip.getByText(/^expired/)).toBeVisible();
  await expect(strip.getByText(/^generation \d+/), "the cookie is the one that it was").toBeVisible();

  const statuses: Record<string, number[]> = {};
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    (statuses[pathname] ??= []).push(response.status());
  });
  await dashboard.call(20);
  await expect(dashboard.summary).toHaveText("1 refresh, 20 answers");
  await dashboard.showsSuccessOf(20);
  expect(statuses["/api/refresh-token"], "one refresh").toEqual([200]);
  const calls = [...statuses["/api/protected"]!, ...statuses["/api/me"]!];
  expect(calls.filter((status) => status === 200)).toHaveLength(20);
  const refused = calls.filter((status) => status === 401);
  expect(refused.length, "the server refused the expired token").toBeGreaterThan(0);
  expect(calls.length - refused.length, "and nothing else").toBe(20);
  await expect(strip.getByText(/^\d+:\d\d left/)).toBeVisible();

  await dashboard.call(5);
  await expect(dashboard.summary, "a good token needs none").toHaveText("No refresh, 5 answers");
});
