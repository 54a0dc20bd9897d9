// The most common flows, in the engines that the other tests do not use.

import { NAME } from "../support/brand";
import { button, css, field, link } from "./support/tab";
import { expect, test } from "./support/test";

test("the front page opens and is live", async ({ tab }) => {
  await tab.open("/");
  expect(await tab.driver.getTitle()).toContain(NAME);
  await tab.see(css("h1"));
  await tab.press(link("How it works"));
  await tab.isAt("/lab");
});

test("signing in, after a wrong password", async ({ tab, member, stranger }) => {
  await tab.open("/login");
  await tab.hasFocus("Email");
  await tab.fill("Email", member.email);
  await tab.fill("Password", stranger.password);
  await tab.press(button("Sign in"));
  await tab.reads(css(".card [role=alert]:not([hidden])"), /password/i);
  await tab.hasFocus("Password");
  await tab.fill("Password", member.password);
  await tab.press(button("Sign in"));
  await tab.isAt("/app");
  await tab.reads(css("main"), member.email);
  await tab.reload();
  await tab.reads(css("main"), member.email);
});

test("an expired token, twenty calls, one refresh", async ({ tab, member }) => {
  await tab.signIn(member);
  await tab.reads(css(".panel-summary"), "answers");
  await tab.press(button("Expire the token now"));
  await tab.reads(css(".strip"), /expired/);
  await tab.press(button("Call 20 times"));
  await tab.reads(css(".panel-summary"), "1 refresh, 20 answers");
  await tab.reads(css(".results"), /^(\D*200){20}$/);
});

test("a note stays", async ({ tab, member }) => {
  await tab.signIn(member);
  await tab.fill("New note", "Buy oat milk");
  await tab.press(button("Add note"));
  await tab.reads(css(".notes li"), "Buy oat milk");
  await tab.reads(css(".notes li time"), /just now|ago/);
  await tab.reload();
  await tab.reads(css(".notes li"), "Buy oat milk");
});

test("the sessions are listed, and signing out ends this one", async ({ tab, member }) => {
  await tab.signIn(member);
  await tab.press(link("Sessions"));
  await tab.isAt("/app/sessions");
  await tab.reads(css("main li"), "in use now");
  await tab.press(button("Sign out"));
  await tab.isAt("/login");
  await tab.see(field("Email"));
  await tab.open("/app");
  await tab.isAt("/login");
});

test("a second tab follows a sign-out", async ({ tab, member }) => {
  await tab.signIn(member);
  const first = await tab.driver.getWindowHandle();
  await tab.driver.switchTo().newWindow("tab");
  await tab.open("/app");
  await tab.reads(css("main"), member.email);
  await tab.press(button("Sign out"));
  await tab.isAt("/login");
  await tab.driver.switchTo().window(first);
  await tab.isAt("/login");
  await tab.see(field("Email"));
});

test("a theme that was chosen stays over a reload", async ({ tab }) => {
  const paper = () => tab.run("return getComputedStyle(document.documentElement).backgroundColor");
  const theme = () => tab.run("return document.documentElement.dataset.theme");
  await tab.open("/");
  const light = await paper();
  await tab.press(css('footer label[title="Dark"]'));
  await expect.poll(theme).toBe("dark");
  const dark = await paper();
  expect(dark).not.toBe(light);
  await tab.reload();
  expect(await paper()).toBe(dark);
  expect(await tab.run("return document.querySelector('footer input[value=dark]').checked")).toBe(true);
  await tab.press(css('footer label[title="Light"]'));
  await expect.poll(paper).toBe(light);
});

test("registering by the code of an email", async ({ tab, stranger, mailbox }) => {
  await tab.open("/register");
  await tab.fill("Name", stranger.name);
  await tab.fill("Email", stranger.email);
  await tab.fill("Password", stranger.password);
  await tab.press(button("Create account"));
  await tab.isAt("/register/confirm");
  await tab.fill("Code", mailbox.code(await mailbox.email(stranger.email, "register")));
  await tab.press(button("Confirm"));
  await tab.isAt("/app");
  await tab.reads(css("main"), stranger.email);
});

test("the lab opens with its two tokens, and checks one", async ({ tab }) => {
  await tab.open("/lab");
  await tab.reads(css(".token-card"), "Access token");
  await tab.reads(css(".token-card ~ .token-card"), "Refresh token");
  await tab.reads(css(".verdicts"), "200 OK");
});
