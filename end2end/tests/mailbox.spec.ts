// The development mailbox: `FRESHKEY_MAIL=dev`.

import { Mailbox } from "../support/mailbox";
import { expect, test } from "../support/test";

test.use({ settings: { FRESHKEY_MAIL: "dev", FRESHKEY_MAIL_RATE_LIMIT: "off" } });

// The frame of an email blocks all scripts, even the test tool's own.
test.beforeEach(({ watch }) => watch.expectMessage(/^console error: Blocked script execution/));

test("shows an email as it comes, and copies its code", async ({ page, context, server, stranger }) => {
  const mailbox = new Mailbox(server);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/dev/mailbox");
  const list = page.getByRole("navigation", { name: "Emails" }).getByRole("link");
  const before = await list.count();

  await mailbox.register(stranger);
  await expect(list, "without a reload").toHaveCount(before + 1);
  const email = await mailbox.email(stranger.email, "register");
  await expect(list.first()).toContainText(stranger.email);
  await list.first().click();
  await expect(page.getByRole("heading", { name: email.subject })).toBeVisible();

  await page.getByRole("button", { name: "Copy the code" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(mailbox.code(email));
});

test("shows it as its reader sees it, as text, and its headers", async ({ page, server, stranger }) => {
  const mailbox = new Mailbox(server);
  await mailbox.register(stranger);
  const email = await mailbox.email(stranger.email, "register");
  await page.goto(`/dev/mailbox?id=${email.id}`);
  const inside = page.frameLocator("iframe");
  await expect(inside.getByRole("heading", { name: "Welcome to" })).toBeVisible();
  await expect(inside.getByRole("link", { name: "Finish signing up" })).toHaveAttribute(
    "href",
    /\/register\/finish\?t=/,
  );

  await page.getByText("Text", { exact: true }).click();
  await expect(page.locator("pre.text")).toContainText("Type this code");
  await expect(page.locator("iframe")).toBeHidden();
  await page.getByText("Headers", { exact: true }).click();
  await expect(page.locator("pre.head")).toContainText("Auto-Submitted: auto-generated");
  await page.getByText("Phone", { exact: true }).click();
  await expect(page.locator("iframe")).toHaveCSS("width", "390px");
});

test("opens a link of an email in a window of its own", async ({ page, context, server, stranger }) => {
  const mailbox = new Mailbox(server);
  await mailbox.register(stranger);
  const email = await mailbox.email(stranger.email, "register");
  await page.goto(`/dev/mailbox?id=${email.id}`);
  const opened = context.waitForEvent("page");
  await page.frameLocator("iframe").getByRole("link", { name: "Finish signing up" }).click();
  const window = await opened;
  await expect(window).toHaveURL(/\/register\/finish$/);
  await expect(page).toHaveURL(/\/dev\/mailbox/);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("shows emails, too", async ({ page, server, stranger }) => {
    const mailbox = new Mailbox(server);
    await mailbox.register(stranger);
    await page.goto("/dev/mailbox");
    await page.getByRole("link", { name: stranger.email }).click();
    const inside = page.frameLocator("iframe");
    await expect(inside.getByRole("heading", { name: "Welcome to" })).toBeVisible();
    await page.getByText("Text", { exact: true }).click();
    await expect(page.locator("pre.text")).toContainText("Type this code");
  });
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 800 } });

  test("has the list on one page and the email on the next", async ({ page, server, stranger }) => {
    const mailbox = new Mailbox(server);
    await mailbox.register(stranger);
    await page.goto("/dev/mailbox");
    await expect(page.locator("iframe")).toBeHidden();
    await page.getByRole("link", { name: stranger.email }).click();
    await expect(page.locator("iframe")).toBeVisible();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, "nothing sticks out").toBeLessThanOrEqual(390);
    await page.getByRole("link", { name: "All emails" }).click();
    await expect(page.getByRole("link", { name: stranger.email })).toBeVisible();
  });
});
