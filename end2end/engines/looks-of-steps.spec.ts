// A screenshot of each page in the middle of a sign-in, for a person to look at.

import { somebody } from "../support/people";
import { App } from "../support/totp";
import { WIDTHS, picture } from "./support/pictures";
import { TYPING_MS, button, css } from "./support/tab";
import { test } from "./support/test";

test.use({ settings: { FRESHKEY_REQUIRE_MFA: "all" } });

test("the steps of a sign-in", async ({ tab, engineName }) => {
  test.slow();
  const shoot = async (name: string) => {
    for (const width of WIDTHS) await picture(tab, engineName, name, width);
    await tab.resize(1280, 900);
  };
  const person = somebody();
  await tab.open("/register");
  await tab.fill("Email", person.email);
  await tab.fill("Password", person.password);
  await tab.press(button("Create account"));
  await tab.isAt("/login/enrol");
  await tab.see(button("Set up an app"));
  await shoot("login-enrol");

  await tab.press(button("Set up an app"));
  const key = await (await tab.see(css(".key code"))).getText();
  const app = new App(key.replace(/\s/g, ""));
  await shoot("login-enrol-app");
  await tab.fill("Code", await app.code(TYPING_MS));
  await tab.press(button("Confirm"));
  await tab.isAt("/app/security/recovery-codes");
  await tab.see(css("main li:nth-child(10)"));
  await tab.press(button("I have saved them"));
  await tab.press(button("Sign out"));

  await tab.isAt("/login");
  await tab.fill("Email", person.email);
  await tab.fill("Password", person.password);
  await tab.press(button("Sign in"));
  await tab.isAt("/login/second-factor");
  await tab.hasFocus("Code");
  await shoot("login-second-factor");
});
