// The product's name, read from the app, so that renaming it changes no test.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const source = readFileSync(resolve(import.meta.dirname, "../../src/brand.rs"), "utf8");
const found = /name: "(.+)",/.exec(source)?.[1];
if (!found) throw new Error("src/brand.rs has no name");

export const NAME = found;
