import { existsSync } from "node:fs";
import { defineConfig, devices } from "@playwright/test";

// The browser of the system, whichever it is; failing that, Playwright's own.
const executablePath =
  process.env.FRESHKEY_CHROMIUM ??
  [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ].find((path) => existsSync(path));

export default defineConfig({
  testDir: "tests",
  fullyParallel: true, // every test has a server of its own, on a port of its own
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // What does not happen fails a test, not how long it takes on a machine that is busy.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["./support/why.ts"]],
  use: {
    ...devices["Desktop Chrome"],
    // Without its film, which takes a third of the processor's time; the pages themselves are in it.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: {
      executablePath,
      // The browser talks to the server under test and to nobody else.
      args: [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
