// What the user looks at, or is about to press, stays in place: when something is wrong, and on a slow line.

import type { Page } from "@playwright/test";
import { Notes } from "../pages/notes";
import type { Person } from "../support/people";
import type { Server } from "../support/server";
import { shifts } from "../support/shifts";
import { expect, test } from "../support/test";

/** A slow phone on a slow line, which makes late changes visible. */
async function slowly(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const kilobits = 1000 / 8;
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 150,
    downloadThroughput: 1600 * kilobits,
    uploadThroughput: 750 * kilobits,
  });
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
}

test("nothing moves when something is wrong", async ({ page, signIn, register, member, stranger, watch }) => {
  watch.expectStatus(401, 409, 422, 429);
  const places = () =>
    page.locator("main input:not([type=hidden]), main button, main .card-foot").evaluateAll((parts) =>
      parts.map((part) => {
        const { x, y, width, height } = part.getBoundingClientRect();
        return { x, y: y + window.scrollY, width, height };
      }),
    );
  const stays = async (what: string, before: object[]) => expect.soft(await places(), what).toEqual(before);

  await signIn.open();
  let before = await places();
  await signIn.submit({ email: "", password: "" });
  await expect(signIn.email).toHaveAttribute("aria-invalid", "true");
  await stays("two empty fields", before);
  await signIn.submit({ ...member, password: stranger.password });
  await expect(page.getByText("Email or password is wrong")).toBeVisible();
  await stays("a wrong password", before);
  await page.route("**/api/login", (route) =>
    route.fulfill({
      status: 429,
      headers: { "Retry-After": "90", "X-Request-Id": "0".repeat(32) },
      json: { code: "RATE_LIMITED", message: "Too many requests, please try again later." },
    }),
  );
  await signIn.submit(member);
  await expect(signIn.error).toHaveText("Too many attempts. Try again in 90 seconds.");
  await stays("too many attempts", before);

  await register.open();
  before = await places();
  await register.create({ ...stranger, email: "ada", password: "short" });
  await expect(register.password).toHaveAttribute("aria-invalid", "true");
  await stays("two wrong fields", before);
  await register.create({ ...stranger, email: member.email });
  await expect(register.email).toHaveAccessibleDescription(
    "This email already has an account. Sign in instead",
  );
  await stays("an address that is taken", before);
  await page.getByRole("link", { name: "Sign in instead" }).click();
  await expect(page).toHaveURL("/login");
});

/** Adds a hundred notes by API calls. */
async function writeNotes(server: Server, { email, password }: Person): Promise<void> {
  const post = (path: string, body: object, headers = {}) =>
    fetch(server.origin + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const session = (await (await post("/api/login", { email, password })).json()) as Record<string, string>;
  const headers = {
    authorization: `Bearer ${session.access_token}`,
    "x-csrf-token": session.csrf_token,
  };
  for (let n = 1; n <= 100; n++) {
    expect((await post("/api/notes", { text: `Note ${n}` }, headers)).status).toBe(201);
  }
}

for (const [screen, viewport] of Object.entries({
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
  narrow: { width: 320, height: 640 },
})) {
  test(`nothing moves at a slow sign-in with a hundred notes: ${screen}`, async ({
    page,
    signIn,
    dashboard,
    member,
    stranger,
    server,
    watch,
  }) => {
    test.slow();
    watch.expectStatus(401);
    await writeNotes(server, member);
    await page.setViewportSize(viewport);
    const moved = await shifts(page, { pressed: true });
    await signIn.open();
    await slowly(page);
    await signIn.submit({ ...member, password: stranger.password });
    await expect(page.getByText("Email or password is wrong")).toBeVisible();
    await signIn.submit(member);
    await dashboard.showsSuccessOf(3);
    const notes = new Notes(page);
    await notes.arrived();
    await expect(notes.items).toHaveCount(100);
    expect(await moved()).toEqual([]);
  });
}
