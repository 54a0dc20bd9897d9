// Password managers, translators and other extensions change the page: before the client takes it over, and after.

import type { BrowserContext, Page } from "@playwright/test";
import { SignInAgain } from "../pages/again";
import { live } from "../pages/live";
import { Notes } from "../pages/notes";
import { SignIn } from "../pages/sign-in";
import { hold } from "../support/hold";
import type { Person } from "../support/people";
import { expect, test as base } from "../support/test";

const test = base.extend<{ again: SignInAgain }>({ again: ({ page }, use) => use(new SignInAgain(page)) });

const CLIENT = "**/pkg/freshkey*.wasm";

/** Wraps every text of the page, as a translator does. */
const translate = () => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  for (const text of texts) {
    const font = document.createElement("font");
    if (text.data.trim() && !text.parentElement!.closest("script")) {
      text.replaceWith(font);
      font.textContent = text.data;
    }
  }
};

/** What the page has in it, and whether the client can take it over all the same. */
const CHANGES: Record<string, { change: () => void; takenOver: boolean }> = {
  "an element after the address": {
    change: () => document.querySelector("#email")!.after(document.createElement("div")),
    takenOver: true,
  },
  "an element first in the body": {
    change: () => document.body.prepend(document.createElement("div")),
    takenOver: true,
  },
  "two elements, a text and a comment before the form's fields": {
    change: () => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(document.createElement("i"));
      document
        .querySelector("form .field")!
        .before(button, "text", document.createComment("x"), new Text("y"));
    },
    takenOver: true,
  },
  "an element between a password and its button": {
    change: () => document.querySelector("#password")!.after(document.createElement("button")),
    takenOver: true,
  },
  "elements at every end, and attributes on everything": {
    change: () => {
      for (const element of document.querySelectorAll("body, body *, head, html")) {
        element.setAttribute("data-theirs", "1");
        if (!/^(INPUT|SCRIPT)$/.test(element.tagName)) element.append(document.createElement("div"));
      }
    },
    takenOver: true,
  },
  "an element that came and went": {
    change: () => {
      const element = document.createElement("div");
      document.querySelector("form")!.prepend(element);
      element.remove();
    },
    takenOver: true,
  },
  "texts replaced": { change: translate, takenOver: false },
  "a field moved into an element": {
    change: () => {
      const email = document.querySelector("#email")!;
      const around = document.createElement("span");
      email.replaceWith(around);
      around.append(email);
    },
    takenOver: false,
  },
  "an element taken away": { change: () => document.querySelector(".skip")!.remove(), takenOver: false },
};

for (const [name, { change, takenOver }] of Object.entries(CHANGES)) {
  test(`before the client is there, ${name}: a person signs in`, async ({
    page,
    signIn,
    dashboard,
    member,
  }) => {
    const client = await hold(page, CLIENT);
    await page.goto("/login");
    await client.arrived;
    await page.evaluate(change);
    const theirs = await page.locator("[data-theirs]").count();
    client.release();
    if (takenOver) await live(page);
    await page.waitForLoadState("networkidle");
    await expect(page.locator("body[data-hydrated]")).toHaveCount(takenOver ? 1 : 0);
    await expect(page.locator("[data-theirs]"), "what is theirs stays").toHaveCount(theirs);
    await signIn.submit(member);
    await dashboard.belongsTo(member);
    await dashboard.showsSuccessOf(3);
  });
}

test("an extension that is quicker than the parser: a person signs in", async ({
  page,
  signIn,
  dashboard,
  member,
}) => {
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      const email = document.querySelector("#email");
      if (!email?.nextSibling) return;
      observer.disconnect();
      email.after(document.createElement("div"));
      document.body.prepend(document.createElement("div"));
    }).observe(document, { childList: true, subtree: true });
  });
  await signIn.visit();
  await page.waitForLoadState("networkidle");
  await signIn.submit(member);
  await dashboard.belongsTo(member);
});

