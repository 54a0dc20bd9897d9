// Runs the Node example of docs/verify-tokens.md, which is in the folder that is given.
//
// Each line on standard input is answered by a line: `verify TOKEN` by who calls or `refused`, `wait SECONDS`
// by `waited`. Waiting moves the clock by which the library keeps the key set.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const real = Date.now;
let ahead = 0;
Date.now = () => real() + ahead;

const { user } = await import(pathToFileURL(`${process.argv[2]}/service.mjs`));

for await (const line of createInterface({ input: process.stdin })) {
  const [word, value] = line.split(" ");
  if (word === "wait") {
    ahead += Number(value) * 1000;
    console.log("waited");
    continue;
  }
  try {
    console.log((await user(`Bearer ${value}`)).email);
  } catch (error) {
    console.log("refused", error.code ?? String(error));
  }
}
