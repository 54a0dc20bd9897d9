// A screenshot of each page, for a person to look at.

import { WIDTHS, picture } from "./support/pictures";
import { css } from "./support/tab";
import { test } from "./support/test";

const SIGNED_OUT = ["/", "/login", "/register", "/lab"];
const SIGNED_IN = [
  "/app",
  "/app/sessions",
  "/app/security",
  "/app/security/totp",
  "/app/security/recovery-codes",
  "/app/profile",
];

test("every page, wide and narrow", async ({ tab, engineName, member }) => {
  test.slow();
  const shoot = async (path: string) => {
    await tab.open(path);
    if (path === "/app") await tab.reads(css(".strip"), "left");
    const name = path === "/" ? "home" : path.slice(1).replaceAll("/", "-");
    for (const width of WIDTHS) await picture(tab, engineName, name, width);
  };
  for (const path of SIGNED_OUT) await shoot(path);
  await tab.signIn(member);
  await tab.reads(css(".panel-summary"), "answers");
  for (const path of SIGNED_IN) await shoot(path);
});
