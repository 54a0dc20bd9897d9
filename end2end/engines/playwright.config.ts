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
  projects: engines.map((name) => ({ name, use: { engineName: name } })),
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // Each test starts a browser, perhaps on a busy machine.
  timeout: 180_000,
  expect: { timeout: 30_000, toPass: { timeout: 30_000 } },
  reporter: [["list"], ["../support/why.ts"]],
});
