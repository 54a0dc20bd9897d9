// Screenshots of pages, for a person to look at: target/engines/<engine>.

import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect } from "@playwright/test";
import type { Tab } from "./tab";
import type { EngineName } from "./test";

export const WIDTHS = [1280, 390];

/** Takes a screenshot of the whole page at this width; nothing may overflow it. */
export async function picture(tab: Tab, engine: EngineName, name: string, width: number): Promise<void> {
  const folder = resolve(import.meta.dirname, "../../../target/engines", engine);
  await mkdir(folder, { recursive: true });
  await tab.resize(width, 900);
  const overhang = "return document.documentElement.scrollWidth - innerWidth";
  expect.soft(await tab.run(overhang), `nothing of ${name} sticks out`).toBeLessThanOrEqual(0);
  await tab.resize(width, await tab.run<number>("return document.documentElement.scrollHeight"));
  await writeFile(`${folder}/${name}-${width}.png`, await tab.driver.takeScreenshot(), "base64");
}
