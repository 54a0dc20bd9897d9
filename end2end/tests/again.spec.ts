// The session ends under an open page: the page says why, the person signs in again over it, and goes on.

import { SignInAgain } from "../pages/again";
import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { Notes } from "../pages/notes";
import { Sessions } from "../pages/sessions";
import { SignIn } from "../pages/sign-in";
import type { Page } from "@playwright/test";
import { listens, watchChannels } from "../support/channels";
import { hold } from "../support/hold";
import type { Person } from "../support/people";
import { axe } from "../support/axe";
import { expect, test as base } from "../support/test";

const test = base.extend<{ again: SignInAgain; elsewhere: Page; somebodyElse: Person }>({
  again: ({ page }, use) => use(new SignInAgain(page)),
  // The same person's other browser, which can end sessions.
  elsewhere: async ({ openBrowser, member }, use) => {
    const page = await openBrowser();
    await new SignIn(page).as(member);
    await use(page);
  },
  somebodyElse: async ({ api, stranger }, use) => {
    expect((await api.register(stranger)).status).toBe(201);
    await use(stranger);
  },
});

/** Ends every other session of the person. */
async function endTheOthers(elsewhere: Page): Promise<void> {
  const sessions = new Sessions(elsewhere);
  await sessions.open();
  await elsewhere.getByRole("button", { name: "Sign out all other devices" }).click();
  await expect(sessions.others).toHaveCount(0);
}

test.beforeEach(async ({ signIn, member, dashboard, watch }) => {
  watch.expectStatus(401, 403);
  await signIn.as(member);
  await expect(dashboard.summary).toContainText(", 3 answers");
});

test("nothing typed is lost, and the calls that waited are answered", async ({
  page,
  dashboard,
  again,
  elsewhere,
  member,
}) => {
  await endTheOthers(elsewhere);
  await dashboard.call(7);
  await expect(again.why).toContainText("another device");
  await expect(page).toHaveURL("/app");
  await expect(again.email, "the person is known").toHaveValue(member.email);
  await expect(again.password).toHaveValue("");

  await test.step("a wrong password is said in the dialog", async () => {
    await again.submit({ email: member.email, password: "not this one at all" });
    await expect(again.error).toHaveText("Email or password is wrong");
    await expect(again.password, "it is typed again").toHaveValue("");
    await expect(again.password).toBeFocused();
  });

  await again.submit(member);
  await expect(again.dialog).toBeHidden();
  await expect(dashboard.callsAtOnce).toHaveValue("7");
  await dashboard.showsSuccessOf(7);
  await dashboard.belongsTo(member);
});

test("a page that waits for its code asks when it is there", async ({
  context,
  dashboard,
  again,
  elsewhere,
}) => {
  const waiting = await context.newPage();
  await watchChannels(waiting);
  const code = await hold(waiting, "**/pkg/split_signed_in.*");
  await waiting.goto("/app/profile");
  await code.arrived;
  await listens(waiting);
  await endTheOthers(elsewhere);
  await dashboard.call(1);
  await expect(again.why).toContainText("another device");
  code.release();
  await live(waiting);
  await expect(new SignInAgain(waiting).why).toContainText("another device");
});

test("somebody else signs in: the page starts afresh, as theirs", async ({
  dashboard,
  again,
  elsewhere,
  somebodyElse,
}) => {
  await endTheOthers(elsewhere);
  await dashboard.call(7);
  await again.submit(somebodyElse);
  await dashboard.belongsTo(somebodyElse);
  await live(dashboard.page); // a new document
  await expect(dashboard.callsAtOnce, "nothing of the other's is left").not.toHaveValue("7");
  await dashboard.call(4);
  await dashboard.showsSuccessOf(4);
});

test("somebody else signs in over what is not saved: nobody is asked whether it may be lost", async ({
  page,
  dashboard,
  again,
  elsewhere,
  somebodyElse,
}) => {
  const notes = new Notes(page);
  await notes.arrived();
  await endTheOthers(elsewhere);
  await notes.add("Milk");
  await expect(again.dialog).toBeVisible();
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.dismiss();
  });
  await again.submit(somebodyElse);
  await dashboard.belongsTo(somebodyElse);
  await notes.arrived();
  await expect(notes.items).toHaveCount(0);
  expect(asked).toEqual([]);
});

