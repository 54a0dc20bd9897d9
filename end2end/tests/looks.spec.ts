// How it looks, as far as a machine can tell: nothing moves while a page loads, nothing is wider than
// the screen, and whoever needs large text, strong contrast or the other direction gets it.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { Dashboard } from "../pages/dashboard";
import { live } from "../pages/live";
import { SignIn } from "../pages/sign-in";
import { NAME } from "../support/brand";
import { type Person, somebody } from "../support/people";
import { expect, test } from "../support/test";

const PUBLIC = ["/", "/login", "/register", "/no/such/page"];
const OWN = ["/app", "/app/sessions", "/app/security"];

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const NARROW = { width: 320, height: 640 };

/** Every page, loaded anew and at rest: the public ones, and then as somebody who is signed in. */
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
    if (path === "/app") await expect(new Dashboard(page).summary).toContainText("succeeded");
    yield `${path}, signed in`;
  }
}

/** What moved since the page began to load, without a hand on it. */
function moved(page: Page): Promise<string[]> {
  return page.evaluate(
    () =>
      new Promise<string[]>((done) => {
        const found: string[] = [];
        const note = (entries: PerformanceEntryList) => {
          for (const entry of entries) {
            const { value, sources } = entry as PerformanceEntry & {
              value: number;
              sources: { node?: Node }[];
            };
            const what = sources.map(({ node }) => (node as Element)?.className || node?.nodeName);
            found.push(`${value}: ${what.join(", ")}`);
          }
        };
        const observer = new PerformanceObserver((list) => note(list.getEntries()));
        observer.observe({ type: "layout-shift", buffered: true });
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            note(observer.takeRecords());
            done(found);
          }),
        );
      }),
  );
}

function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

test.beforeEach(({ watch }) => watch.expectStatus(404));

for (const [screen, viewport] of Object.entries({ DESKTOP, PHONE, NARROW })) {
  test(`nothing moves while a page loads: ${screen.toLowerCase()}`, async ({ openBrowser, member }) => {
    test.slow();
    const page = await openBrowser({ viewport });
    for await (const name of everyPage(page, member)) expect.soft(await moved(page), name).toEqual([]);
  });
}

for (const direction of ["ltr", "rtl"]) {
  test(`no page is scrolled sideways on a narrow phone: ${direction}`, async ({ openBrowser, api }) => {
    test.slow();
    const longName = { ...somebody(), name: "Wolfeschlegelsteinhausenbergerdorff".repeat(2) };
    await api.register(longName);
    const page = await openBrowser({ viewport: NARROW });
    await page.addInitScript((direction) => {
      document.addEventListener("DOMContentLoaded", () => document.documentElement.setAttribute("dir", direction));
    }, direction);
    for await (const name of everyPage(page, longName)) expect.soft(await overhang(page), name).toBe(0);
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
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect.soft(violations.map(({ id }) => id), name).toEqual([]);
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
      const { violations, passes } = await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze();
      expect.soft(violations.map(({ nodes }) => nodes.map(({ html }) => html)), `hue ${hue}`).toEqual([]);
      expect(passes, "it did look").toHaveLength(1);
    }
  });
}

for (const viewport of [PHONE, NARROW]) {
  test(`the header is one row, ${viewport.width} wide`, async ({ openBrowser, member }) => {
    const page = await openBrowser({ viewport });
    await new SignIn(page).as(member);
    const navigation = page.getByRole("navigation");
    const parts = [
      page.getByRole("link", { name: NAME }).first(),
      ...["Dashboard", "Sessions", "Security"].map((name) => navigation.getByRole("link", { name })),
      navigation.getByRole("link", { name: "Profile" }),
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
    // The three links and the way out need no hand to be seen.
    for (const part of [...parts.slice(0, 4), parts[5]!]) await expect(part).toBeInViewport({ ratio: 1 });
  });
}

test("on paper there is nothing to press", async ({ openBrowser, member }) => {
  const page = await openBrowser();
  await new SignIn(page).as(member);
  await page.goto("/app/sessions");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  await expect(page.getByRole("button").locator("visible=true")).toHaveCount(0);
});
