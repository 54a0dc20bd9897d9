// The messages at the edge of the window disappear by themselves, but never while the user reads them.

import type { Locator, Page } from "@playwright/test";
import { Notes } from "../pages/notes";
import { takeClock } from "../support/clock";
import { expect, test as base } from "../support/test";

// A message with a button stays for 15 s. Just before and after that:
const JUST_BEFORE = 14_000;
const JUST_AFTER = 2_000;

/** Notes to delete; from here on only the test lets time pass. */
const test = base.extend<{ notes: Notes }>({
  notes: async ({ page, signIn, member }, use) => {
    await takeClock(page);
    await signIn.as(member);
    const notes = new Notes(page);
    for (const text of ["Milk", "Bread"]) {
      await notes.add(text);
      await notes.shows(text);
    }
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1000));
    await use(notes);
  },
});

test("a message goes by itself, once there was time to read it", async ({ page, notes }) => {
  await notes.delete("Milk");
  await expect(notes.toasts).toContainText("Note deleted");
  await page.clock.runFor(JUST_BEFORE);
  await expect(notes.toasts).toContainText("Note deleted");
  await page.clock.runFor(JUST_AFTER);
  await expect(notes.toasts).toHaveCount(0);
  await expect(notes.items, "what it was about stays done").toHaveText([/Bread/]);
});

test("each has its own time", async ({ page, notes }) => {
  await notes.delete("Milk");
  await expect(notes.toasts).toHaveCount(1);
  await page.clock.runFor("00:10");
  await notes.delete("Bread");
  await expect(notes.toasts).toHaveCount(2);
  await page.clock.runFor("00:06");
  await expect(notes.toasts).toHaveCount(1);
  await page.clock.runFor("00:10");
  await expect(notes.toasts).toHaveCount(0);
});

interface Reader {
  comes: (toast: Locator) => Promise<void>;
  goes: (page: Page, notes: Notes) => Promise<void>;
}

const READERS: Record<string, Reader> = {
  "the pointer is over it": {
    comes: (toast) => toast.hover(),
    goes: (page) => page.mouse.move(1, 1),
  },
  "its button has the focus": {
    comes: (toast) => toast.getByRole("button", { name: "Undo" }).focus(),
    goes: (_, notes) => notes.field.focus(),
  },
};

for (const [name, { comes, goes }] of Object.entries(READERS)) {
  test(`no message goes while ${name}, and all do afterwards`, async ({ page, notes }) => {
    for (const text of ["Milk", "Bread"]) await notes.delete(text);
    await expect(notes.toasts).toHaveCount(2);
    await comes(notes.toasts.last());
    await page.clock.runFor("05:00");
    await expect(notes.toasts).toHaveCount(2);

    await goes(page, notes);
    await page.clock.runFor(JUST_BEFORE);
    await expect(notes.toasts, "there is as much time as at first").toHaveCount(2);
    await page.clock.runFor(JUST_AFTER);
    await expect(notes.toasts).toHaveCount(0);
  });
}

const WAYS: Record<string, (dismiss: Locator) => Promise<void>> = {
  "by the pointer": (dismiss) => dismiss.click(),
  "by the keyboard": (dismiss) => dismiss.press("Enter"),
  "by Escape": (dismiss) => dismiss.press("Escape"),
};

for (const [name, dismiss] of Object.entries(WAYS)) {
  test(`one that is dismissed does not hold the others: ${name}`, async ({ page, notes }) => {
    for (const text of ["Milk", "Bread"]) await notes.delete(text);
    await expect(notes.toasts).toHaveCount(2);
    await dismiss(notes.toasts.first().getByRole("button", { name: "Dismiss" }));
    await expect(notes.toasts).toHaveCount(1);
    await page.mouse.move(1, 1);
    await page.clock.runFor(JUST_BEFORE + JUST_AFTER);
    await expect(notes.toasts).toHaveCount(0);
  });
}
