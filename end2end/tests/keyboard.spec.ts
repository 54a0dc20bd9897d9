// With the keyboard alone: after following a link or signing in, the focus is at the beginning of the new page, as
// after a document load.

import { live } from "../pages/live";
import { Notes } from "../pages/notes";
import { expect, test } from "../support/test";

test("the heading of the page that was opened has the focus", async ({ page, signIn, member }) => {
  const heading = page.getByRole("heading", { level: 1 });
  await page.goto("/");
  await live(page);
  await expect(page.locator("body"), "a document is begun at its beginning").toBeFocused();
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).press("Enter");
  await expect(heading).toHaveText("Sign in");
  await expect(signIn.email, "a form is begun in its first field").toBeFocused();

  await page.keyboard.type(member.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(member.password);
  await page.keyboard.press("Enter");
  await expect(heading).toHaveText(/^Hello/);
  await expect(heading).toBeFocused();

  await page.getByRole("link", { name: "Sessions" }).press("Enter");
  await expect(heading).toHaveText("Sessions");
  await expect(heading).toBeFocused();
  const signOutHere = page.getByRole("button", { name: "Sign out here" });
  await expect(signOutHere, "the list comes after its heading").toBeVisible();
  await page.keyboard.press("Tab");
  await expect(signOutHere).toBeFocused();
});

test("a deleted note comes back by Control+Z, which is the field's in a field", async ({
  page,
  signIn,
  member,
}) => {
  await signIn.as(member);
  const notes = new Notes(page);
  for (const text of ["Milk", "Bread"]) {
    await notes.add(text);
    await notes.shows(text);
  }
  await notes
    .note("Milk")
    .getByRole("button", { name: /^Delete/ })
    .press("Enter");
  await expect(notes.toasts).toContainText("Note deleted");
  await notes.field.pressSequentially("Tea");
  await page.keyboard.press("Control+z");
  await expect(notes.field).not.toHaveValue("Tea");
  await expect(notes.items).toHaveText([/Bread/]);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Control+z");
  await notes.shows("Milk");
  await expect(notes.toasts).toHaveCount(0);
});
