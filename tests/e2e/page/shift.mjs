// A whole lot at the page, from its opening to its report, by keyboard alone: nothing here has a mouse.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { accessible, openBrowser, Person, shown, Watch } from "./browser.mjs";
import { hand, run, Station } from "./station.mjs";

const lotName = "order-17";
const code = "PO-4711";
const registry = Number(process.env.REGISTRY);
const colons = (mac) => mac.match(/../g).join(":");

async function openLot(person) {
  await person.press("F2");
  await person.sees("heading", "Lots");
  await accessible(person.page, "no lots");
  await person.has("button", "Open a lot…");
  await accessible(person.page, "the form of a lot");
  const fields = [["Name", lotName], ["Code", code], ["Target", "5"], ["Serial numbers", "T-{number:5}"]];
  for (const [field, text] of fields) {
    await person.tabTo("textbox", field);
    await person.type(text);
  }
  await person.press("Enter");
  await person.isAt(`/lots/${lotName}`);
  await person.sees("heading", `Lot ${lotName}`);
  await accessible(person.page, "a lot without boards");
  await person.press("Escape");
  await person.isAt("/");
}

// What is no code of anything that can be worked on is told, and changes nothing.
async function wrongScans(person) {
  await person.scan("nonsense");
  await person.isTold(/nonsense.*Scan an order, a bay or a board\./s);
  await person.scan("OLD-1");
  await person.isTold(/lot "OLD-1" is closed/i);
  // The dash of an American scanner, as a computer with a German keyboard reads it.
  await person.scan("POß4711");
  await person.isTold(/POß4711.*PO-4711.*another keyboard layout/s);
  await person.sees("heading", `Lot ${lotName}`);
}

async function twoThatPass(person) {
  const macs = [await hand("put", "1"), await hand("put", "2")];
  await person.seesBay(1, "PASS", "take it out", /T-0000\d/, colons(macs[0]));
  await person.seesBay(2, "PASS", "take it out", /T-0000\d/, colons(macs[1]));
  return macs;
}

async function oneWithABadCable(person) {
  await hand("break", "3");
  const mac = await hand("put", "3");
  // A station that is itself late cannot tell the one silence from the other.
  await person.seesBay(3, "FAIL", /No answer from the (board|chip)\./, "Press it in firmly, then plug it in again.", "not identified");
  await accessible(person.page, "the bench with a failure");
  // The upward arrow leads to the bay that needs somebody.
  await person.press("ArrowUp", "Enter");
  await person.sees("heading", /Bay 3.*FAIL/s);
  await accessible(person.page, "a bay");
  assert.equal(await person.focused(), "Prepare again");
  await hand("mend", "3");
  await person.press("Enter");
  await person.seesBay(3, "PASS", colons(mac));
}

// In the midst of its work, for sure: the cloud stands still until it is out.
async function oneThatIsPulled(person) {
  process.kill(registry, "SIGSTOP");
  const mac = await hand("put", "4");
  await person.seesBay(4, colons(mac));
  await hand("take", "4");
  process.kill(registry, "SIGCONT");
  await person.seesBay(4, "plug in a board", "last: FAIL", /T-0000\d/);
  await person.isTold(/Bay 4 failed: .*bench\/4 is gone/);
  await hand("put", "4", mac);
  await person.seesBay(4, "PASS", colons(mac));
  await hand("take", "4");
  await person.seesBay(4, "plug in a board", "last: PASS", /T-0000\d/);
}

async function oneThatHasPassed(person, mac) {
  await hand("take", "1");
  await person.seesBay(1, "plug in a board", "last: PASS", /T-0000\d/);
  await hand("put", "1", mac);
  await person.seesBay(1, "PASS", "passed before", "take it out", colons(mac));
}

async function aBayOffAndOn(person) {
  await person.scan("off 4");
  await person.seesBay(4, "switched off");
  await person.press("ArrowUp");
  assert.match(await person.focused(), /^Bay 4/, "the arrow leads to the bay that is off");
  await person.press("Enter");
  await person.sees("heading", /Bay 4/);
  assert.equal(await person.focused(), "Switch on");
  await person.press("Enter");
  await person.seesBay(4, "plug in a board");
}

async function theBoardsPage(person, station, mac) {
  await person.press("F3");
  await person.sees("heading", "Boards");
  await person.type(colons(mac).slice(0, 8));
  await person.sees("link", colons(mac));
  await accessible(person.page, "boards");
  await person.type(colons(mac).slice(8));
  await person.press("Enter");
  await person.isAt(`/boards/${mac}`);
  await person.sees("heading", new RegExp(`${colons(mac)}.*PASS`, "s"));
  await person.page.locator(".label img").waitFor();
  await accessible(person.page, "a board");
  const printed = () => station.events.filter((event) => event.event === "label_printed" && event.mac === mac).length;
  await station.event("label_printed", { mac });
  const before = printed();
  const again = station.following("label_printed", { mac });
  await person.has("button", "Print label");
  await person.isTold(/^The label is on its way to the printer\./);
  await again;
  assert.equal(printed(), before + 1);
}

// The same station in another window.
async function anotherBrowser(browser, person, station) {
  const context = await browser.newContext();
  const watch = new Watch(context);
  const page = await context.newPage();
  await page.goto(station.url);
  await new Person(page).sees("heading", `Lot ${lotName}`);
  const parts = (of) => of.locator(".meter, .figs, .lights, .bays > li").allTextContents();
  assert.deepEqual(await parts(page), await parts(person.page));
  await watch.end();
  await context.close();
}

