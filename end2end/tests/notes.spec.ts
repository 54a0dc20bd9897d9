// The notes on the dashboard: changes appear at once, are sent afterwards, and nothing typed is lost.

import { live } from "../pages/live";
import { Notes } from "../pages/notes";
import { SignIn } from "../pages/sign-in";
import { hold } from "../support/hold";
import { serverAnswer } from "../support/answers";
import { axe } from "../support/axe";
import { expect, test } from "../support/test";

test("added, changed, deleted and brought back", async ({ page, signIn, member }) => {
  await signIn.as(member);
  const notes = new Notes(page);
  await expect(notes.empty).toBeVisible();
  await notes.add("Milk");
  await notes.shows("Milk");
  await expect(notes.field).toHaveValue("");
  await expect(notes.field).toBeFocused();
  await notes.add("Bread\nand <b>butter</b>");
  await notes.shows("Bread\nand <b>butter</b>");
  await expect(notes.items.first(), "the newest first").toContainText("Bread");
  await expect(notes.summary).toHaveText("2 notes");

  await notes.open("Milk");
  await expect(notes.editor).toBeFocused();
  await expect(notes.editor).toHaveValue("Milk");
  await notes.editor.fill("no milk");
  await page.keyboard.press("Escape");
  await expect(notes.editLink("Milk"), "the focus is back").toBeFocused();
  await notes.open("Milk");
  await notes.save("Oat milk");
  await notes.shows("Oat milk");
  await expect(notes.editLink("Oat milk")).toBeFocused();

  await notes.delete("Oat milk");
  await expect(notes.note("Oat milk")).toHaveCount(0);
  await expect(notes.toasts).toContainText("Note deleted");
  await notes.toasts.getByRole("button", { name: "Undo" }).click();
  await notes.shows("Oat milk");
  await expect(notes.toasts).toHaveCount(0);

  await page.reload();
  await expect(notes.items).toHaveText([/Bread/, /Oat milk/]);
});

test("after a deletion the focus is on the note beside it, at last on the heading", async ({
  page,
  signIn,
  member,
}) => {
  await signIn.as(member);
  const notes = new Notes(page);
  for (const text of ["one", "two", "three"]) {
    await notes.add(text);
    await notes.shows(text);
  }
  await expect(notes.items).toHaveText([/three/, /two/, /one/]);
  await notes.deleteButton("two").press("Enter");
  await expect(notes.editLink("one")).toBeFocused();
  await notes.deleteButton("one").press("Enter");
  await expect(notes.editLink("three")).toBeFocused();
  await notes.deleteButton("three").press("Enter");
  await expect(notes.empty).toBeVisible();
  await expect(notes.panel.getByRole("heading", { name: "Notes" })).toBeFocused();
});

test("a note that another tab has deleted goes without an error", async ({ page, signIn, member, watch }) => {
  watch.expectStatus(404);
  await signIn.as(member);
  const notes = new Notes(page);
  for (const text of ["Milk", "Bread"]) {
    await notes.add(text);
    await notes.shows(text);
  }
  const tab = new Notes(await page.context().newPage());
  await tab.page.goto("/app");
  await tab.delete("Milk");
  await expect(tab.note("Milk")).toHaveCount(0);
  await notes.delete("Milk");
  await expect(notes.items).toHaveText([/Bread/]);
  await expect(notes.panel.getByRole("alert")).toHaveCount(0);
});

test("a note is found by a word of it", async ({ page, signIn, member }) => {
  await signIn.as(member);
  const notes = new Notes(page);
  await notes.arrived();
  await expect(notes.search, "there is nothing to look for").toBeHidden();
  for (const text of ["Oat milk", "Bread"]) await notes.add(text);
  await notes.search.fill("MILK");
  await expect(notes.items).toHaveText([/Oat milk/]);
  await expect(notes.summary).toHaveText("1 note");
  await notes.search.fill("cheese");
  await expect(notes.summary).toHaveText("No note matches");
  await notes.search.fill("");
  await expect(notes.items).toHaveText([/Bread/, /Oat milk/]);
});

test("the list arrives with the page", async ({ page, signIn, member }) => {
  await signIn.as(member);
  const notes = new Notes(page);
  await notes.add("Milk");
  await notes.shows("Milk");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await page.reload();
  await live(page);
  await expect(page.getByText(", 3 answers")).toBeVisible();
  expect(asked).not.toContain("GET /api/notes");
  await notes.shows("Milk");
});

test("a note is on the page before the server has it", async ({ page, signIn, member }) => {
  await signIn.as(member);
  const notes = new Notes(page);
  await notes.arrived();
  const call = await hold(page, "**/api/notes");
  await notes.add("Milk");
  await expect(notes.note("Milk")).toContainText("Saving …");
  await call.arrived;
  // Changes made meanwhile are sent afterwards.
  await notes.delete("Milk");
  await notes.toasts.getByRole("button", { name: "Undo" }).click();
  await notes.open("Milk");
  await notes.save("Oat milk");
  call.release();
  await notes.shows("Oat milk");
  await page.reload();
  await expect(notes.items).toHaveText([/Oat milk/]);
});

