// The code of a page arrives when the page is opened, not earlier; if it can't be loaded, nothing is lost.

import type { Request } from "@playwright/test";
import { expect, test } from "../support/test";
import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { SignIn } from "../pages/sign-in";
import { NAME } from "../support/brand";
import { listens, watchChannels } from "../support/channels";
import { hold } from "../support/hold";

const FRONT = "Sign-in is done. Build the rest.";
const LAB = "How it works";
const CODE_OF_THE_LAB = /\/pkg\/split_lab\.[\w-]+\.wasm$/;

// 1.4 times the size of a one-line page with this framework (129 KB of WASM, 6 KB of JavaScript).
const ENOUGH_TO_SIGN_IN = 190_000;
const ENOUGH_FOR_PASSKEYS = 12_000;
const ENOUGH_FOR_THE_LAB = 90_000;
const TO_SIGN_IN = /\/pkg\/(freshkey|__wasm_split)[\w.-]*\.(wasm|js)$/;
const CODE_OF_PASSKEYS = /\/pkg\/split_passkeys\.[\w-]+\.wasm$/;

test("to sign in, no page's own code is loaded, and little in all; passkeys come when the page is live", async ({
  page,
  signIn,
}) => {
  const code: Request[] = [];
  page.on("requestfinished", (request) => {
    if (/\.(wasm|js)$/.test(new URL(request.url()).pathname)) code.push(request);
  });
  await signIn.open();
  await page.waitForLoadState("networkidle");
  const bytes = async (which: RegExp) => {
    const named = code.filter((request) => which.test(new URL(request.url()).pathname));
    const sizes = await Promise.all(named.map(async (request) => (await request.sizes()).responseBodySize));
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  expect(await bytes(TO_SIGN_IN)).toBeLessThanOrEqual(ENOUGH_TO_SIGN_IN);
  const parts = code
    .map((request) => new URL(request.url()).pathname)
    .filter((path) => path.includes("/split_"));
  expect(parts.filter((path) => !CODE_OF_PASSKEYS.test(path))).toEqual([]);
  expect(await bytes(CODE_OF_PASSKEYS)).toBeLessThanOrEqual(ENOUGH_FOR_PASSKEYS);
});

test("a page that is opened by its address fetches its code beside the rest, once", async ({ page }) => {
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  const lab = page.waitForResponse((response) => CODE_OF_THE_LAB.test(new URL(response.url()).pathname));
  await page.goto("/lab");
  await live(page);
  const { responseBodySize } = await (await lab).request().sizes();
  expect(responseBodySize, "its own code is small").toBeLessThanOrEqual(ENOUGH_FOR_THE_LAB);
  const named = await page
    .locator('head link[rel="preload"][as="fetch"]')
    .evaluateAll((links) => links.map((link) => new URL((link as HTMLLinkElement).href).pathname));
  const code = loaded.filter((path) => path.endsWith(".wasm"));
  expect(code.some((path) => CODE_OF_THE_LAB.test(path))).toBe(true);
  expect([...code].sort(), "the head names all of it, and nothing is loaded twice").toEqual(named.sort());
});

test("the title stays while the code comes", async ({ page }) => {
  await page.addInitScript(() => {
    const titles: string[] = [];
    const look = () => titles.at(-1) === document.title || titles.push(document.title);
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { titles });
  });
  await page.goto("/lab");
  await live(page);
  const titles = await page.evaluate(() => (window as unknown as { titles: string[] }).titles);
  expect(titles.join("|").replace(/^\|/, ""), "but for the moment before it was read").toBe(
    `How it works · ${NAME}`,
  );
});

