// Prints at the end, in a few lines, why each failed test failed: a truncated log may show nothing else.

import { stripVTControlCharacters } from "node:util";
import type { FullConfig, Reporter, Suite, TestCase } from "@playwright/test/reporter";

/** The maximum number of characters for all failed tests together, and the minimum for each. */
const [MOST, LEAST] = [800, 200];

export default class Why implements Reporter {
  private tests: TestCase[] = [];

  onBegin(_: FullConfig, suite: Suite): void {
    this.tests = suite.allTests();
  }

  onEnd(): void {
    const failed = this.tests.filter((test) => test.outcome() === "unexpected");
    for (const test of failed) {
      const errors = test.results.at(-1)?.errors ?? [];
      const said = errors.map(({ message = "", value = "" }) => stripVTControlCharacters(message || value));
      const lines = said.join("\n").split("\n").filter(says);
      console.log(`\n${test.title}\n${lines.join("\n").slice(0, Math.max(LEAST, MOST / failed.length))}`);
    }
  }
}

/** Whether a line says more than that two values differ. */
function says(line: string): boolean {
  return line.trim() !== "" && !/^(expect\(.*|[-+] (Expected|Received) .*|[-+] Array \[\]?)$/.test(line);
}
