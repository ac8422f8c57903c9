import assert from "node:assert/strict";
import { test } from "node:test";

import type { Bay, Change, Lot, Snapshot } from "../../src/page_app/app/api.ts";
import { afterChange, fromSnapshot, happening } from "../../src/page_app/app/state.ts";

const light = { state: "ok", text: "" } as const;
const run = { passed: 1, failed: 0, skipped: 0, stopped: 0 };
const bays: Bay[] = [{ bay: "1", status: "empty" }, { bay: "2", status: "at_work", mac: "7cdfa1003f18", console: "boot" }];

function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    station: { name: "north", version: "0.1.0", host: "pc" }, run, bays, said: [],
    lights: { registry: light, ledger: light, printer: light }, lot: { name: "order-17" } as Lot, ...more,
  };
}

test("a change replaces whole what it names, and nothing else", () => {
  const before = fromSnapshot(snapshot(), null);
  const bay: Bay = { bay: "2", status: "passed", mac: "7cdfa1003f18" };
  const after = afterChange(before, { bay, run: { ...run, passed: 2 } });
  assert.deepEqual(after.bays, [bays[0], bay]);
  assert.equal(after.run.passed, 2);
  // The same object: its tile is not drawn anew.
  assert.equal(after.bays[0], before.bays[0]);
  assert.equal(after.lot, before.lot);
});

test("a lot that is null is none, one that is not told stays", () => {
  const before = fromSnapshot(snapshot(), null);
  assert.equal(afterChange(before, {}).lot?.name, "order-17");
  assert.equal(afterChange(before, { lot: null }).lot, null);
});

test("a bay that is new comes last", () => {
  const after = afterChange(fromSnapshot(snapshot(), null), { bay: { bay: "3", status: "empty" } });
  assert.deepEqual(after.bays.map((bay) => bay.bay), ["1", "2", "3"]);
});

test("what is said is kept, the oldest goes", () => {
  let state = fromSnapshot(snapshot(), null);
  for (let i = 0; i < 60; ++i) state = afterChange(state, { said: { time: "", level: "info", text: String(i) } });
  assert.equal(state.said.length, 50);
  assert.equal(state.said.at(-1)?.text, "59");
});

test("a board's lines are gathered until another board begins", () => {
  const line = (text: string): Change => ({ event: { event: "board_console", time: "", bay: "2", line: text } });
  let state = fromSnapshot(snapshot(), null);
  assert.deepEqual(state.consoles["2"], ["boot"]);
  state = afterChange(state, line("one"));
  assert.deepEqual(state.consoles["2"], ["boot", "one"]);
  for (let i = 0; i < 400; ++i) state = afterChange(state, line(String(i)));
  assert.equal(state.consoles["2"]?.length, 300);
  state = afterChange(state, { event: { event: "board_started", time: "", bay: "2" } });
  assert.deepEqual(state.consoles["2"], []);
});

test("after a new snapshot the lines of a board that is still there are kept, others are not", () => {
  const line: Change = { event: { event: "board_console", time: "", bay: "2", line: "two" } };
  const before = afterChange(fromSnapshot(snapshot(), null), line);
  assert.deepEqual(fromSnapshot(snapshot(), before).consoles["2"], ["boot", "two"]);
  const other = snapshot({ bays: [{ bay: "2", status: "at_work", mac: "7cdfa1003f1c" }] });
  assert.deepEqual(fromSnapshot(other, before).consoles["2"], []);
});

test("a snapshot in the midst of the stream replaces everything; a bay that was renamed keeps its board's lines", () => {
  const there: Bay = { bay: "1-2.3", place: "1-2.3", status: "at_work", mac: "7cdfa1003f18" };
  const line: Change = { event: { event: "board_console", time: "", bay: "1-2.3", line: "one" } };
  let state = fromSnapshot(snapshot({ bays: [there], learning: { name: "3" } }), null);
  state = afterChange(afterChange(state, line), { said: { time: "", level: "info", text: "old" } });
  const after = fromSnapshot(snapshot({ bays: [{ ...there, bay: "3" }], lot: null }), state);
  assert.deepEqual(after.bays.map((bay) => bay.bay), ["3"]);
  assert.deepEqual(after.consoles, { "3": ["one"] });
  assert.equal(after.learning, null);
  assert.equal(after.lot, null);
  assert.deepEqual(after.said, []);
});

test("a sound follows a status that is another one, nothing else", () => {
  const state = fromSnapshot(snapshot(), null);
  assert.equal(happening(state, { bay: { bay: "2", status: "at_work", percent: 5 } }), null);
  assert.equal(happening(state, { bay: { bay: "9", status: "passed" } }), null);
  assert.equal(happening(state, {}), null);
  assert.deepEqual(happening(state, { bay: { bay: "2", status: "passed" } }),
    { bay: { bay: "2", status: "passed" }, was: "at_work" });
});
