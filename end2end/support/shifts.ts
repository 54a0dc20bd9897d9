// Layout shifts without the user's doing, as the browser reports them.

import type { Page } from "@playwright/test";

/**
 * Watches every document of the page from its first byte. Returns a function that lists the shifts in the current
 * one. Shifts right after a press are expected and left out, unless `pressed`.
 */
export async function shifts(page: Page, { pressed } = { pressed: false }): Promise<() => Promise<string[]>> {
  await page.addInitScript((pressed) => {
    const moved: string[] = [];
    const note = (entries: PerformanceEntryList) => {
      for (const entry of entries) {
        const { value, hadRecentInput, sources } = entry as PerformanceEntry & {
          value: number;
          hadRecentInput: boolean;
          sources: { node?: Node }[];
        };
        if (hadRecentInput && !pressed) continue;
        const what = sources.map(({ node }) => (node as Element)?.className || node?.nodeName);
        moved.push(`${value}: ${what.join(", ")}`);
      }
    };
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
    const drawn = () =>
      new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));
    const all = async () => {
      await drawn();
      note(observer.takeRecords());
      return moved;
    };
    Object.assign(window, { allShifts: all });
  }, pressed);
  return () => page.evaluate(() => (window as unknown as { allShifts: () => Promise<string[]> }).allShifts());
}
