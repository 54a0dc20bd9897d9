// The questions that the page /lab answers, with scripts and without.

import type { Page } from "@playwright/test";
import { Lab } from "../pages/lab";
import { expect, test } from "../support/test";

const ANSWERS: [question: string, part: string, sentences: (string | RegExp)[]][] = [
  [
    "What are the parts of a JWT?",
    "A token, taken apart",
    [
      "three parts in base64url",
      "Header how to check it",
      "Payload what it says",
      "Signature why to believe it",
    ],
  ],
  [
    "Why does an access token live for minutes?",
    "Two tokens",
    ["Whoever holds it can use it, so it must not live long."],
  ],
  [
    "What is a refresh token, and where is it?",
    "Two tokens",
    ["Fetches new access tokens.", "An HttpOnly cookie."],
  ],
  [
    "What happens when the access token expires?",
    "Expiry and one refresh",
    ["the next call is answered 401. The client sends one refresh"],
  ],
  [
    "Why one refresh for all calls?",
    "Expiry and one refresh",
    ["they would race for one refresh token", "1 refresh instead of 12", "25 requests instead of 36"],
  ],
  ["Why rotation?", "Rotation and theft", ["works once", "a copy cannot be told from the original."]],
  [
    "What becomes of a stolen refresh token?",
    "Rotation and theft",
    ["presents generation 0 again. It was already used, so there is a copy somewhere: the session ends."],
  ],
  [
    "What is CSRF, and why does it bounce?",
    "CSRF: requests from other sites",
    ["cross-site request forgery", "acts as you", "Three guards stop it."],
  ],
  [
    "What is the rate limit, what is 429?",
    "401, 403, 429, and the rate limit",
    [
      "Too many requests. Retry-After says how many seconds to wait.",
      "until the bucket is full; then the answer is 429",
    ],
  ],
  [
    "401 or 403?",
    "401, 403, 429, and the rate limit",
    [
      "missing or has expired",
      "The client refreshes once",
      "understood and not allowed",
      "The client does not refresh",
    ],
  ],
  [
    "Why is the access token in memory?",
    "Two tokens",
    ["Any script that slips into the page can read localStorage"],
  ],
  [
    "What does another service check?",
    "Where another service comes in",
    [/signature.*alg.*typ.*iss.*aud.*exp/s, "without asking this server"],
  ],
];

async function answersEverything(page: Page): Promise<void> {
  for (const [question, part, sentences] of ANSWERS) {
    const region = page.getByRole("region", { name: part, exact: true });
    for (const sentence of sentences) await expect(region, question).toContainText(sentence);
  }
  const console = page.getByText("Its red lines about 401, 403 and 429 belong to this page");
  await expect(console).toBeVisible();
}

test("the page opens with the two tokens, and answers twelve questions", async ({ page, request }) => {
  await new Lab(page).open();
  for (const name of ["Access token", "Refresh token"]) {
    const card = page.getByRole("region", { name, exact: true });
    await expect(card).toBeVisible();
    await expect(card.locator("dt")).toHaveText(["Lives", "Kept in", "Seen by", "Checked by", "If stolen"]);
  }
  await expect(page.locator(".renewal")).toContainText(/expires\s*→\s*401\s*renewed by/);
  const titles = await page.getByRole("heading", { level: 2 }).allInnerTexts();
  expect(titles).toEqual([
    "Two tokens",
    "A token, taken apart",
    "Expiry and one refresh",
    "Rotation and theft",
    "CSRF: requests from other sites",
    "401, 403, 429, and the rate limit",
    "Where another service comes in",
  ]);
  await answersEverything(page);
  const guide = await page.getByRole("link", { name: /Read the guide/ }).getAttribute("href");
  expect(await (await request.get(guide!)).text()).toContain("# Verifying access tokens in another service");
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("it answers as much", async ({ page }) => {
    await page.goto("/lab");
    await expect(page.locator("noscript p")).toHaveText(/The live parts need WebAssembly/);
    await expect(page.getByRole("navigation", { name: "On this page" }).getByRole("link")).toHaveCount(7);
    await expect(page.getByRole("button", { name: "Send the forgeries" })).toBeDisabled();
    await answersEverything(page);
    await page.getByText("The code behind it: crates/freshkey-core/src/rules/rotation.rs").click();
    await expect(page.getByText("Decision::Rotate")).toBeVisible();
  });
});
