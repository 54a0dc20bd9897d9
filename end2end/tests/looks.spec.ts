// The looks, as far as a machine can check: nothing moves while a page loads, nothing is wider than the screen, and
// large text, high contrast and right-to-left text work.

import type { Page } from "@playwright/test";
import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { SignIn } from "../pages/sign-in";
import { type Person, somebody } from "../support/people";
import { axe } from "../support/axe";
import { shifts } from "../support/shifts";
import { SlowLine } from "../support/slow-line";
import { expect, test } from "../support/test";

const PUBLIC = ["/", "/login", "/register", "/lab", "/no/such/page"];
const OWN = ["/app", "/app/sessions", "/app/security", "/app/profile", "/login"];

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const NARROW = { width: 320, height: 640 };

/** Every page, freshly loaded and settled: first the public ones, then as a signed-in user. */
async function* everyPage(page: Page, member: Person): AsyncGenerator<string> {
  for (const path of PUBLIC) {
    await page.goto(path);
    await live(page);
    yield path;
  }
  await new SignIn(page).as(member);
  for (const path of [...OWN, "/"]) {
    await page.goto(path);
    await live(page);
    if (path === "/app") await expect(new Dashboard(page).summary).toContainText("answers");
    yield `${path}, signed in`;
  }
}

function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** A person whose name and address are one long word each. */
function longPerson(): Person {
  const person = somebody();
  return {
    ...person,
    name: "Wolfeschlegelsteinhausenbergerdorff".repeat(2),
    email: `${"x".repeat(40)}.${person.email}`,
  };
}

test.beforeEach(({ watch }) => watch.expectStatus(404));

for (const [screen, viewport] of Object.entries({ DESKTOP, PHONE, NARROW })) {
  test(`nothing moves while a page arrives slowly: ${screen.toLowerCase()}`, async ({
    openBrowser,
    member,
    server,
    watch,
  }) => {
    test.slow();
    const line = await SlowLine.before(server.origin);
    watch.expectOrigin(line.origin);
    try {
      const page = await openBrowser({ viewport, baseURL: line.origin });
      const moved = await shifts(page);
      for await (const name of everyPage(page, member)) expect.soft(await moved(), name).toEqual([]);
    } finally {
      await line.close();
    }
  });
}

for (const direction of ["ltr", "rtl"]) {
  test(`no page is scrolled sideways on a narrow phone: ${direction}`, async ({
    openBrowser,
    api,
    server,
  }) => {
    test.slow();
    const long = longPerson();
    await api.register(long);
    await server.command("users", "set-role", long.email, "admin");
    const page = await openBrowser({ viewport: NARROW, userAgent: "x".repeat(200) });
    await page.addInitScript((direction) => {
      document.addEventListener("DOMContentLoaded", () =>
        document.documentElement.setAttribute("dir", direction),
      );
    }, direction);
    for await (const name of everyPage(page, long)) expect.soft(await overhang(page), name).toBe(0);
    await page.goto("/app");
    await page.getByLabel("New note").fill("x".repeat(200));
    await page.getByRole("button", { name: "Add note" }).click();
    await expect(page.getByRole("list", { name: "Your notes" })).toContainText("x".repeat(200));
    expect.soft(await overhang(page), "a long note").toBe(0);
    await page.goto("/app/admin");
    await live(page);
    await expect(page.getByRole("main").getByRole("listitem").filter({ hasText: long.email })).toBeVisible();
    expect.soft(await overhang(page), "all accounts").toBe(0);
    await page
      .getByRole("main")
      .getByRole("listitem")
      .filter({ hasText: long.email })
      .getByRole("link")
      .click();
    await expect(page.getByRole("heading", { name: "Activity" })).toBeVisible();
    expect.soft(await overhang(page), "an account").toBe(0);
  });
}

test("text of twice the size fits", async ({ openBrowser, member }) => {
  test.slow();
  const page = await openBrowser({ viewport: { width: 640, height: 400 } });
  for await (const name of everyPage(page, member)) {
    expect.soft(await overhang(page), `${name}, zoomed`).toBe(0);
    await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
    expect.soft(await overhang(page), `${name}, with large letters`).toBe(0);
  }
});

