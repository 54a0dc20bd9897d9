// Two-step sign-in, as people set it up and use it, with a script and without.

import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { RecoveryCodes, Scan, SecondStep } from "../pages/second-step";
import { Security } from "../pages/security";
import { SignIn } from "../pages/sign-in";
import { expect, test } from "../support/test";
import { axe } from "../support/axe";
import { protect } from "../support/two-step";

// Some codes have to be waited for: each works once, and the next one is only valid later.
test.beforeEach(() => test.slow());

async function axeFindsNothing(page: Page): Promise<void> {
  const { violations } = await (await axe(page)).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with script" : "without script", () => {
    test("an app is added, and asked for at the next sign-in", async ({
      openBrowser,
      member,
      server,
      watch,
    }) => {
      watch.expectStatus(403);
      watch.expectMessage(/was preloaded using link preload but not used/);
      const page = await openBrowser({ javaScriptEnabled });
      const ready = () => (javaScriptEnabled ? live(page) : Promise.resolve());
      const look = () => (javaScriptEnabled ? axeFindsNothing(page) : Promise.resolve());
      const [signIn, security, second] = [new SignIn(page), new Security(page), new SecondStep(page)];
      const scan = new Scan(page);
      await signIn.visit();
      await ready();
      await signIn.submit(member);
      await new Dashboard(page).belongsTo(member);
      await page.goto("/app/security");
      await ready();
      await expect(security.protection).toContainText("Only your password protects your account.");
      await expect(security.twoStep).toHaveAttribute("aria-checked", "false");
      await expect(security.twoStep).toBeDisabled();
      await look();

      await security.button("Add an app").click();
      await expect(page).toHaveURL("/app/security/totp");
      await ready();
      const app = await scan.app();
      server.secrets.keep("a seed", (await scan.key.textContent())!);
      await scan.key.click();
      expect(await page.evaluate(() => String(getSelection())), "without spaces").toMatch(/^[A-Z2-7]{32}$/);
      await look();
      await second.submit(app.at(Date.now() - 120_000));
      await expect(page.getByText("Your phone's clock is about 2 minutes slow.").first()).toBeVisible();
      const key = await scan.key.textContent();
      await page.reload();
      await ready();
      await expect(scan.key, "it is still the same").toHaveText(key!);
      await second.submit(await app.code());

      await expect(page).toHaveURL("/app/security/recovery-codes");
      await ready();
      const codes = await new RecoveryCodes(page).all();
      for (const code of codes) server.secrets.keep("a recovery code", code);
      await look();
      await new RecoveryCodes(page).saved.click();
      await expect(page).toHaveURL("/app/security");
      await ready();
      await expect(security.twoStep).toHaveAttribute("aria-checked", "true");
      await expect(security.section("Authenticator apps").getByRole("listitem")).toHaveCount(1);
      await expect(security.section("Recovery codes")).toContainText("10 are left");
      await look();
      await page.goto("/app/security/recovery-codes");
      await expect(page.getByText("There is nothing to show now.")).toBeVisible();
      await expect(page.getByText(codes[0]!)).toHaveCount(0);

      await test.step("the next sign-in asks for a code", async () => {
        await page.goto("/app");
        await ready();
        await new Dashboard(page).signOut();
        await signIn.visit("/app/sessions");
        await ready();
        await signIn.submit(member);
        await second.isAsked();
        await ready();
        await look();
        await second.submit("000000");
        await expect(second.code).toHaveAccessibleDescription(/Wrong code/);
        await second.trust.check();
        await second.submit(await app.code());
        await expect(page, "the page that was wanted").toHaveURL("/app/sessions");
      });

      await test.step("a trusted device is not asked, until it is forgotten", async () => {
        await ready();
        await new Dashboard(page).signOut();
        await signIn.visit();
        await ready();
        await signIn.submit(member);
        await new Dashboard(page).belongsTo(member);
        await page.goto("/app/security");
        await ready();
        await expect(security.section("Trusted devices")).toContainText("One device is not asked");
      });
    });
  });
}

