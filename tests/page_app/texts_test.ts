// What operators read: short enough for a tile, and there for each error that they can meet.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { causeWords, lotTexts, mendOf, mends, ordinal } from "../../src/page_app/app/texts.ts";

declare const IMPRINT_SOURCE: string;

function rows(): { code: string; kinds: string[] }[] {
  const table = readFileSync(`${IMPRINT_SOURCE}/src/base/error_codes.h`, "utf8");
  return [...table.matchAll(/\{\s*"([a-z_]+)",\s*\{([a-z, ]+)\}/g)].map(([, code, kinds]) => ({
    code: code ?? "", kinds: (kinds ?? "").split(",").map((kind) => kind.trim()),
  }));
}

// Of commands that an operator at the page does not give, or of what is checked before the page is there.
const elsewhere = new Set([
  "console_failed", "console_timeout", "firmware_misplaced", "firmware_no_bootloader", "flash_out_of_reach",
  "no_partition_table", "no_port", "other_partition_table", "port_baud", "pty_failed", "several_ports", "thing_unknown",
]);

test("the table of errors is read", () => {
  assert.ok(rows().length > 200);
});

test("each error of a board has a sentence for the operator", () => {
  const missing = rows().filter(({ code, kinds }) => kinds.includes("board") && !elsewhere.has(code) && !mends[code]);
  assert.deepEqual(missing.map(({ code }) => code), []);
});

test("no sentence is for an error that does not exist", () => {
  const known = new Set(rows().map(({ code }) => code));
  // Where there is no answer at all; and a word of the event bay_changed.
  for (const code of ["station_away", "bay_off"]) known.add(code);
  assert.deepEqual([...Object.keys(mends), ...Object.keys(causeWords), ...elsewhere].filter((code) => !known.has(code)), []);
});

test("a sentence has room in three lines of a tile", () => {
  for (const [code, sentence] of Object.entries(mends)) {
    assert.ok(sentence.length <= 75, `${code}: ${sentence.length} letters`);
    assert.match(sentence, /[.!]$|F1\.$/, code);
  }
});

test("what has no sentence is told by the station's hint, then by its reason", () => {
  assert.equal(mendOf({ bay: "1", status: "failed", code: "new_one", mend: "do this", reason: "so" }), "do this");
  assert.equal(mendOf({ bay: "1", status: "failed", code: "new_one", reason: "so" }), "so");
  assert.equal(mendOf({ bay: "1", status: "failed" }), "");
});

test("numbers are counted as people do", () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111].map(ordinal),
    ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th"]);
});

test("one is no several", () => {
  assert.equal(lotTexts.unidentified(1), "1 attempt before the board was known");
  assert.equal(lotTexts.unidentified(2), "2 attempts before the board was known");
});