test("the browser asks before a note is lost with the page", async ({ page, signIn, member }) => {
  await signIn.as(member);
  const notes = new Notes(page);
  await notes.arrived();
  const call = await hold(page, "**/api/notes");
  await notes.add("Milk");
  await call.arrived;
  const asksBeforeItReloads = async () => {
    const asked = page.waitForEvent("dialog");
    const reload = page.evaluate(() => location.reload());
    const dialog = await asked;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.dismiss();
    await reload;
  };
  await asksBeforeItReloads();
  await page.getByRole("link", { name: "Sessions" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sessions");
  await asksBeforeItReloads();
  await page.getByRole("link", { name: "Dashboard" }).click();
  call.release();
  await notes.shows("Milk");
  // Now it is saved, so the page must not ask. The listener dismisses any dialog, which would cancel the reload.
  page.on("dialog", (dialog) => dialog.dismiss());
  await page.reload();
  await notes.shows("Milk");
  await expect(page.getByText(", 3 answers")).toBeVisible();
});

test("what the server refuses goes back into the form", async ({ page, signIn, member, watch }) => {
  watch.expectStatus(422);
  await signIn.as(member);
  const notes = new Notes(page);
  await notes.add("  ");
  await expect(notes.field).toHaveAccessibleDescription(/Write something first\./);
  await notes.add("\u0007 rings");
  await expect(notes.field).toHaveAccessibleDescription(/control characters/);
  await expect(notes.field).toHaveValue("\u0007 rings");

  const full = { text: "You have 500 notes, the most there can be: delete one first." };
  const refused = serverAnswer(422, {
    code: "VALIDATION",
    message: "Check the highlighted fields",
    fields: full,
  });
  await page.route("**/api/notes", (route) => route.fulfill(refused), { times: 1 });
  await notes.add("One too many");
  await expect(notes.field).toHaveAccessibleDescription(/You have 500 notes/);
  await expect(notes.field).toHaveValue("One too many");
  await expect(notes.items).toHaveCount(0);
  await notes.addButton.click();
  await notes.shows("One too many");
});

test("nobody sees somebody else's", async ({ page, signIn, member, api, stranger, openBrowser }) => {
  await api.register(stranger);
  await signIn.as(member);
  const notes = new Notes(page);
  await notes.add("mine");
  await notes.shows("mine");
  const other = await openBrowser();
  await new SignIn(other).as(stranger);
  const others = new Notes(other);
  await expect(others.empty).toBeVisible();
  await others.add("theirs");
  await others.shows("theirs");
  await page.reload();
  await expect(notes.items).toHaveText([/mine/]);
});

test("there are at most three toasts, and each goes when it is told to", async ({ page, signIn, member }) => {
  await signIn.as(member);
  const notes = new Notes(page);
  const texts = ["one", "two", "three", "four"];
  for (const text of texts) {
    await notes.add(text);
    await notes.shows(text);
  }
  for (const text of texts) await notes.delete(text);
  await expect(notes.toasts).toHaveCount(3);
  await notes.toasts.first().getByRole("button", { name: "Dismiss" }).click();
  await expect(notes.toasts).toHaveCount(2);
  await notes.toasts.last().getByRole("button", { name: "Undo" }).focus();
  await page.keyboard.press("Escape");
  await expect(notes.toasts).toHaveCount(1);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing: ${colorScheme}`, async ({ openBrowser, member, watch }) => {
    watch.expectNoNetwork();
    const page = await openBrowser({
      colorScheme,
      reducedMotion: "reduce",
      viewport: { width: 320, height: 640 },
    });
    await new SignIn(page).as(member);
    const notes = new Notes(page);
    await notes.add("a-word-that-does-not-end-".repeat(8));
    await notes.add("Milk");
    await notes.add("Bread");
    await notes.shows("Bread");
    await notes.delete("Milk");
    await notes.open("Bread");
    await notes.save(" ");
    await expect(notes.editor).toHaveAttribute("aria-invalid", "true");
    await page.context().setOffline(true);
    await notes.add("Jam");
    await expect(notes.note("Jam")).toContainText("Waiting to send");
    const { violations } = await (await axe(page)).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual(
      [],
    );
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overhang, "nothing to scroll sideways").toBeLessThanOrEqual(0);
    await page.context().setOffline(false);
  });
}

test.describe("without WASM", () => {
  test.use({ javaScriptEnabled: false });

  test("forms do it all", async ({ page, signIn, member }) => {
    await signIn.visit();
    await signIn.submit(member);
    const notes = new Notes(page);
    await notes.add("Milk\nand bread");
    await expect(page).toHaveURL("/app");
    await notes.shows("Milk");
    await notes.open("Milk");
    await expect(notes.editor).toHaveValue("Milk\nand bread");
    await notes.save("</textarea><b>Oat milk");
    await notes.shows("</textarea><b>Oat milk");
    await notes.open("Oat milk");
    await expect(notes.editor).toHaveValue("</textarea><b>Oat milk");
    await page.getByRole("link", { name: "Cancel" }).click();
    await expect(notes.editor).toHaveCount(0);
    await notes.delete("Oat milk");
    await expect(notes.items).toHaveCount(0);
    await expect(notes.panel.getByText("Note deleted")).toBeVisible();
    await notes.panel.getByRole("button", { name: "Undo" }).click();
    await expect(page).toHaveURL("/app");
    await notes.shows("Oat milk");
  });
});
