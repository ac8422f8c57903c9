import assert from "node:assert/strict";
import { test } from "node:test";

import type { Lot } from "../../src/page_app/app/api.ts";
import { durationText, macText, percentText, readMac, roughly, secondsText, sizeText, stopWatch }
  from "../../src/page_app/app/lib/format.ts";
import { columnsFor } from "../../src/page_app/app/lib/layout.ts";
import { nextName, nextToLearn } from "../../src/page_app/app/lib/names.ts";
import { marks } from "../../src/page_app/app/lib/scale.ts";
import { Skew } from "../../src/page_app/app/lib/skew.ts";
import { rowsOf } from "../../src/page_app/app/lib/steps.ts";
import { oneByOne, onceMore } from "../../src/page_app/app/lib/turns.ts";
import { bodyOf, fieldOf, noWords, rulesOf, wordsOf } from "../../src/page_app/app/lots/lot_words.ts";

const plain = (text: string): string => text.replaceAll("\u00a0", " ");

test("figures are as people read them", () => {
  assert.equal(macText("7cdfa1003f18"), "7c:df:a1:00:3f:18");
  assert.equal(plain(secondsText(8.43)), "8.4 s");
  assert.equal(plain(durationText(3599)), "59 min 59 s");
  assert.equal(plain(durationText(3600)), "1 h 00 min");
  assert.equal(plain(stopWatch(9.9)), "9 s");
  assert.equal(stopWatch(579), "9:39");
  assert.equal(stopWatch(3601), "1:00:01");
  assert.equal(plain(stopWatch(-3)), "0 s");
  assert.equal(plain(roughly(18_600)), "5 h 10 min");
  assert.equal(plain(roughly(20)), "1 min");
  assert.equal(plain(sizeText(8 * 1024 * 1024)), "8 MB");
});

test("not all is never shown as all", () => {
  assert.equal(plain(percentText(1)), "100 %");
  assert.equal(plain(percentText(1999 / 2000)), "99.9 %");
  assert.equal(plain(percentText(0.978)), "97.8 %");
  assert.equal(plain(percentText(0)), "0 %");
});

test("a MAC address is read as people write it", () => {
  assert.equal(readMac(" 7C:DF:A1:00:3F:18 "), "7cdfa1003f18");
  assert.equal(readMac("7c-df-a1-00-3f-18"), "7cdfa1003f18");
  assert.equal(readMac("TH-26-000412"), null);
});

test("tiles are as large as there is room for", () => {
  assert.equal(columnsFor(1, 1326, 610), 1);
  assert.equal(columnsFor(12, 1326, 610), 4);
  assert.equal(columnsFor(16, 1326, 610), 4);
  // No arrangement has fewer places than there are bays, and none an empty column.
  for (let bays = 1; bays <= 32; ++bays) {
    const columns = columnsFor(bays, 1326, 610);
    assert.ok(columns >= 1 && columns <= bays, `${bays}`);
  }
});

test("the next bay's name follows the last one", () => {
  assert.equal(nextName([]), "1");
  assert.equal(nextName(["1", "10", "2"]), "11");
  assert.equal(nextName(["north9"]), "north10");
  assert.equal(nextName(["A07"]), "A08");
  assert.equal(nextName(["left"]), "left2");
  // Whatever a file may say: the station takes no name with a blank.
  assert.equal(nextName(["north 9"]), "north10");
  assert.equal(nextName(["far left"]), "farleft2");
});

test("after a bay is learnt the next one is asked for, unless its name is waited for still, or something is wrong", () => {
  const learnt = { name: "3", place: "1-2.3" };
  assert.equal(nextToLearn({ learnt }), "4");
  assert.equal(nextToLearn({ learnt, name: "5" }), null);
  assert.equal(nextToLearn({ learnt, trouble: "the disk is full" }), null);
  assert.equal(nextToLearn({ name: "3" }), null);
  assert.equal(nextToLearn(null), null);
});

test("the station's clock is what its latest words say, not its oldest", () => {
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const skew = new Skew();
  assert.equal(skew.milliseconds(), 0);
  skew.heard(at(1000), 999_500);
  assert.equal(skew.milliseconds(), 500);
  // One that was long on its way, and one that has no time.
  skew.heard(at(1001), 1_060_000);
  skew.heard("", 1_060_000);
  assert.equal(skew.milliseconds(), 500);
  // With a new line it may be another one; until then it is what it was.
  skew.begin();
  assert.equal(skew.milliseconds(), 500);
  skew.heard(at(1100), 1_160_000);
  assert.equal(skew.milliseconds(), -60_000);
});

