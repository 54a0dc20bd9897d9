// Flows by email: registering, resetting a password, signing in with a code; and a mail scanner that opens the
// emails' links.

import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { SignIn } from "../pages/sign-in";
import { Mailbox } from "../support/mailbox";
import { type Person, somebody } from "../support/people";
import { expect, test } from "../support/test";

test.use({ settings: { FRESHKEY_MAIL: "dev", FRESHKEY_MAIL_RATE_LIMIT: "off" } });

const NEW = "three loud grey geese";

/** Registers and enters the code. */
async function registered(page: Page, mailbox: Mailbox, person: Person): Promise<void> {
  await page.goto("/register");
  await live(page);
  await page.getByLabel("Name", { exact: true }).fill(person.name);
  await page.getByLabel("Email", { exact: true }).fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Create account", exact: true }).click();
  await expect(page).toHaveURL("/register/confirm");
  const code = mailbox.code(await mailbox.email(person.email, "register"));
  await page.getByLabel("Code", { exact: true }).fill(`Your code: ${code.slice(0, 4)} ${code.slice(4)}`);
  await page.getByRole("button", { name: "Confirm", exact: true }).click();
  await expect(page).toHaveURL("/app");
}

test("an account begins with a code", async ({ page, server, stranger, dashboard, watch }) => {
  watch.expectStatus(403, 422, 429);
  const mailbox = new Mailbox(server);
  await page.goto("/register?next=%2Fapp%2Fprofile");
  await live(page);
  await page.getByLabel("Email", { exact: true }).fill(stranger.email);
  await page.getByLabel("Password", { exact: true }).fill(stranger.password);
  await page.getByRole("button", { name: "Create account", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Confirm your email");
  await expect(page.getByText(stranger.email)).toBeVisible();
  const right = mailbox.code(await mailbox.email(stranger.email, "register"));

  const confirm = page.getByRole("button", { name: "Confirm", exact: true });
  await confirm.click();
  await expect(page.getByLabel("Code", { exact: true })).toHaveAccessibleDescription(/Enter the code/);
  await page.getByLabel("Code", { exact: true }).fill(right === "00000000" ? "00000001" : "00000000");
  await confirm.click();
  await expect(page.getByLabel("Code", { exact: true })).toHaveAccessibleDescription(
    "Wrong code. 4 tries left.",
  );
  const countdown = page.getByText(/^No email\? Next code in \d+ s\.$/);
  const before = await countdown.innerText();
  await expect(countdown).not.toHaveText(before);
  const place = await confirm.boundingBox();
  await page.getByRole("button", { name: "Send a new code" }).click();
  await expect(page.getByRole("alert")).toHaveText(
    /^You can get a new code in \d+ seconds\. The last one still works\.$/,
  );
  expect(await confirm.boundingBox(), "the error moves nothing: the card has room for it").toEqual(place);
  await page.getByLabel("Code", { exact: true }).fill(right);
  await confirm.click();
  await expect(page).toHaveURL("/app/profile");
  await page.goto("/app");
  await live(page);
  await dashboard.showsSuccessOf(3);
});

test("a link finishes it on the phone, with a password that is chosen there", async ({
  page,
  server,
  stranger,
  openBrowser,
}) => {
  const mailbox = new Mailbox(server);
  await page.goto("/register");
  await live(page);
  await page.getByLabel("Email", { exact: true }).fill(stranger.email);
  await page.getByLabel("Password", { exact: true }).fill("somebody else's choice");
  await page.getByRole("button", { name: "Create account", exact: true }).click();
  await expect(page).toHaveURL("/register/confirm");

  const phone = await openBrowser({ viewport: { width: 390, height: 844 } });
  const link = mailbox.link(await mailbox.email(stranger.email, "register"));
  await phone.goto(link);
  await expect(phone).toHaveURL("/register/finish");
  await live(phone);
  await expect(phone.getByRole("heading", { level: 1 })).toContainText(stranger.email);
  await phone.getByLabel("Password", { exact: true }).fill(stranger.password);
  await phone.getByRole("button", { name: "Create account", exact: true }).click();
  await expect(phone).toHaveURL("/app");
  await new Dashboard(phone).showsSuccessOf(3);
  expect(server.log).not.toContain(link.split("?t=")[1]);
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with script" : "without script", () => {
    test("a forgotten password is another, by a code", async ({ server, member, openBrowser }) => {
      const mailbox = new Mailbox(server);
      const page = await openBrowser({ javaScriptEnabled });
      const ready = () => (javaScriptEnabled ? live(page) : Promise.resolve());
      await page.goto("/login");
      await ready();
      await page.getByRole("link", { name: "Forgot your password?" }).click();
      await expect(page).toHaveURL(/^[^?]*\/forgot/);
      await ready();
      await page.getByLabel("Email", { exact: true }).fill(member.email);
      await page.getByRole("button", { name: "Send me a code" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Choose a new password");
      const code = mailbox.code(await mailbox.email(member.email, "reset"));
      await page.getByLabel("Code", { exact: true }).fill(code);
      await page.getByLabel("New password", { exact: true }).fill(NEW);
      await page.getByRole("button", { name: "Change password" }).click();
      await expect(page).toHaveURL("/login");
      const done = page.getByRole("main").getByText("Password changed. Sign in with the new one.");
      await expect(done, "and the page says that it worked").toBeVisible();
      await ready();
      await page.getByLabel("Email", { exact: true }).fill(member.email);
      await page.getByLabel("Password", { exact: true }).fill(NEW);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await expect(page).toHaveURL("/app");
      await mailbox.email(member.email, "password_changed");
    });

    test("a code signs in", async ({ server, member, openBrowser }) => {
      const mailbox = new Mailbox(server);
      const page = await openBrowser({ javaScriptEnabled });
      const ready = () => (javaScriptEnabled ? live(page) : Promise.resolve());
      await page.goto("/login?next=%2Fapp%2Fsessions");
      await ready();
      await page.getByRole("link", { name: "Email me a code" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in with a code");
      await ready();
      await page.getByLabel("Email", { exact: true }).fill(member.email);
      await page.getByRole("button", { name: "Email me a code" }).click();
      await expect(page.getByLabel("Code", { exact: true })).toBeVisible();
      await page
        .getByLabel("Code", { exact: true })
        .fill(mailbox.code(await mailbox.email(member.email, "sign_in_code")));
      await page.getByRole("button", { name: "Confirm", exact: true }).click();
      await expect(page).toHaveURL("/app/sessions");
    });
  });
}

/** Does things that trigger emails: signs in on a new device, downloads the data, changes password and address. */
async function makeHimselfFelt(page: Page, mailbox: Mailbox, person: Person, moved: string): Promise<void> {
  await new SignIn(page).as(person);
  await page.goto("/app/profile");
  await live(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download my data" }).click();
  await download;
  await page.getByLabel("Current password").fill(person.password);
  await page.getByLabel("New password").fill("four quiet white swans");
  await page.getByRole("button", { name: "Change password" }).click();
  await mailbox.email(person.email, "password_changed");
  await page.getByLabel("New email").fill(moved);
  await page.getByRole("button", { name: "Change email" }).click();
  await page
    .getByLabel("Code", { exact: true })
    .fill(mailbox.code(await mailbox.email(moved, "email_confirm")));
  await page.getByRole("button", { name: "Confirm", exact: true }).click();
  await mailbox.email(person.email, "email_changed");
}

test("a scanner opens every link and presses every button: nothing happens by that", async ({
  page,
  server,
  stranger,
  member,
  openBrowser,
  watch,
}) => {
  // Many links, each in a new browser.
  test.slow();
  // The scanner sends requests that the server refuses.
  watch.expectStatus(403, 404, 405, 409, 422, 429);
  const mailbox = new Mailbox(server);
  const moved = somebody().email;
  await makeHimselfFelt(await openBrowser(), mailbox, member, moved);
  await page.goto("/register");
  await live(page);
  await page.getByLabel("Email", { exact: true }).fill(stranger.email);
  await page.getByLabel("Password", { exact: true }).fill(stranger.password);
  await page.getByRole("button", { name: "Create account", exact: true }).click();
  await expect(page).toHaveURL("/register/confirm");
  await page.goto("/forgot");
  await live(page);
  await page.getByLabel("Email", { exact: true }).fill(moved);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await expect(page).toHaveURL("/reset");
  const notices = ["new_device", "data_exported", "password_changed", "email_changed"];
  const emails = [
    await mailbox.email(stranger.email, "register"),
    await mailbox.email(moved, "reset"),
    ...(await Promise.all(notices.map((kind) => mailbox.email(member.email, kind)))),
  ];

  for (const email of emails) {
    const links = [...email.html.matchAll(/href="([^"]+)"/g)].map(([, href]) =>
      href!.replaceAll("&amp;", "&"),
    );
    for (const link of [...new Set([...links, mailbox.link(email)])].filter((link) =>
      link.startsWith("http"),
    )) {
      await fetch(link, { method: "HEAD", redirect: "follow" });
      const scanner = await openBrowser();
      await scanner.goto(link);
      await live(scanner);
      for (const button of await scanner.getByRole("main").getByRole("button").all()) {
        // Pressing one button may remove the next one.
        if (await button.isVisible()) await button.click();
      }
      for (const form of await scanner.locator("main form").all()) {
        await form.evaluate((form: HTMLFormElement) => form.submit());
        await scanner.waitForURL(/[?&]error=/);
        await scanner.goto(link);
        await live(scanner);
      }
      await scanner.context().close();
    }
  }

  const kinds = async (to: string) => (await mailbox.all(to)).map(({ kind }) => kind).sort();
  expect(await kinds(member.email), "no email tells of a change").toEqual([...notices, "register"].sort());
  expect(await kinds(moved)).toEqual(["email_confirm", "email_new", "reset"]);
  const owner = await openBrowser();
  await owner.goto(mailbox.link(emails[1]!));
  await live(owner);
  await owner.getByLabel("New password", { exact: true }).fill(NEW);
  await owner.getByRole("button", { name: "Change password" }).click();
  await expect(owner).toHaveURL(/\/login/);
  await page.goto("/register/confirm");
  await live(page);
  await page.getByLabel("Code", { exact: true }).fill(mailbox.code(emails[0]!));
  await page.getByRole("button", { name: "Confirm", exact: true }).click();
  await expect(page).toHaveURL("/app");
  await owner.goto(mailbox.undo(emails[5]!));
  await live(owner);
  await owner.getByRole("radio", { name: "It was not me" }).check();
  await owner.getByRole("button", { name: "Continue" }).click();
  await expect(owner.getByText("Your account is as it was before")).toBeVisible();
});

test("a deleted account comes back by signing in", async ({
  page,
  server,
  stranger,
  signIn,
  openBrowser,
}) => {
  const mailbox = new Mailbox(server);
  await registered(page, mailbox, stranger);
  await page.goto("/app/profile");
  await live(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download my data" }).click();
  const path = await (await download).path();
  const file = JSON.parse(await readFile(path, "utf8")) as { account: { email: string } };
  expect(file.account.email).toBe(stranger.email);

  await page.getByText("Delete account …").click();
  await page.getByRole("button", { name: "Yes, delete my account" }).click();
  await expect(page).toHaveURL(/\/login/);
  await mailbox.email(stranger.email, "deletion_asked");
  const elsewhere = await openBrowser();
  await elsewhere.goto("/login");
  await live(elsewhere);
  await elsewhere.getByLabel("Email", { exact: true }).fill(stranger.email);
  await elsewhere.getByLabel("Password", { exact: true }).fill(stranger.password);
  await elsewhere.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(elsewhere.getByRole("heading", { level: 1 })).toHaveText("Keep your account?");
  await elsewhere.getByRole("button", { name: "Keep my account" }).click();
  await expect(elsewhere).toHaveURL("/app");
  await signIn.as(stranger);
});
