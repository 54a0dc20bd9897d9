// The notes while the server can't be reached: nothing is lost or duplicated, and saving resumes by itself.

import { Dashboard } from "../pages/dashboard";
import { Notes } from "../pages/notes";
import { SignIn } from "../pages/sign-in";
import { serverAnswer } from "../support/answers";
import { expect, test } from "../support/test";

test("without a network nothing is lost, and it goes on by itself when that is back", async ({
  page,
  context,
  signIn,
  member,
  watch,
}) => {
  watch.expectNoNetwork();
  await signIn.as(member);
  const notes = new Notes(page);
  for (const text of ["Milk", "Eggs"]) {
    await notes.add(text);
    await notes.shows(text);
  }
  await context.setOffline(true);
  await notes.add("Bread");
  await expect(notes.note("Bread")).toContainText("Waiting to send");
  await expect(notes.summary).toHaveText("3 notes, 1 waiting to send");
  for (let times = 0; times < 5; times += 1) {
    await notes.note("Bread").getByRole("button", { name: "Try again" }).click();
    await expect(notes.note("Bread")).toContainText("Waiting to send");
  }
  for (const text of ["Milk", "Eggs"]) {
    await notes.delete(text);
    await expect(notes.note(text)).toContainText("Waiting to send");
  }
  await notes.note("Eggs").getByRole("button", { name: "Keep it" }).click();
  await page.getByRole("link", { name: "Sessions", exact: true }).click();
  await expect(page).toHaveURL("/app/sessions");
  await page.getByRole("link", { name: "Dashboard", exact: true }).click();
  await expect(notes.note("Bread"), "it is still there when one comes back").toContainText("Waiting to send");
  await notes.add("Butter");
  await expect(notes.note("Butter")).toContainText("Waiting to send");
  const deleted = page.waitForResponse("**/api/notes/delete");
  await context.setOffline(false);
  expect((await deleted).status()).toBe(204);
  for (const text of ["Butter", "Bread", "Eggs"]) await notes.shows(text);
  await expect(notes.summary).toHaveText("3 notes");
  await page.reload();
  await expect(notes.items).toHaveCount(3);
  for (const text of ["Butter", "Bread", "Eggs"]) await notes.shows(text);
});

test("what the server failed at is tried again when one says so", async ({ page, signIn, member, watch }) => {
  watch.expectStatus(500);
  await signIn.as(member);
  const notes = new Notes(page);
  await notes.add("Milk");
  await notes.shows("Milk");
  let failing = true;
  await page.route(/\/api\/notes/, (route) =>
    failing
      ? route.fulfill(serverAnswer(500, { code: "INTERNAL", message: "Something went wrong" }))
      : route.continue(),
  );
  await notes.add("Bread");
  await expect(notes.note("Bread")).toContainText("Not saved. Something went wrong");
  await notes.delete("Milk");
  await expect(notes.note("Milk")).toContainText("Not deleted. Something went wrong");
  failing = false;
  await notes.note("Bread").getByRole("button", { name: "Try again" }).click();
  await notes.shows("Bread");
  await notes.note("Milk").getByRole("button", { name: "Keep it" }).click();
  await notes.shows("Milk");
  await page.reload();
  await expect(notes.items).toHaveText([/Bread/, /Milk/]);
});

test("an answer that was lost adds no second note, whichever page one is on", async ({
  page,
  signIn,
  member,
  dashboard,
  watch,
}) => {
  watch.expectNoNetwork();
  await signIn.as(member);
  const notes = new Notes(page);
  await notes.arrived();
  await expect(dashboard.summary, "no other call brings the network back").toContainText("answers");
  let sent = 0;
  let seen = () => {};
  const lookedAt = new Promise<void>((done) => {
    seen = done;
  });
  await page.route("**/api/notes", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    sent += 1;
    if (sent > 1) {
      await lookedAt;
      return route.continue();
    }
    await route.fetch();
    return route.abort("connectionreset");
  });
  await notes.add("Milk");
  await expect(notes.note("Milk")).toContainText("Waiting to send");
  await expect.poll(() => sent, { message: "it is sent again", timeout: 15_000 }).toBe(2);
  await page.getByRole("link", { name: "Sessions", exact: true }).click();
  await page.getByRole("link", { name: "Dashboard", exact: true }).click();
  await expect(notes.note("Milk")).toContainText("Saving …");
  seen();
  await notes.shows("Milk");
  await page.reload();
  await expect(notes.items).toHaveCount(1);
});

test("what waits for the network is not sent in somebody else's name", async ({
  page,
  context,
  signIn,
  member,
  stranger,
  api,
  dashboard,
  watch,
}) => {
  watch.expectNoNetwork();
  await api.register(stranger);
  await signIn.as(member);
  const notes = new Notes(page);
  await notes.arrived();
  await page.route("**/api/**", (route) => route.abort("connectionreset"));
  await notes.add("Mine alone");
  await expect(notes.note("Mine alone")).toContainText("Waiting to send");

  const elsewhere = await context.newPage();
  await elsewhere.goto("/app");
  await expect(new Dashboard(elsewhere).summary, "no call is under way any more").toContainText("answers");
  await new Dashboard(elsewhere).signOut();
  await new SignIn(elsewhere).submit(stranger);
  await new Dashboard(elsewhere).belongsTo(stranger);
  await page.unroute("**/api/**");
  await page.bringToFront();
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(page.locator(".status-line"), "the network is back").toBeEmpty({ timeout: 15_000 });
  await page
    .getByRole("main")
    .getByRole("link", { name: /^Continue/ })
    .click();
  await dashboard.belongsTo(stranger);
  await notes.arrived();
  await expect(notes.items).toHaveCount(0);
  await page.reload();
  await expect(notes.items).toHaveCount(0);
});
