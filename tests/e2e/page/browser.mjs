// Debian's Chromium, and a person at it who has no mouse. What goes wrong in it is kept, and so is all that it
// receives.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { chromium } from "playwright-core";

import { patience, within } from "./station.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// names: hosts that lead to this machine, beside its own address; nothing else is reached.
export function openBrowser(...names) {
  const rules = [...names.map((name) => `MAP ${name} 127.0.0.1`), "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"];
  return chromium.launch({
    executablePath: "/usr/bin/chromium", timeout: patience,
    args: [`--host-resolver-rules=${rules.join(", ")}`, "--no-proxy-server"],
  });
}

// What a browser says of itself that nobody meant to happen, and each byte that it was sent.
export class Watch {
  troubles = [];
  received = "";
  refusals = [];  // answers that are no success, as "409 /api/scan"
  #pending = [];
  #mayBeAway = false;

  constructor(context) {
    context.setDefaultTimeout(patience);
    context.on("console", (message) => this.#console(message));
    context.on("weberror", (error) => this.troubles.push(String(error.error())));
    context.on("response", (response) => {
      if (response.status() >= 400) this.refusals.push(`${response.status()} ${new URL(response.url()).pathname}`);
      // That one has no end: follow() has it.
      if (!response.url().endsWith("/api/events")) this.#pending.push(this.#keep(response));
    });
  }

  async #keep(response) {
    this.received += JSON.stringify(await response.allHeaders().catch(() => ({})));
    const body = await response.body().catch(() => Buffer.alloc(0));
    this.received += body.toString("latin1");
  }

  #console(message) {
    if (!["error", "warning"].includes(message.type())) return;
    // The browser's own word for an answer that is no success: `refusals` has them.
    if (message.text().startsWith("Failed to load resource: the server responded with a status of")) return;
    if (this.#mayBeAway && message.text().startsWith("Failed to load resource: net::ERR_")) return;
    this.troubles.push(`${message.text()} (${message.location().url})`);
  }

  // The stream of events, as it comes.
  async follow(page) {
    const session = await page.context().newCDPSession(page);
    const followed = new Set();
    const add = (data) => (this.received += Buffer.from(data, "base64").toString("latin1"));
    session.on("Network.responseReceived", ({ requestId, response }) => {
      if (!response.url.endsWith("/api/events")) return;
      followed.add(requestId);
      session.send("Network.streamResourceContent", { requestId }).then(({ bufferedData }) => add(bufferedData),
        () => undefined);
    });
    session.on("Network.dataReceived", ({ requestId, data }) => {
      if (data && followed.has(requestId)) add(data);
    });
    await session.send("Network.enable");
  }

  // While this goes on, the station may be not there.
  async away(act) {
    this.#mayBeAway = true;
    try {
      return await act();
    } finally {
      this.#mayBeAway = false;
    }
  }

  async end() {
    await within("what the browser was sent", Promise.all(this.#pending));
    assert.deepEqual(this.troubles, [], "the browser complains of nothing");
  }
}

export class Person {
  #heard = 0;

  constructor(page) {
    this.page = page;
  }

  // Before the page is opened.
  async listen() {
    await this.page.addInitScript(() => {
      globalThis.told = [];
      const listen = () => {
        const line = document.querySelector(".say")?.textContent;
        if (line && line !== globalThis.told.at(-1)) globalThis.told.push(line);
      };
      new MutationObserver(listen).observe(document, { subtree: true, childList: true, characterData: true });
    });
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  type(text) {
    return this.page.keyboard.type(text);
  }

  // As a scanner does.
  scan(code) {
    return this.page.keyboard.type(`${code}\n`);
  }

  // With the Tab key, as far as it takes.
  async tabTo(role, name) {
    const wanted = this.page.getByRole(role, { name });
    await wanted.waitFor();
    for (let i = 0; i < 80; ++i) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await this.press("Tab");
    }
    throw new Error(`the keyboard does not come to the ${role} ${name}`);
  }

  async has(role, name) {
    await this.tabTo(role, name);
    await this.press("Enter");
  }

  sees(role, name) {
    return this.page.getByRole(role, { name }).first().waitFor();
  }

  // The tile of a bay, by all that is to be read on it.
  seesBay(bay, ...parts) {
    const words = parts.map((part) => (part instanceof RegExp ? part.source : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
    return this.sees("button", new RegExp(`^Bay ${bay}\\b.*${words.join(".*")}`, "s"));
  }

  // In the line at the foot of the page, since it was looked at last: the next message may follow at once.
  async isTold(text) {
    const end = Date.now() + patience;
    for (;;) {
      const told = await this.page.evaluate(() => globalThis.told);
      const at = told.findIndex((line, i) => i >= this.#heard && text.test(line));
      if (at >= 0) return void (this.#heard = at + 1);
      if (Date.now() > end) throw new Error(`${text} was not told, but ${JSON.stringify(told.slice(this.#heard))}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async isAt(path) {
    await this.page.waitForURL((url) => decodeURIComponent(url.pathname) === path);
  }

  focused() {
    return this.page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
  }
}

// axe-core's word on the page as it stands, light and dark.
export async function accessible(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await within(name, page.evaluate(() => Promise.all(
      document.getAnimations().map((each) => each.finished.catch(() => undefined)))));
    // Chromium's protocol runs it: the page's own policy lets no script in.
    const found = await within(name, page.evaluate(`${axe}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
      id + ": " + nodes.map(({ html, failureSummary }) => html.slice(0, 200) + " " + failureSummary).join(" | ")))`));
    assert.deepEqual(found, [], `${name}, ${colorScheme}`);
  }
}

// What was to be seen when something went wrong.
export async function shown(browser) {
  const pages = browser.contexts().flatMap((context) => context.pages());
  const texts = pages.map((page) => page.locator("body").innerText({ timeout: 5000 }).catch(String));
  return (await Promise.all(texts)).join("\n----\n");
}
