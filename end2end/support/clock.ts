import type { Page } from "@playwright/test";

/**
 * From the next document on, the page's time is the test's: `page.clock` moves it. Until then it
 * passes by itself, from this moment or from another.
 */
export async function takeClock(page: Page, time?: number): Promise<void> {
  await page.clock.install({ time });
  // The numbers of faked timers begin at 10^12. WASM takes them for 32 bits, as a browser's are, and
  // would never clear the right one.
  await page.addInitScript(() => {
    const timers: number[] = [];
    type Begin = (...of: unknown[]) => number;
    type End = (timer?: number) => void;
    const begin =
      (set: Begin) =>
      (...of: unknown[]) =>
        timers.push(set(...of)); // its place, from 1 on
    const end = (clear: End) => (place: number) => clear(timers[place - 1]);
    Object.assign(window, {
      setTimeout: begin(window.setTimeout.bind(window) as Begin),
      clearTimeout: end(window.clearTimeout.bind(window)),
      setInterval: begin(window.setInterval.bind(window) as Begin),
      clearInterval: end(window.clearInterval.bind(window)),
    });
  });
}