// Stopped and started again, as after a power cut, while the page is open.
async function theStationGoesAndComes(person, station, watch) {
  const meter = await person.page.locator(".meter").textContent();
  const next = await watch.away(async () => {
    await station.stop();
    await person.page.getByRole("alert").filter({ hasText: "No connection to the station" }).waitFor();
    await accessible(person.page, "without a station");
    await person.scan("1");
    await person.isTold(/No connection to the station\./);
    const begun = await Station.start("--lot", lotName, "--set", `page.listen=127.0.0.1:${station.port}`);
    await person.page.getByRole("alert").waitFor({ state: "hidden" });
    return begun;
  });
  await person.sees("heading", `Lot ${lotName}`);
  assert.equal(await person.page.locator(".meter").textContent(), meter);
  // The boards that are still in the bays have passed, and are left as they are.
  for (const bay of [1, 2, 3]) await person.seesBay(bay, "PASS", "passed before");
  return next;
}

// The lot's page against the same ledger at a terminal.
async function sameFigures(person) {
  const [lot] = await run("lot", "show", lotName);
  await person.press("F2");
  await person.tabTo("link", lotName);
  await person.press("Enter");
  await person.isAt(`/lots/${lotName}`);
  const card = (name) => person.page.getByRole("region", { name, exact: true }).textContent();
  const percent = `${(lot.first_pass_yield * 100).toFixed(1).replace(/\.0$/, "")}\u00a0%`;
  assert.ok((await card("First-pass yield")).includes(
    `${percent}${lot.first_passed} of ${lot.first_passed + lot.first_failed} boards at the first try`));
  assert.ok((await card("Not passed")).includes(`${lot.failed} failed, ${lot.error} error; 1 repaired`));
  assert.ok((await card("Why boards did not pass")).includes("plug came out1"));
  await person.page.locator(".top").getByText(`${lot.passed} of ${lot.target} passed`).waitFor();
  assert.deepEqual([lot.passed, lot.target, lot.failed, lot.first_failed], [5, 5, 0, 1]);
  const listed = person.page.locator(".lot-boards tbody a");
  await listed.first().waitFor();
  const boards = await run("lot", "report", lotName);
  const macs = boards.filter((each) => each.event === "lot_board").map(({ mac }) => mac);
  assert.deepEqual([...new Set(await listed.allTextContents())].sort(), macs.map(colons).sort());
  await accessible(person.page, "a lot with boards");
  return macs;
}

async function closeAndReport(browser, person, macs) {
  await person.has("button", "Close lot");
  assert.equal(await person.focused(), "Close lot: yes, really");
  await person.press("Enter");
  await person.page.locator(".top .sub").filter({ hasText: /^closed/ }).waitFor();
  const opened = person.page.context().waitForEvent("page");
  await person.has("link", "Report");
  const report = await opened;
  await report.getByRole("heading", { name: lotName }).first().waitFor();
  const html = await report.content();
  for (const mac of macs) assert.ok(html.includes(mac), mac);
  await report.close();
  // No script runs where the station shows it, not even axe's: so its text by itself.
  const copy = await browser.newPage();
  await copy.setContent(html);
  await accessible(copy, "the report");
  await copy.close();
}

async function otherPages(person) {
  await person.press("Escape", "F6");
  await person.sees("heading", "Bays and sockets");
  await accessible(person.page, "settings");
  await person.press("F1");
  await person.sees("heading", "A shift");
  await accessible(person.page, "help");
}

await run("lot", "open", "order-16", "--code", "OLD-1");
await run("lot", "close", "order-16");
let station = await Station.start();
const browser = await openBrowser();
try {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const watch = new Watch(context);
  const page = await context.newPage();
  await watch.follow(page);
  const person = new Person(page);
  await person.listen();
  await page.goto(station.url);
  await person.sees("heading", "No lot chosen");
  await accessible(page, "the empty bench");

  await openLot(person);
  await person.scan(code);
  await person.isTold(new RegExp(`Lot ${lotName} is chosen\\.`));
  await person.sees("heading", `Lot ${lotName}`);
  await wrongScans(person);
  const [first, second] = await twoThatPass(person);
  await oneWithABadCable(person);
  await oneThatHasPassed(person, first);
  await oneThatIsPulled(person);
  await aBayOffAndOn(person);
  const fifth = await hand("swap", "2");
  await person.seesBay(2, "PASS", colons(fifth));
  await page.locator(".meter").getByText("complete").waitFor();
  await theBoardsPage(person, station, second);
  await person.press("Escape");
  await anotherBrowser(browser, person, station);
  station = await theStationGoesAndComes(person, station, watch);
  const macs = await sameFigures(person);
  await closeAndReport(browser, person, macs);
  await otherPages(person);

  await watch.end();
  assert.deepEqual(new Set(watch.refusals), new Set(["409 /api/scan"]));
  // All that the browser was sent is here, and no secret is in it.
  assert.ok(watch.received.includes(fifth) && watch.received.includes('"event":"board_identified"'));
  const secret = /aws_secret_access_key\s*=\s*(\S+)/.exec(readFileSync("registry/credentials", "utf8"))[1];
  for (const canary of ["PRIVATE KEY", secret]) assert.ok(!watch.received.includes(canary), canary);
} catch (error) {
  console.error(await shown(browser));
  throw error;
} finally {
  process.kill(registry, "SIGCONT");
  await browser.close();
  await station.stop();
}
