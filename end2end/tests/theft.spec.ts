// A thief copied the refresh cookie. The second one to present a spent token ends the session for both: the server
// can't know who is the thief.

import { SignInAgain } from "../pages/again";
import { Dashboard } from "../pages/dashboard";
import type { BrowserContext } from "@playwright/test";
import type { Api } from "../support/api";
import { expect, test } from "../support/test";

// The token lives long enough to tell an ended session from an expired token.
test.use({ settings: { FRESHKEY_ACCESS_TTL: "6s", FRESHKEY_REFRESH_GRACE: "1s" } });

const WHY = "We signed you out to protect you: someone used an old copy of your session.";

/** Refreshes until the token rotates; within the grace period of a rotation it stays. */
async function rotate(api: Api, cookie: string): Promise<{ cookie: string; token: string }> {
  let rotated: { cookie: string; token: string } | undefined;
  await expect
    .poll(
      async () => {
        const answer = await api.refresh(cookie);
        if (answer.cookie && answer.cookie !== cookie)
          rotated = { cookie: answer.cookie, token: answer.token! };
        return rotated ? "rotated" : answer.status;
      },
      { intervals: [100] },
    )
    .toBe("rotated");
  return rotated!;
}

test.beforeEach(({ watch }) => watch.expectStatus(401, 403));

test("the owner comes after the thief: it is over for both", async ({
  page,
  context,
  signIn,
  dashboard,
  traffic,
  api,
  member,
}) => {
  await signIn.as(member);
  const stolen = await steal(context);
  let thief = await rotate(api, stolen);
  await traffic.tokenRunsOut();
  thief = await rotate(api, thief.cookie);
  expect(await api.protected(thief.token), "the thief is in").toMatchObject({ status: 200 });

  await dashboard.call(5);
  await test.step("the thief is out", async () => {
    // The thief's token has not expired; it ends with the session.
    await expect.poll(async () => (await api.protected(thief.token)).code).toBe("SESSION_ENDED");
    const answer = await api.refresh(thief.cookie);
    expect(answer).toMatchObject({ status: 403, code: "INVALID_REFRESH_TOKEN", reason: "replay" });
  });
  await test.step("the owner is told, and can sign in again", async () => {
    await expect(new SignInAgain(page).why).toContainText(WHY);
    expect((await context.cookies()).map(({ name }) => name)).not.toContain("refresh");
    await signIn.as(member);
    await dashboard.call(4);
    await dashboard.showsSuccessOf(4);
  });
});

test("the owner comes back to a closed app: it is over for both", async ({
  page,
  context,
  signIn,
  api,
  member,
}) => {
  await signIn.as(member);
  const stolen = await steal(context);
  await page.close();
  let thief = await rotate(api, stolen);
  thief = await rotate(api, thief.cookie);

  const tab = await context.newPage();
  await tab.goto("/app");
  await expect(tab.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
  // Asked only once: repeating the same token would in the end be a replay by itself.
  expect(await api.refresh(thief.cookie)).toMatchObject({ status: 403, reason: "replay" });
});

test("the thief comes after the owner: it is over for both", async ({
  page,
  context,
  signIn,
  dashboard,
  api,
  member,
}) => {
  await signIn.as(member);
  const stolen = await steal(context);
  await expect
    .poll(async () => {
      await page.reload();
      await expect(dashboard.summary).toContainText("answers");
      return steal(context);
    })
    .not.toBe(stolen);
  // The owner's client used its new access token, so a lost answer can't explain the old one.
  await expect.poll(async () => (await api.refresh(stolen)).reason).toBe("replay");

  await page.reload();
  await expect(signIn.button).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: WHY }), "and says why").toBeVisible();
});

test("a forged cookie signs nobody in and nobody out", async ({ page, context, signIn, api, member }) => {
  await signIn.as(member);
  const cookie = await steal(context);
  const flipped = cookie.slice(0, -1) + (cookie.endsWith("A") ? "B" : "A");
  expect(await api.refresh(flipped)).toMatchObject({ status: 403, reason: undefined });
  expect((await api.page("/app", flipped)).status).toBe(303);
  await page.reload();
  await new Dashboard(page).belongsTo(member);
});

async function steal(context: BrowserContext): Promise<string> {
  return (await context.cookies()).find(({ name }) => name === "refresh")!.value;
}