for (const media of [{ forcedColors: "active" }, { contrast: "more" }] as const) {
  test(`axe finds nothing with ${JSON.stringify(media)}`, async ({ openBrowser, member }) => {
    test.slow();
    const page = await openBrowser({ viewport: PHONE });
    await page.emulateMedia(media);
    for await (const name of everyPage(page, member)) {
      const { violations } = await (await axe(page)).analyze();
      expect
        .soft(
          violations.map(({ id }) => id),
          name,
        )
        .toEqual([]);
      expect.soft(await overhang(page), name).toBe(0);
    }
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`every hue can be read: ${colorScheme}`, async ({ openBrowser }) => {
    test.slow();
    const page = await openBrowser({ colorScheme });
    await page.goto("/register");
    await live(page);
    for (let hue = 0; hue < 360; hue += 30) {
      await page.evaluate((hue) => document.documentElement.style.setProperty("--hue", String(hue)), hue);
      const { violations, passes } = await (await axe(page)).withRules(["color-contrast"]).analyze();
      expect
        .soft(
          violations.map(({ nodes }) => nodes.map(({ html }) => html)),
          `hue ${hue}`,
        )
        .toEqual([]);
      expect(passes, "it did look").toHaveLength(1);
    }
  });
}

for (const viewport of [PHONE, NARROW]) {
  test(`the ways through an account are one row, ${viewport.width} wide`, async ({ openBrowser, member }) => {
    const page = await openBrowser({ viewport });
    await new SignIn(page).as(member);
    const navigation = page.getByRole("navigation");
    const parts = [
      ...["Dashboard", "Profile", "Security", "Sessions"].map((name) =>
        navigation.getByRole("link", { name }),
      ),
      page.getByRole("button", { name: "Sign out" }),
    ];
    const middles = new Set<number>();
    for (const part of parts) {
      await expect(part).toBeVisible();
      const { y, height } = (await part.boundingBox())!;
      middles.add(Math.round((y + height / 2) / 4));
    }
    expect([...middles].length, "all at one height").toBe(1);
    const { height } = (await page.getByRole("banner").boundingBox())!;
    expect(height).toBeLessThanOrEqual(72);
    for (const part of parts) await expect(part).toBeInViewport({ ratio: 1 });
  });
}

test("between phone and desktop nothing in the header is covered or cut", async ({ openBrowser, api }) => {
  const long = longPerson();
  await api.register(long);
  const page = await openBrowser();
  await new SignIn(page).as(long);
  const navigation = page.getByRole("navigation");
  const links = ["Dashboard", "Profile", "Security", "Sessions"].map((name) =>
    navigation.getByRole("link", { name }),
  );
  const parts = [...links, page.getByRole("button", { name: "Sign out" })];
  for (const width of [481, 500, 560, 600, 640, 641, 700, 736, 737, 900]) {
    await page.setViewportSize({ width, height: 700 });
    let end = 0;
    for (const part of parts) {
      await expect.soft(part, `${width}: nothing is cut`).toBeInViewport({ ratio: 1 });
      const { x, width: size } = (await part.boundingBox())!;
      expect.soft(x, `${width}: nothing is covered`).toBeGreaterThanOrEqual(end);
      end = x + size;
    }
    expect.soft(await overhang(page), String(width)).toBe(0);
  }
});

test("with large letters on a phone the names of devices stay whole", async ({
  openBrowser,
  member,
  api,
}) => {
  await api.login(member);
  const page = await openBrowser({ viewport: PHONE });
  await new SignIn(page).as(member);
  await page.goto("/app/sessions");
  await live(page);
  await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
  const broken = await page.locator(".session-name").evaluateAll((names) => {
    const texts = names.flatMap((name) =>
      [...name.childNodes].filter((node): node is Text => node instanceof Text),
    );
    const words = texts.flatMap((text) => [...text.data.matchAll(/\S+/g)].map((word) => ({ text, word })));
    const isBroken = ({ text, word }: (typeof words)[number]) => {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      return range.getClientRects().length > 1;
    };
    return { looked: words.length, broken: words.filter(isBroken).map(({ word }) => word[0]) };
  });
  expect(broken.looked).toBeGreaterThan(2);
  expect(broken.broken).toEqual([]);
  expect(await overhang(page)).toBe(0);
});

test("on paper there is nothing to press", async ({ openBrowser, member }) => {
  const page = await openBrowser();
  await new SignIn(page).as(member);
  await page.emulateMedia({ media: "print" });
  for (const [path, heading] of [
    ["/app", "Notes"],
    ["/app/sessions", "Sessions"],
    ["/app/profile", "Profile"],
  ] as const) {
    await page.goto(path);
    await live(page);
    await expect(page.getByRole("heading", { name: heading, exact: true })).toBeVisible();
    for (const role of ["button", "textbox", "spinbutton", "checkbox"] as const)
      await expect(page.getByRole(role).locator("visible=true"), `${path}: ${role}`).toHaveCount(0);
  }
});
