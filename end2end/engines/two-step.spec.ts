// Two-step sign-in and passkeys, as far as the engine supports WebAuthn.

import { App } from "../support/totp";
import { TYPING_MS, button, css, field } from "./support/tab";
import { expect, test } from "./support/test";

test.beforeEach(() => test.slow());

test("an app is added, and asked for; without the phone a recovery code gets in", async ({ tab, member }) => {
  const signIn = async () => {
    await tab.open("/login");
    await tab.fill("Email", member.email);
    await tab.fill("Password", member.password);
    await tab.press(button("Sign in"));
    await tab.isAt("/login/second-factor");
    await tab.hasFocus("Code");
  };
  await tab.signIn(member);
  await tab.open("/app/security");
  await tab.press(button("Add an app"));
  await tab.isAt("/app/security/totp");
  const key = await (await tab.see(css(".key code"))).getText();
  const app = new App(key.replace(/\s/g, ""));
  await tab.fill("Code", await app.code(TYPING_MS));
  await tab.press(button("Confirm"));
  await tab.isAt("/app/security/recovery-codes");
  const recoveryCode = await (await tab.see(css("main li"))).getText();
  await tab.press(button("I have saved them"));
  await tab.isAt("/app/security");
  await tab.reads(css("main"), "10 are left");
  await tab.press(button("Sign out"));
  await tab.isAt("/login");

  await signIn();
  await tab.fill("Code", "000000");
  await tab.press(button("Confirm"));
  await tab.reads(css(".card"), /wrong code/i);
  await tab.fill("Code", await app.code(TYPING_MS));
  await tab.press(button("Confirm"));
  await tab.isAt("/app");
  await tab.press(button("Sign out"));
  await tab.isAt("/login");

  await signIn();
  await tab.fill("Code", recoveryCode);
  await tab.press(button("Confirm"));
  await tab.isAt("/app");
  await tab.reads(css("main"), member.email);
  await tab.open("/app/security");
  await tab.reads(css("main"), "9 are left");
});

test("a passkey is added and signs in, or is not offered", async ({ tab, engine, member }) => {
  const byPasskey = button("Sign in with a passkey");
  await tab.open("/login");
  if (!(await tab.run("return 'PublicKeyCredential' in window"))) {
    await tab.see(field("Password"));
    expect(await (await tab.driver.findElement(byPasskey)).isDisplayed()).toBe(false);
    await tab.signIn(member);
    await tab.open("/app/security");
    await tab.reads(css("main"), "Your browser can't make passkeys here.");
    return;
  }
  await engine.plugIn();
  await tab.signIn(member);
  await tab.open("/app/security");
  await tab.press(button("Add a passkey"));
  await tab.see(button("Rename"));
  await tab.press(button("Sign out"));
  await tab.isAt("/login");
  await tab.see(byPasskey);
  await tab.press(byPasskey);
  await tab.isAt("/app");
  await tab.reads(css("main"), member.email);
});
