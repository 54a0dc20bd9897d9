import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig, devices } from "@playwright/test";

const target = resolve(import.meta.dirname, "../target");
const data = join(target, "end2end-data");
// Start with empty data, except when a worker reads this file: the server is running by then.
if (process.env.TEST_WORKER_INDEX === undefined) rmSync(data, { recursive: true, force: true });

export default defineConfig({
  testMatch: "*.spec.ts",
  forbidOnly: Boolean(process.env.CI),
  reporter: "list",
  use: {
    ...devices["Desktop Chrome"],
    // Without its film, which takes a third of the processor's time; the pages themselves are in it.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: { executablePath: process.env.FRESHKEY_CHROMIUM },
  },
  // The release, on a free port, with its own data.
  webServer: {
    command: process.env.FRESHKEY_BIN ?? join(target, "release/@NAME@"),
    env: {
      LEPTOS_SITE_ADDR: "127.0.0.1:0",
      LEPTOS_SITE_ROOT: join(target, "site"),
      FRESHKEY_DATA_DIR: data,
      FRESHKEY_MAIL: "none",
      RUST_LOG: "warn",
    },
    wait: { stdout: /(?<app_origin>http:\/\/localhost:\d+)/ }, // Playwright puts it into APP_ORIGIN
    gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
  },
});
