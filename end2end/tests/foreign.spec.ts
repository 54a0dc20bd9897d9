// Password managers, translators and other extensions change the page, before and after hydration.

import { live } from "../pages/live";
import { Notes } from "../pages/notes";
import { hold } from "../support/hold";
import { expect, test } from "../support/test";

const CLIENT = "**/pkg/freshkey*.wasm";

/** Wraps every text of the page, as translators do. */
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

/** Changes to the page, and whether the client can still hydrate it. */
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
