// pictures.mjs FOLDER: a shift at a bench of eight bays, and pictures of each page as it then stands.
import { join } from "node:path";

import { openBrowser, Person, shown } from "./browser.mjs";
import { hand, patience, run, Station } from "./station.mjs";

const folder = process.argv[2];
const registry = Number(process.env.REGISTRY);
// The first is that of docs/, as small as its text can be read.
const sizes = { docs: [1120, 630], desk: [1366, 768], wall: [3840, 2160], phone: [390, 844] };
const lot = "order-17";

async function passed(station, ...macs) {
  await Promise.all(macs.map((mac) => station.event("board_passed", { mac })));
}

// Each size in light and dark, all of them open at once: what is at work does not wait for a picture.
class Views {
  #views = [];

  static async open(browser, url) {
    const views = new Views();
    for (const [size, [width, height]] of Object.entries(sizes)) {
      for (const colorScheme of ["light", "dark"]) {
        const context = await browser.newContext({
          viewport: { width, height }, colorScheme, reducedMotion: "reduce", hasTouch: size === "phone", isMobile: size === "phone",
        });
        context.setDefaultTimeout(patience);
        const page = await context.newPage();
        await page.goto(url);
        views.#views.push({ page, name: `${size}-${colorScheme}` });
      }
    }
    return views;
  }

  get docs() {
    return this.#views[0].page;
  }

  async go(path) {
    await Promise.all(this.#views.map(({ page }) => page.goto(new URL(path, page.url()).href)));
    // All that was asked for is there, and drawn.
    await Promise.all(this.#views.map(({ page }) => page.waitForLoadState("networkidle", { timeout: 2000 })
      .catch(() => undefined)));
    await Promise.all(this.#views.map(({ page }) => page.locator(".hint", { hasText: "One moment…" }).first()
      .waitFor({ state: "detached" })));
  }

  async take(what) {
    for (const { page, name } of this.#views) await page.screenshot({ path: join(folder, `${what}-${name}.png`) });
  }

  takeDocs(what) {
    return this.docs.screenshot({ path: join(folder, `${what}-docs-light.png`) });
  }
}

await run("lot", "open", "order-16", "--code", "PO-4698", "--target", "120");
await run("lot", "open", lot, "--code", "PO-4711", "--target", "40", "--serial", "T-{year}{week}-{number:5}");
const station = await Station.start();
const browser = await openBrowser();
try {
  const views = await Views.open(browser, station.url);
  const person = new Person(views.docs);
  await person.sees("heading", "No lot chosen");
  await views.takeDocs("start");
  await person.scan("PO-4711");
  await person.sees("heading", `Lot ${lot}`);

  // Three rounds that pass, but for one that is pulled.
  const bays = ["1", "2", "3", "4", "5", "6", "7", "8"];
  await passed(station, ...(await Promise.all(bays.map((bay) => hand("put", bay)))));
  const second = await Promise.all(bays.map((bay) => hand("swap", bay)));
  await station.event("board_identified", { mac: second[6] });
  await hand("take", "7");
  await station.event("board_failed", { mac: second[6] });
  await hand("put", "7", second[6]);
  await passed(station, ...second);
  const third = await Promise.all(bays.slice(0, 6).map((bay) => hand("swap", bay)));
  await passed(station, ...third);

  // And then: two that have passed, one fails, one is off, one has passed before, one waits, one is at work.
  await Promise.all(["3", "4", "5", "6", "7", "8"].map((bay) => hand("take", bay)));
  await person.scan("off 4");
  const bad = await hand("put", "3");
  await station.event("board_identified", { mac: bad });
  await hand("break", "3");
  await station.event("board_failed", { mac: bad });
  await hand("put", "7", second[6]);
  await station.event("board_skipped");
  process.kill(registry, "SIGSTOP");
  await hand("put", "5");
  await person.seesBay(5, "WAIT");
  const atWork = await hand("put", "6");
  await station.event("board_progress", { mac: atWork });
  await views.docs.waitForTimeout(2000);
  await views.take("bench");

  await person.press("Escape", "ArrowUp", "Enter");
  await person.sees("heading", /Bay 3.*FAIL/s);
  await views.docs.locator("dialog").screenshot({ path: join(folder, "fail-docs-light.png") });
  await person.press("Escape");
  for (const [what, path] of [["lots", "/lots"], ["lot", `/lots/${lot}`], ["board", `/boards/${second[0]}`], ["settings", "/settings"]]) {
    await views.go(path);
    await views.take(what);
  }
  await views.go("/lots");
  await person.has("button", "Open a lot…");
  await person.type("order-18");
  await views.takeDocs("form");
} catch (error) {
  console.error(await shown(browser));
  throw error;
} finally {
  process.kill(registry, "SIGCONT");
  await browser.close();
  await station.stop();
}