test("what is theirs stands where they put it, and works", async ({ page, signIn }) => {
  const client = await hold(page, CLIENT);
  await signIn.visit();
  await client.arrived;
  await page.evaluate(() => {
    const [first, second] = [document.createElement("button"), document.createElement("button")];
    for (const button of [first, second]) {
      button.type = "button";
      button.addEventListener("click", () => button.setAttribute("data-pressed", ""));
    }
    const email = document.querySelector("#email")!;
    email.after(first);
    first.after(second);
    email.before(document.createElement("hr"));
  });
  client.release();
  await live(page);
  const names = await page
    .locator("#email")
    .evaluate((email) => [...email.parentElement!.children].map((one) => one.tagName));
  expect(names).toEqual(["HR", "INPUT", "BUTTON", "BUTTON"]);
  await page.locator("#email ~ button").first().click();
  await expect(page.locator("[data-pressed]")).toHaveCount(1);
});

test("the fields of a live page are replaced by copies: a person signs in", async ({
  page,
  signIn,
  dashboard,
  member,
}) => {
  await signIn.open();
  await page.evaluate(() => {
    for (const input of document.querySelectorAll("form input")) {
      const around = document.createElement("span");
      around.append(input.cloneNode(true));
      input.replaceWith(around);
    }
  });
  await signIn.submit(member);
  await dashboard.belongsTo(member);
});

test("texts are replaced in a live page: what changes is shown all the same", async ({
  page,
  context,
  signIn,
  dashboard,
  member,
  watch,
}) => {
  watch.expectStatus(401, 422);
  watch.expectNoNetwork();
  await signIn.open();
  await page.evaluate(translate);
  await signIn.button.click();
  await expect(signIn.error).toHaveText("Check the highlighted fields");
  const wrong = page.locator("#email-error");
  await expect(wrong).not.toBeEmpty();
  await page.evaluate(translate);
  await signIn.submit({ email: member.email, password: "not this one at all" });
  await expect(signIn.error).toHaveText("Email or password is wrong");
  await expect(wrong).toBeEmpty();
  await signIn.submit(member);

  await expect(dashboard.summary).toContainText(", 3 answers");
  await page.evaluate(translate);
  await dashboard.call(5);
  await expect(dashboard.summary).toContainText(", 5 answers");
  const notes = new Notes(page);
  const answer = await hold(page, "**/api/notes");
  await notes.add("Milk");
  await answer.arrived;
  await expect(notes.note("Milk")).toContainText("Saving …");
  await page.evaluate(translate);
  answer.release();
  await expect(notes.note("Milk")).toContainText("just now");
  await expect(notes.note("Milk")).not.toContainText("Saving");

  const line = page.locator(".status-line");
  await context.setOffline(true);
  await expect(line).toHaveText(/You're offline/);
  await page.evaluate(translate);
  await context.setOffline(false);
  await expect(line).toBeEmpty();
});

test("events that no key and no pointer caused are ignored", async ({ page, signIn, member, dashboard }) => {
  const pretend = () => {
    for (const target of [window, document, ...document.querySelectorAll("*")]) {
      for (const type of [
        "keydown",
        "keyup",
        "keypress",
        "input",
        "change",
        "focus",
        "blur",
        "focusin",
        "focusout",
      ]) {
        target.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }));
      }
      for (const type of [
        "mousedown",
        "pointerdown",
        "pointerenter",
        "pointerleave",
        "cancel",
        "pageshow",
        "popstate",
      ]) {
        target.dispatchEvent(new CustomEvent(type, { bubbles: true, cancelable: true, detail: "theirs" }));
      }
    }
  };
  await page.goto("/register");
  await live(page);
  await page.evaluate(pretend);
  await signIn.open();
  await page.evaluate(pretend);
  await signIn.submit(member);
  const notes = new Notes(page);
  await notes.arrived();
  for (const text of ["Milk", "Bread"]) {
    await notes.add(text);
    await notes.shows(text);
  }
  await notes.delete("Milk");
  await notes.open("Bread");
  await expect(notes.toasts).toHaveCount(1);
  await page.evaluate(pretend);
  await expect(notes.editor).toHaveValue("Bread");
  await dashboard.call(4);
  await dashboard.showsSuccessOf(4);
});

