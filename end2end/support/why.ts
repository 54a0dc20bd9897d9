// Says last, in a few lines, why each failed test failed: all that one sees where a log is cut.

import { stripVTControlCharacters } from "node:util";
import type { FullConfig, Reporter, Suite, TestCase } from "@playwright/test/reporter";

const MOST = 600;

export default class Why implements Reporter {
  private tests: TestCase[] = [];

  onBegin(_: FullConfig, suite: Suite): void {
    this.tests = suite.allTests();
  }

  onEnd(): void {
    for (const test of this.tests.filter((test) => test.outcome() === "unexpected")) {
      const errors = test.results.at(-1)?.errors ?? [];
      const said = errors.map(({ message = "", value = "" }) => stripVTControlCharacters(message || value));
      console.log(`\n${test.title}\n${said.join("\n").slice(0, MOST)}`);
    }
  }
}