test("a recovery code signs in once, and new ones are made in time", async ({
  page,
  signIn,
  member,
  server,
  watch,
}) => {
  watch.expectStatus(401, 403);
  const { app, recoveryCodes } = await protect(server, member);
  const [second, security] = [new SecondStep(page), new Security(page)];
  for (const code of recoveryCodes.slice(0, 7)) {
    await signIn.open();
    await signIn.submit(member);
    await second.isAsked();
    // As people type it.
    await second.submit(code.toUpperCase().replaceAll("-", " "));
    await expect(page).toHaveURL("/app");
    await new Dashboard(page).signOut();
  }
  await signIn.open();
  await signIn.submit(member);
  await second.isAsked();
  await second.submit(recoveryCodes[0]!);
  await expect(second.code).toHaveAccessibleDescription(/Wrong code/);
  await second.submit(await app.code());
  await expect(page).toHaveURL("/app");

  await security.follow();
  await expect(security.section("Recovery codes").getByRole("status")).toContainText(
    "Only 3 recovery codes are left.",
  );
  await expect(security.protection).toContainText("make new ones");
  await security.button("Make new codes").click();
  await expect(page).toHaveURL("/app/security/recovery-codes");
  const codes = await new RecoveryCodes(page).all();
  for (const code of codes) server.secrets.keep("a recovery code", code);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByText("Copied.")).toBeVisible();
  const text = codes.join("\n") + "\n";
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  expect(await readFile(await (await download).path(), "utf8")).toBe(text);
  await expect(page.getByRole("button", { name: "Print" })).toBeVisible();
});

test("an app is renamed and removed, and that ends two-step sign-in", async ({
  page,
  signIn,
  member,
  server,
}) => {
  const { app } = await protect(server, member);
  await signIn.open();
  await signIn.submit(member);
  const [second, security] = [new SecondStep(page), new Security(page)];
  await second.isAsked();
  await second.submit(await app.code());
  await expect(page).toHaveURL("/app");
  await security.follow();
  const item = security.section("Authenticator apps").getByRole("listitem");
  await item.getByRole("button", { name: "Rename" }).click();
  await expect(item.getByLabel("Name")).toBeFocused();
  await expect(item.getByLabel("Name")).toHaveValue("Authenticator app");
  await item.getByLabel("Name").fill("The old phone");
  await page.keyboard.press("Enter");
  await expect(item).toContainText("The old phone");
  await expect(item.getByLabel("Name")).toBeHidden();
  await item.getByRole("button", { name: "Remove" }).click();
  await expect(item).toHaveCount(0);
  await expect(security.twoStep).toHaveAttribute("aria-checked", "false");
  await expect(page.getByRole("heading", { level: 1 }), "one goes on at the page's beginning").toBeFocused();
});

test("two-step sign-in is turned off by its switch", async ({ page, signIn, member, server }) => {
  const { recoveryCodes } = await protect(server, member);
  await signIn.open();
  await signIn.submit(member);
  const [second, security] = [new SecondStep(page), new Security(page)];
  await second.isAsked();
  await second.submit(recoveryCodes[0]!);
  await expect(page).toHaveURL("/app");
  await security.follow();
  await security.twoStep.click();
  await expect(security.twoStep).toHaveAttribute("aria-checked", "false");
  await expect(security.section("Recovery codes")).toContainText("They come with two-step sign-in.");
});

test("whoever is signed out over a page signs in again with both steps, and what was typed stays", async ({
  page,
  signIn,
  member,
  server,
  watch,
}) => {
  watch.expectStatus(401, 403);
  const { recoveryCodes } = await protect(server, member);
  await signIn.open();
  await signIn.submit(member);
  const second = new SecondStep(page);
  await second.isAsked();
  await second.submit(recoveryCodes[0]!);
  await expect(page).toHaveURL("/app");
  await page.goto("/app/profile");
  await live(page);
  await page.getByRole("textbox", { name: "Name" }).fill("Ada King");
  await server.command("sessions", "end", "--user", member.email);
  await page.getByRole("button", { name: "Save name" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.getByLabel("Password", { exact: true }).fill(member.password);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog.getByLabel("Code", { exact: true })).toBeFocused();
  const { violations } = await (await axe(page)).include("dialog").analyze();
  expect(violations).toEqual([]);
  await dialog.getByLabel("Code", { exact: true }).fill("000000");
  await page.keyboard.press("Enter");
  await expect(dialog.getByLabel("Code", { exact: true })).toHaveAccessibleDescription(/Wrong code/);
  await dialog.getByLabel("Code", { exact: true }).fill(recoveryCodes[1]!);
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Name saved.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Ada King");
});
