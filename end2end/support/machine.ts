import type { BrowserContext, Page } from "@playwright/test";

declare global {
  interface Window {
    machine: { pass: (ms: number) => void; ticks: number };
  }
}

/** From the next document on, the test can advance the machine's clocks, and can tell that a page is frozen. */
export async function watchMachine(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    let passed = 0;
    const [wall, monotonic] = [Date.now, performance.now.bind(performance)];
    Date.now = () => wall() + passed;
    performance.now = () => monotonic() + passed;
    window.machine = { pass: (ms) => (passed += ms), ticks: 0 };
    setInterval(() => (window.machine.ticks += 1), 20);
  });
}

/** Lets this much time pass on the machine, which all its tabs share. */
export async function timePasses(tabs: Page[], ms: number): Promise<void> {
  await Promise.all(tabs.map((tab) => tab.evaluate((ms) => window.machine.pass(ms), ms)));
}

/** How often a timer of the page ran. */
export function ticks(tab: Page): Promise<number> {
  return tab.evaluate(() => window.machine.ticks);
}
