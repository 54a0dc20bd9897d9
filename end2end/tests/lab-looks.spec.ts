// How the page /lab looks with everything shown.

import type { Page } from "@playwright/test";
import { Lab } from "../pages/lab";
import { shifts } from "../support/shifts";
import { axe } from "../support/axe";
import { expect, test } from "../support/test";

// The server refuses these on purpose.
test.beforeEach(({ watch }) => watch.expectStatus(401, 403, 429));

/** Shows everything on the page that can be shown. */
async function showAll(page: Page): Promise<void> {
  const lab = new Lab(page);
  await lab.open();
  await lab.retype("visitor@lab.invalid", "admin@example.com");
  await lab.call(12);
  await lab.replay("owner");
  await lab.forge();
  await lab.burst();
  for (const details of await page.locator("details").all()) await details.locator("summary").click();
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState !== "running"),
  );
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const [screen, viewport] of Object.entries({
    desktop: { width: 1280, height: 800 },
    phone: { width: 320, height: 640 },
  })) {
    test(`axe finds nothing, and nothing sticks out: ${colorScheme}, ${screen}`, async ({ openBrowser }) => {
      test.slow();
      const page = await openBrowser({ colorScheme, viewport, reducedMotion: "reduce" });
      await showAll(page);
      const { violations } = await (await axe(page)).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual(
        [],
      );
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overhang).toBeLessThanOrEqual(0);
      const shots = process.env.FRESHKEY_SHOTS;
      if (shots) await page.screenshot({ path: `${shots}/lab-${colorScheme}-${screen}.png`, fullPage: true });
    });
  }
}

for (const [screen, viewport] of Object.entries({
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
  narrow: { width: 320, height: 640 },
})) {
  test(`nothing moves, whatever is played: ${screen}`, async ({ openBrowser }) => {
    test.slow();
    const page = await openBrowser({ viewport });
    const moved = await shifts(page);
    const lab = new Lab(page);
    await lab.open();
    await lab.call(12);
    await lab.replay("thief");
    await lab.forge();
    await lab.burst();
    expect(await moved()).toEqual([]);
  });
}