/** From here on nothing can be added to the page: the client panics when it next has to. */
const breakPage = () => {
  const refuse = () => {
    throw new Error("broken by the test");
  };
  Object.assign(document, { createElement: refuse, createElementNS: refuse });
  Object.assign(Node.prototype, { cloneNode: refuse });
};

/** The client of a live page panics while nobody touches the page: another tab signs in. */
async function panics(page: Page, context: BrowserContext, member: Person): Promise<void> {
  await page.evaluate(breakPage);
  const other = await context.newPage();
  await new SignIn(other).as(member);
  await expect(page.locator("body[data-hydrated]")).toHaveCount(0);
  await other.close();
}

test.describe("the client panics", () => {
  test.beforeEach(({ watch }) => watch.expectMessage(/panicked|RuntimeError|unreachable|broken by the test/));

  test("in the middle of a click: the link is followed", async ({ page, signIn }) => {
    await signIn.open();
    await page.evaluate(breakPage);
    await page.getByRole("banner").getByRole("link", { name: "Create account" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Create your account");
    await live(page);
  });

  test("the form is the browser's", async ({ page, context, signIn, dashboard, member }) => {
    await signIn.open();
    await panics(page, context, member);
    await signIn.submit(member);
    await dashboard.belongsTo(member);
    await dashboard.showsSuccessOf(3);
  });

  test("links and the back button are the browser's", async ({ page, context, member }) => {
    const heading = page.getByRole("heading", { level: 1 });
    await page.goto("/");
    await live(page);
    await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
    await expect(heading).toHaveText("Sign in");
    await panics(page, context, member);
    await page.getByRole("link", { name: "Skip to content" }).focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL("/login#main");
    await page.goBack();
    await page.goBack();
    await expect(page).toHaveURL("/");
    await expect(heading).toHaveText("Sign-in is done. Build the rest.");
    await page.getByRole("banner").getByRole("link", { name: "How it works" }).click();
    await live(page);
    await expect(heading).toHaveText("See how it works");
  });

  test("no other tab waits for the turn that it has", async ({ page, context, signIn, member, watch }) => {
    // The sign-in that is let go at the end takes the place of the other tab's, whose calls may be under way.
    watch.expectStatus(401, 403);
    await signIn.open();
    const login = await hold(page, "**/api/login");
    await signIn.submit(member);
    await login.arrived;
    await page.evaluate(() =>
      setTimeout(() => {
        throw new WebAssembly.RuntimeError("unreachable");
      }),
    );
    await expect(page.locator("body[data-hydrated]")).toHaveCount(0);
    const other = await context.newPage();
    await new SignIn(other).as(member);
    login.release();
  });

  test("over the dialog: no password gets into a URL", async ({
    page,
    signIn,
    dashboard,
    again,
    member,
    openBrowser,
    watch,
  }) => {
    watch.expectStatus(401, 403);
    await signIn.as(member);
    await dashboard.showsSuccessOf(3);
    const elsewhere = await openBrowser();
    await new SignIn(elsewhere).as(member);
    await elsewhere.goto("/app/sessions");
    await live(elsewhere);
    await elsewhere.getByRole("button", { name: "Sign out all other devices" }).click();
    await dashboard.call(2);
    await expect(again.dialog).toBeVisible();
    await page.evaluate(() =>
      setTimeout(() => {
        throw new WebAssembly.RuntimeError("unreachable");
      }),
    );
    await expect(page.locator("body[data-hydrated]")).toHaveCount(0);
    await again.submit(member);
    await dashboard.belongsTo(member);
  });
});
