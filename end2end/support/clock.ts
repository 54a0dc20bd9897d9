import type { Page } from "@playwright/test";

/**
 * From the next document on, the test controls the page's time with `page.clock`. Until then time passes by itself,
 * from now or from `time`.
 */
export async function takeClock(page: Page, time?: number): Promise<void> {
  await page.clock.install({ time });
  // Fake timers have ids from 10^12 on. WASM reads them as 32-bit numbers, as in a real browser, and would never
  // clear the right one.
  await page.addInitScript(() => {
    const timers: number[] = [];
    type Begin = (...of: unknown[]) => number;
    type End = (timer?: number) => void;
    const begin =
      (set: Begin) =>
      (...of: unknown[]) =>
        timers.push(set(...of)); // its position, starting at 1
    const end = (clear: End) => (place: number) => clear(timers[place - 1]);
    Object.assign(window, {
      setTimeout: begin(window.setTimeout.bind(window) as Begin),
      clearTimeout: end(window.clearTimeout.bind(window)),
      setInterval: begin(window.setInterval.bind(window) as Begin),
      clearInterval: end(window.clearInterval.bind(window)),
    });
  });
}
