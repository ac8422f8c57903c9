// More tabs of one browser than it has lines to a station: the one that is looked at works, and each other is as new once
// it is looked at. Chromium without a screen takes all of its tabs for looked at, so that it is told here.
import assert from "node:assert/strict";

import { openBrowser } from "./browser.mjs";
import { hand, patience, Station } from "./station.mjs";

const tabs = 8;  // Chromium has six lines to one host

const station = await Station.start();
const browser = await openBrowser();
try {
  await hand("put", "1");
  await station.event("board_passed");
  const context = await browser.newContext();
  context.setDefaultTimeout(patience);
  await context.addInitScript(() => {
    let looked = true;
    Object.defineProperty(document, "hidden", { get: () => !looked });
    globalThis.lookAt = (now) => {
      looked = now;
      document.dispatchEvent(new Event("visibilitychange"));
    };
  });
  const pages = [];
  for (let i = 0; i < tabs; ++i) {
    await pages.at(-1)?.evaluate(() => globalThis.lookAt(false));
    pages.push(await context.newPage());
    await pages.at(-1).goto(station.url);
    await pages.at(-1).locator('[data-bay="1"]').waitFor();
  }
  const last = pages.at(-1);
  await last.locator("#scan").fill("off 1");
  await last.keyboard.press("Enter");
  await station.event("bay_changed", { bay: "1", status: "off" });
  await last.locator('.tile.off[data-bay="1"]').waitFor();

  const [first] = pages;
  assert.equal(await first.locator('.tile.off[data-bay="1"]').count(), 0, "it rests");
  await last.evaluate(() => globalThis.lookAt(false));
  await first.evaluate(() => globalThis.lookAt(true));
  await first.locator('.tile.off[data-bay="1"]').waitFor();
} finally {
  await browser.close();
  await station.stop();
}