test("without a network one stays on the page, and the new one opens when it is back", async ({
  page,
  context,
  watch,
}) => {
  watch.expectNoNetwork();
  watch.expectMessage(/Failed to fetch/);
  await page.goto("/");
  await live(page);
  await context.setOffline(true);
  await page.getByRole("main").getByRole("link", { name: "How it works" }).click();
  await expect(page.getByText("You're offline")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(FRONT);
  await context.setOffline(false);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(LAB);
});

test("a page that was given up for another one neither names the window nor takes the focus", async ({
  page,
  signIn,
}) => {
  await page.addInitScript(() => {
    const { instantiateStreaming } = WebAssembly;
    WebAssembly.instantiateStreaming = async (source, imports) => {
      const made = await instantiateStreaming(source, imports);
      const { dataset } = document.documentElement;
      dataset.code = `${dataset.code ?? ""} ${(await source).url}`;
      return made;
    };
  });
  await page.goto("/");
  await live(page);
  const code = await hold(page, "**/pkg/split_lab.*");
  await page.getByRole("main").getByRole("link", { name: "How it works" }).click();
  await code.arrived;
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText("Sign in");
  await signIn.email.press("a");
  code.release();
  await expect(page.locator('html[data-code*="split_lab"]')).toHaveCount(1);
  // Wait for the next frames, in which a page would take the focus.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(page).toHaveTitle(`Sign in · ${NAME}`);
  await expect(signIn.email).toBeFocused();
  await page.getByRole("banner").getByRole("link", { name: "How it works" }).click();
  await expect(heading).toHaveText(LAB);
  await expect(heading).toBeFocused();
  await expect(page).toHaveTitle(`How it works · ${NAME}`);
});

test("another document is opened while the code comes: the last navigation wins", async ({
  page,
  api,
  watch,
}) => {
  watch.expectNoNetwork();
  watch.expectMessage(/Failed to fetch|WebAssembly/);
  await page.goto("/");
  await live(page);
  let abort = async () => {};
  const asked = new Promise<void>((arrived) => {
    void page.route("**/pkg/split_lab.*", (route) => {
      abort = () => route.abort("aborted");
      arrived();
    });
  });
  await page.getByRole("main").getByRole("link", { name: "How it works" }).click();
  await asked;
  const login = await hold(page, "**/login");
  const opened = page.goto("/login");
  await login.arrived;
  // Some browsers abort what the previous page is still loading.
  const looked = page.waitForResponse("**/livez");
  await abort();
  await (await looked).finished();
  await api.page("/"); // a round trip's time for the page
  login.release();
  await opened;
  await expect(page).toHaveURL("/login");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
});

test("while the page waits for its code others change it: it stays plain HTML that works", async ({
  page,
  signIn,
  member,
  dashboard,
}) => {
  for (const change of [
    () => document.querySelector("main h1")!.firstChild!.replaceWith(document.createElement("font")),
    () => document.querySelector("main form")!.replaceChildren(...document.querySelectorAll("main form > *")),
  ]) {
    const code = await hold(page, "**/pkg/split_register.*");
    await page.goto("/register");
    await code.arrived;
    await page.evaluate(change);
    code.release();
    await page.waitForLoadState("networkidle");
    await expect(page.locator("body[data-hydrated]")).toHaveCount(0);
  }
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  await live(page);
  await signIn.submit(member);
  await dashboard.belongsTo(member);
});

test("a server that no longer has the code is asked for the whole page", async ({ page, watch }) => {
  watch.expectStatus(404);
  watch.expectMessage(/WebAssembly/);
  await page.goto("/");
  await live(page);
  await page.evaluate(() => document.body.setAttribute("data-before", ""));
  await page.route(CODE_OF_THE_LAB, (route) => route.fulfill({ status: 404 }), { times: 1 });
  await page.getByRole("main").getByRole("link", { name: "How it works" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(LAB);
  await live(page);
  await expect(page.locator("body[data-before]")).toHaveCount(0);
});

test("where the code never comes, the page that the server rendered stays", async ({ page, watch }) => {
  watch.expectStatus(404);
  watch.expectMessage(/WebAssembly/);
  watch.expectMessage(/preload/);
  let documents = 0;
  page.on("request", (request) => (documents += Number(request.isNavigationRequest())));
  await page.route(CODE_OF_THE_LAB, (route) => route.fulfill({ status: 404 }));
  const looked = page.waitForResponse("**/livez");
  await page.goto("/lab");
  await looked;
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(LAB);
  await page.getByRole("contentinfo").getByRole("link", { name: "Home" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(FRONT);
  expect(documents, "the lab, and the front page by a plain link").toBe(2);
});

for (const where of ["in another tab", "right there"] as const) {
  test(`while a page waits for its code, its person signs out ${where}`, async ({
    page,
    context,
    signIn,
    member,
  }) => {
    await signIn.as(member);
    const waiting = where === "right there" ? page : await context.newPage();
    await watchChannels(waiting);
    const code = await hold(waiting, "**/pkg/split_signed_in.*");
    await waiting.goto("/app");
    await code.arrived;
    await listens(waiting);
    await expect(waiting.getByRole("heading", { level: 1 })).toHaveText(/^Hello/);
    await new Dashboard(page).signOutButton.click();
    await expect(waiting).toHaveURL(/\/login/);
    code.release();
    await live(waiting);
    await expect(new SignIn(waiting).button).toBeVisible();
    await expect(waiting.getByText(member.email)).toHaveCount(0);
  });
}

test("a page that did not arrive as a whole stays what it is: plain HTML", async ({ page }) => {
  for (const missing of [100, 400, 1500]) {
    await page.route("/lab", async (route) => {
      const answer = await route.fetch();
      const html = await answer.text();
      await route.fulfill({ response: answer, body: html.slice(0, -missing) });
    });
    await page.goto("/lab");
    await page.waitForLoadState("networkidle");
    await expect(page.locator("body[data-hydrated]")).toHaveCount(0);
    await page.getByRole("link", { name: "Sign in" }).click();
    await expect(page).toHaveURL("/login");
    await page.unroute("/lab");
  }
});
