// A picture of each page, to be looked at: target/engines/<engine>.

import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { css } from "./support/tab";
import { expect, test } from "./support/test";

const SIGNED_OUT = ["/", "/login", "/register", "/lab"];
const SIGNED_IN = [
  "/app",
  "/app/sessions",
  "/app/security",
  "/app/security/totp",
  "/app/security/recovery-codes",
  "/app/profile",
];

for (const width of [1280, 390]) {
  test(`every page, ${width} wide`, async ({ tab, engineName, member }) => {
    test.slow();
    const folder = resolve(import.meta.dirname, "../../target/engines", engineName);
    await mkdir(folder, { recursive: true });
    const shoot = async (path: string) => {
      await tab.resize(width, 900);
      await tab.open(path);
      if (path === "/app") await tab.reads(css(".strip"), "left");
      const overhang = "return document.documentElement.scrollWidth - innerWidth";
      expect.soft(await tab.run(overhang), `nothing of ${path} sticks out`).toBeLessThanOrEqual(0);
      await tab.resize(width, await tab.run<number>("return document.documentElement.scrollHeight"));
      const name = path === "/" ? "home" : path.slice(1).replaceAll("/", "-");
      await writeFile(`${folder}/${name}-${width}.png`, await tab.driver.takeScreenshot(), "base64");
    };
    for (const path of SIGNED_OUT) await shoot(path);
    await tab.signIn(member);
    await tab.reads(css(".panel-summary"), "answers");
    for (const path of SIGNED_IN) await shoot(path);
  });
}