for (const [name, leave] of Object.entries({
  "by the button": (again: SignInAgain) => again.notNow.click(),
  "by Escape": (again: SignInAgain) => again.page.keyboard.press("Escape"),
})) {
  test(`whoever will not sign in again is led to the sign-in page, and back later: ${name}`, async ({
    page,
    dashboard,
    again,
    elsewhere,
    signIn,
    member,
  }) => {
    await endTheOthers(elsewhere);
    await dashboard.call(3);
    await expect(again.dialog).toBeVisible();
    await leave(again);
    await expect(page).toHaveURL(/\/login\?next=/);
    await expect(page.getByRole("status").filter({ hasText: "another device" })).toBeVisible();
    await signIn.submit(member);
    await dashboard.belongsTo(member);
  });
}

test("in every tab at once, and signing in once is enough", async ({
  context,
  dashboard,
  again,
  elsewhere,
  member,
}) => {
  const tab = await context.newPage();
  const other = { dashboard: new Dashboard(tab), again: new SignInAgain(tab) };
  await other.dashboard.open();
  await other.dashboard.callsAtOnce.fill("9");

  await endTheOthers(elsewhere);
  await dashboard.call(5);
  await expect(other.again.why, "without a hand on it").toContainText("another device");
  await again.submit(member);
  await expect(other.again.dialog).toBeHidden();
  await expect(other.dashboard.callsAtOnce).toHaveValue("9");
  await dashboard.showsSuccessOf(5);
  await other.dashboard.call(9);
  await other.dashboard.showsSuccessOf(9);
});

test("a call that comes back late does not unsay why", async ({
  page,
  dashboard,
  again,
  elsewhere,
  traffic,
  member,
}) => {
  await endTheOthers(elsewhere);
  const late = await hold(page, "**/api/protected");
  traffic.startCounting();
  await dashboard.call(2);
  await late.arrived;
  await expect(again.why).toContainText("another device");
  // The cookie is gone by now. A page that asks is told so, but not why.
  late.release();
  await expect.poll(() => traffic.answered, "it asks for itself").toEqual([403, 401]);
  await page.evaluate(() => fetch("/livez")); // sent and answered after it
  await expect(again.why).toContainText("another device");
  await again.submit(member);
  await expect(again.dialog).toBeHidden();
  await dashboard.showsSuccessOf(2);
});

test("whoever will not in one tab may still in another", async ({
  page,
  context,
  dashboard,
  again,
  elsewhere,
  member,
}) => {
  const tab = await context.newPage();
  const other = { dashboard: new Dashboard(tab), again: new SignInAgain(tab) };
  await other.dashboard.open();
  await other.dashboard.callsAtOnce.fill("9");

  await endTheOthers(elsewhere);
  await dashboard.call(5);
  await expect(other.again.dialog).toBeVisible();
  await again.notNow.click();
  await expect(page).toHaveURL(/\/login\?next=/);
  await expect(other.again.dialog).toBeVisible();
  await other.again.submit(member);
  await expect(other.again.dialog).toBeHidden();
  await expect(other.dashboard.callsAtOnce, "what was half written is there").toHaveValue("9");
});

test("it is usable by keyboard alone, and by everybody", async ({
  page,
  dashboard,
  again,
  elsewhere,
  member,
}) => {
  await endTheOthers(elsewhere);
  await dashboard.call(2);
  await expect(again.dialog).toBeVisible();
  for (const colorScheme of ["light", "dark"] as const) {
    // Colours in transition are neither the old nor the new ones.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await (await axe(page)).include("dialog").analyze();
    expect(violations).toEqual([]);
  }
  await expect(again.dialog, "what the focus passes by is read out").toHaveAccessibleDescription(
    /another device/,
  );
  await expect(again.password, "who it is, is known").toBeFocused();
  await page.keyboard.type(member.password);
  await page.keyboard.press("Enter");
  await expect(again.dialog).toBeHidden();
  await dashboard.showsSuccessOf(2);
});

test("the password can be typed at once, each time it opens", async ({
  page,
  dashboard,
  again,
  elsewhere,
  member,
}) => {
  for (const count of [2, 5]) {
    await endTheOthers(elsewhere);
    await dashboard.call(count);
    await expect(again.password).toBeFocused();
    await page.keyboard.type(member.password);
    await page.keyboard.press("Enter");
    await expect(again.dialog).toBeHidden();
    await dashboard.showsSuccessOf(count);
  }
});
