// Twenty browsers follow the station while boards come and go; some of them lose their line again and again. In the
// end all of them have what the station has. What they do with its messages is the page's own code.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { hand, Station, within } from "./station.mjs";

const crowd = 20;
const rounds = 3;
const bays = [1, 2, 3, 4];

// The page's own code, which knows of no browser.
async function pageCode() {
  const source = fileURLToPath(new URL("../../../src/page_app/app/", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "imprint-crowd-"));
  try {
    await createRequire(import.meta.url)("esbuild").build({
      entryPoints: ["state.ts", "lib/sse.ts"].map((file) => join(source, file)),
      outdir: folder, outbase: source, outExtension: { ".js": ".mjs" },
      bundle: true, platform: "node", format: "esm", logLevel: "warning",
    });
    const load = (file) => import(pathToFileURL(join(folder, file)).href);
    return { ...(await load("state.mjs")), ...(await load("lib/sse.mjs")) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { afterChange, EventText, fromSnapshot } = await pageCode();

class Follower {
  state = null;
  lastId = "";
  snapshots = 0;
  #line;
  #ended = false;

  // Of those whose line breaks: after how many messages it does so.
  constructor(url, breaksAfter) {
    this.url = url;
    this.breaksAfter = breaksAfter;
    this.done = this.#follow();
  }

  async #follow() {
    while (!this.#ended) await this.#once();
  }

  async #once() {
    this.#line = request(new URL("/api/events", this.url), {
      // A connection of its own, as another computer's browser has.
      agent: false, headers: this.lastId ? { "Last-Event-ID": this.lastId } : {},
    });
    this.#line.end();
    const [answer] = await once(this.#line, "response");
    assert.equal(answer.statusCode, 200);
    answer.setEncoding("utf8");
    const text = new EventText();
    let taken = 0;
    try {
      for await (const piece of answer) {
        for (const message of text.take(piece)) {
          this.#take(message);
          if (++taken === this.breaksAfter) return this.#line.destroy();
        }
      }
    } catch (error) {
      if (!this.#ended) throw error;
    }
  }

  #take({ id, event, data }) {
    if (event === "snapshot") {
      ++this.snapshots;
      this.state = fromSnapshot(JSON.parse(data), this.state);
    } else if (event === "change") {
      this.state = afterChange(this.state, JSON.parse(data));
    }
    if (id) this.lastId = id;
  }

  end() {
    this.#ended = true;
    this.#line.destroy();
    return this.done;
  }
}

const station = await Station.start();
const followers = [];
try {
  for (let i = 0; i < crowd; ++i) followers.push(new Follower(station.url, i % 2 ? 3 + i : 0));
  const lines = Promise.all(followers.map(({ done }) => done));
  lines.catch(() => undefined);
  const broken = lines.then(() => assert.fail("each line ended"));

  for (let round = 0; round < rounds; ++round) {
    const macs = await Promise.all(bays.map((bay) => hand(round ? "swap" : "put", bay)));
    await Promise.all(macs.map((mac) => Promise.race([broken, station.event("board_passed", { mac })])));
    await Promise.all(macs.map((mac) => station.event("label_printed", { mac })));
  }

  // What the station says of itself is what each of them has. Its events come here before they come to the page.
  const all = rounds * bays.length;
  const now = await within(`${all} passes at each of them`, (async () => {
    for (;;) {
      const state = await station.get("/api/state");
      if (state.run.passed === all && followers.every(({ lastId }) => lastId === state.id)) return state;
      await Promise.race([broken, new Promise((done) => setTimeout(done, 20))]);
    }
  })());
  for (const follower of followers) {
    for (const part of ["station", "run", "bays", "lights", "said"]) {
      assert.deepEqual(follower.state[part], now[part], part);
    }
    assert.equal(follower.state.lot, now.lot ?? null);
    // Whoever lost the line got what was missed, and not all of it anew.
    assert.equal(follower.snapshots, 1);
  }
} finally {
  await Promise.allSettled(followers.map((follower) => follower.end()));
  await station.stop();
}