// Something that ends when the test says so.
function promised(): { done: Promise<void>; end: () => void; fail: () => void } {
  let end = (): void => undefined;
  let fail = (): void => undefined;
  const done = new Promise<void>((good, bad) => {
    end = good;
    fail = () => bad(new Error("refused"));
  });
  return { done, end, fail };
}
const settled = (): Promise<void> => new Promise((next) => setTimeout(next, 0));

test("what is sent in turn waits for the one before, also for one that is refused", async () => {
  const inTurn = oneByOne();
  const begun: number[] = [];
  const tasks = [promised(), promised(), promised()];
  const results = tasks.map((task, i) => inTurn(() => {
    begun.push(i);
    return task.done;
  }));
  await settled();
  assert.deepEqual(begun, [0]);
  const refused = assert.rejects(results[0] as Promise<void>);
  tasks[0]?.fail();
  await refused;
  await settled();
  assert.deepEqual(begun, [0, 1]);
  tasks[1]?.end();
  await settled();
  assert.deepEqual(begun, [0, 1, 2]);
});

test("what is asked for again while it is under way is asked for once more", async () => {
  const rounds = [promised(), promised(), promised()];
  let begun = 0;
  const ask = onceMore(() => (rounds[begun++] ?? promised()).done);
  void ask();
  void ask();
  void ask();
  await settled();
  assert.equal(begun, 1);
  rounds[0]?.end();
  await settled();
  assert.equal(begun, 2);
  rounds[1]?.end();
  await settled();
  assert.equal(begun, 2);
  void ask();
  assert.equal(begun, 3);
});

test("a scale has round marks, and room for all", () => {
  assert.deepEqual(marks(317, 3, true), [0, 200, 400]);
  assert.deepEqual(marks(8.4, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(marks(1, 3, true), [0, 1]);
  assert.deepEqual(marks(0, 3, true), [0, 1]);
});

test("regions that are written side by side are one row, an effect that is done twice is two", () => {
  assert.deepEqual(rowsOf([
    { name: "flash", start: 0.3, end: 6, cloud: false },
    { name: "flash", start: 0.3, end: 2, cloud: false },
    { name: "attach", start: 0.5, end: 0.7, cloud: true },
    { name: "flash", start: 7, end: 7.2, cloud: false },
  ]), [
    { name: "flash", start: 0.3, end: 6, cloud: false },
    { name: "attach", start: 0.5, end: 0.7, cloud: true },
    { name: "flash", start: 7, end: 7.2, cloud: false },
  ]);
});

const lot = {
  name: "order-17", code: "order-17", target: 250, chip: "esp32s3", least_revision: "v0.1", most_revision: "",
  flash_size: 8 * 1024 * 1024, firmware: "", serial_template: "T-{number}", failed_serial: "keep", golden: ["246f28a1b2c3"],
} as Lot;

test("a new lot says what was filled in, and no more", () => {
  assert.deepEqual(bodyOf({ ...noWords, name: " order-18 ", target: "25", golden: "24:6f:28:a1:b2:c3\n246f28a1b2c4" }, null),
    { name: "order-18", target: "25", golden: ["24:6f:28:a1:b2:c3", "246f28a1b2c4"] });
});

test("a lot's rules are told in a few words each, and what it leaves open is not", () => {
  assert.deepEqual(rulesOf(lot), ["ESP32-S3", "from revision v0.1", "8\u00a0MB", "serial numbers T-{number}"]);
  assert.deepEqual(rulesOf({ ...lot, chip: "", code: "A17", least_revision: "", most_revision: "v0.2", flash_size: 0,
    firmware: "0123456789abcdef", serial_template: "" }), ["scanned as A17", "up to revision v0.2", "firmware 01234567… only"]);
  assert.deepEqual(rulesOf({ ...lot, chip: "", least_revision: "", flash_size: 0, serial_template: "" }), []);
});

test("a changed lot says what differs; an emptied field takes its rule away", () => {
  const before = wordsOf(lot);
  assert.deepEqual(bodyOf(before, before), {});
  assert.deepEqual(bodyOf({ ...before, target: "300" }, before), { target: "300" });
  assert.deepEqual(bodyOf({ ...before, target: "", least_revision: "", serial: "", golden: "", chip: "any", flash_size: "any" }, before),
    { target: "0", least_revision: "any", serial: "none", golden: [], chip: "any", flash_size: "any" });
});

test("an error of the station goes to the field that it is about", () => {
  assert.equal(fieldOf("bad_usage", "the lot's name \"start\""), "name");
  assert.equal(fieldOf("lot_exists", "there is a lot \"order-17\""), "name");
  assert.equal(fieldOf("bad_usage", "--target \"abc\""), "target");
  assert.equal(fieldOf("bad_usage", "--revision-from \"x\""), "least_revision");
  assert.equal(fieldOf("bad_usage", "--failed-serial \"x\""), "failed_serial");
  assert.equal(fieldOf("ledger_unwritable", "the disk of the target is full"), null);
});
