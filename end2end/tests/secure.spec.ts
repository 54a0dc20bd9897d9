// Changing the address, and "It was not me": with and without a script, and in another browser than the one where it
// happened.

import type { Page } from "@playwright/test";
import { live } from "../pages/live";
import { Mailbox } from "../support/mailbox";
import { type Person, somebody } from "../support/people";
import { axe } from "../support/axe";
import { expect, test } from "../support/test";

test.use({ settings: { FRESHKEY_MAIL: "dev", FRESHKEY_MAIL_RATE_LIMIT: "off" } });

const NEW = "three loud grey geese";

/** Waits until the page is live, if scripts are on. */
type Ready = (page: Page) => Promise<void>;

/** Signs in and changes the account's address. */
async function changeAddress(page: Page, ready: Ready, mailbox: Mailbox, person: Person, to: string) {
  await page.goto("/login?next=%2Fapp%2Fprofile");
  await ready(page);
  await page.getByLabel("Email", { exact: true }).fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL("/app/profile");
  await ready(page);
  await page.getByLabel("New email").fill(to);
  await page.getByRole("button", { name: "Change email" }).click();
  await expect(page.getByText(`We sent a code to ${to}`)).toBeVisible();
  await page.getByLabel("Code", { exact: true }).fill(mailbox.code(await mailbox.email(to, "email_confirm")));
  await page.getByRole("button", { name: "Confirm", exact: true }).click();
  await expect(page.getByText("You can undo a recent change to your account")).toBeVisible();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with script" : "without script", () => {
    const ready: Ready = (page) => (javaScriptEnabled ? live(page) : Promise.resolve());

    test("an address becomes another, and its owner takes it back on another device", async ({
      server,
      member,
      openBrowser,
      watch,
    }) => {
      watch.expectStatus(401, 403, 422);
      // Chromium logs this line if there is no script and a page stays open.
      watch.expectMessage(/was preloaded using link preload but not used/);
      const mailbox = new Mailbox(server);
      const thief = await openBrowser({ javaScriptEnabled });
      const evil = somebody().email;
      await changeAddress(thief, ready, mailbox, member, evil);

      const owner = await openBrowser({ javaScriptEnabled, viewport: { width: 390, height: 844 } });
      const link = mailbox.undo(await mailbox.email(member.email, "email_changed"));
      await owner.goto(link);
      await expect(owner).toHaveURL("/secure");
      await ready(owner);
      const main = owner.getByRole("main");
      await expect(main).toContainText("The email address of your account was changed.");
      await expect(main).toContainText(member.email);
      await expect(main).toContainText(/Chrome on \w+/);
      await expect(main, "whoever was told need not know it").not.toContainText(evil);
      await expect(main.getByRole("radio", { checked: true })).toHaveCount(0);

      await owner.getByRole("button", { name: "Continue" }).click();
      await expect(main.getByText("Choose one of the two.")).toBeVisible();
      if (javaScriptEnabled) expect((await (await axe(owner)).analyze()).violations).toEqual([]);
      await owner.getByRole("radio", { name: "It was not me" }).check();
      await owner.getByRole("button", { name: "Continue" }).click();
      await expect(main.getByText("Your account is as it was before")).toBeVisible();
      await owner.reload();
      await expect(main.getByText("Your account is as it was before")).toBeVisible();

      await mailbox.email(evil, "undone");
      const reset = mailbox.link(await mailbox.email(member.email, "reset"));
      await owner.goto(reset);
      await ready(owner);
      await owner.getByLabel("New password", { exact: true }).fill(NEW);
      await owner.getByRole("button", { name: "Change password" }).click();
      await expect(owner).toHaveURL(/\/login/);
      await ready(owner);
      await owner.getByLabel("Email", { exact: true }).fill(member.email);
      await owner.getByLabel("Password", { exact: true }).fill(NEW);
      await owner.getByRole("button", { name: "Sign in", exact: true }).click();
      await expect(owner).toHaveURL("/app");

      await thief.goto("/app/sessions");
      await expect(thief, "the thief is out").toHaveURL(/\/login/);
      await owner.goto(link);
      await expect(main.getByText("This link can't be used any more.")).toBeVisible();
      expect(server.log).not.toContain(link.split("?t=")[1]);
    });

    test("it was me: nothing changes", async ({ server, member, openBrowser, watch }) => {
      watch.expectMessage(/was preloaded using link preload but not used/);
      const mailbox = new Mailbox(server);
      const page = await openBrowser({ javaScriptEnabled });
      const to = somebody().email;
      await changeAddress(page, ready, mailbox, member, to);
      await page.goto(mailbox.undo(await mailbox.email(member.email, "email_changed")));
      await ready(page);
      await page.getByRole("radio", { name: "It was me" }).check();
      await page.getByRole("button", { name: "Continue" }).click();
      await expect(page.getByText("Then all is well")).toBeVisible();
      await page.goto("/app/profile");
      await expect(page.getByRole("main").getByText(to)).toBeVisible();
      await expect(
        page.getByText("You can undo a recent change to your account"),
        "nothing waits any more",
      ).toHaveCount(0);
      await page.goto("/app/security");
      await expect(page.getByText("You told us: it was you")).toBeVisible();
    });
  });
}
