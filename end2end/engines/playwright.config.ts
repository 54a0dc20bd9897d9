import { defineConfig } from "@playwright/test";
import type { Options } from "./support/test";

// The engines that scripts/setup.sh has found.
const engines = [
  ...(process.env.GECKODRIVER ? (["firefox"] as const) : []),
  ...(process.env.WEBKIT_DRIVER ? (["webkit"] as const) : []),
];

export default defineConfig<object, Options>({
  testDir: ".",
  outputDir: "../test-results/engines",
  projects: engines.map((name) => ({ name, workers: 1, use: { engineName: name } })),
  forbidOnly: Boolean(process.env.CI),
  // Both engines run at the same time, each in one browser.
  workers: 2,
  // The machine may be busy.
  timeout: 90_000,
  expect: { timeout: 30_000, toPass: { timeout: 30_000, intervals: [50, 100, 200] } },
  reporter: [["list"], ["../support/why.ts"]],
});
