// A page of somebody else's, open in the browser that the station's page is open in: by no way does it change
// anything at the station, nor does it get the station's page into a frame.
import assert from "node:assert/strict";
import { createServer } from "node:http";

import { openBrowser } from "./browser.mjs";
import { hand, Station, within } from "./station.mjs";

// Each way in which a page can send something elsewhere. It is told which of its tries were let through.
const attack = (to) => `<!doctype html><title>Win a prize</title>
<iframe name="sink"></iframe><iframe id="framed" src="${to}/"></iframe>
<form id="form" method="post" enctype="text/plain" target="sink" action="${to}/api/bays/1/off"><input name='{"a":"' value='"}'></form>
<img src="${to}/api/bays/1/off"><img src="${to}/api/bays/off">
<script>
const body = '{}';
const json = { "Content-Type": "application/json" };
const text = { "Content-Type": "text/plain" };
const tries = {
  simple: () => fetch("${to}/api/bays/1/off", { method: "POST", mode: "no-cors", headers: text, body }),
  urlencoded: () => fetch("${to}/api/bays/1/off", { method: "POST", mode: "no-cors", body: new URLSearchParams("{}") }),
  json: () => fetch("${to}/api/bays/1/off", { method: "POST", headers: json, body }),
  withCookies: () => fetch("${to}/api/bays/1/off", { method: "POST", headers: json, credentials: "include", body }),
  read: () => fetch("${to}/api/state").then((answer) => answer.text()),
  lot: () => fetch("${to}/api/lot", { method: "POST", mode: "no-cors", headers: text, body: '{"lot":null}' }),
  beacon: async () => navigator.sendBeacon("${to}/api/bays/1/off", new Blob([body], { type: "text/plain" })),
  stream: () => new Promise((done, no) => { const s = new EventSource("${to}/api/events"); s.onopen = done; s.onerror = no; }),
  socket: () => new Promise((done, no) => {
    const s = new WebSocket("${to.replace("http", "ws")}/api/events"); s.onopen = done; s.onerror = no; }),
};
document.getElementById("form").submit();
Promise.all(Object.entries(tries).map(([name, go]) => go().then((got) => [name, typeof got], () => [name, "refused"])))
  .then((all) => { globalThis.outcome = Object.fromEntries(all); });
</script>`;

// What each request to the station was answered, by the network's own word: of an answer that its page may not have, the
// browser itself tells only that it failed.
async function answersTo(page, url) {
  const session = await page.context().newCDPSession(page);
  const asked = [];
  const statuses = new Map();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    const what = `${request.method} ${new URL(request.url).pathname}`;
    if (request.url.startsWith(url)) asked.push({ requestId, what });
  });
  session.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => statuses.set(requestId, statusCode));
  await session.send("Network.enable");
  // In whichever order the two were told. One without a status was never sent: its preflight was refused.
  return (wanted) => asked.filter(({ what }) => what === wanted).flatMap(({ requestId }) => statuses.get(requestId) ?? []);
}

async function serve() {
  let page = "";
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(page));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { server, port: server.address().port, show: (html) => (page = html) };
}

const station = await Station.start();
// That name leads to this machine: a page that lets its own name lead here reaches the station as itself.
const browser = await openBrowser("rebound.example");
const { server, port, show } = await serve();
try {
  await hand("put", "1");
  await station.event("board_passed");
  const printed = await station.event("label_printed");
  const stands = async () => {
    const { bays, lot, run, said } = await station.get("/api/state");
    return { bays, lot, run, said };
  };
  const until = (what, is) => within(what, (async () => {
    while (!(await is())) await new Promise((done) => setTimeout(done, 50));
  })());
  // Its events come here before they come to the page.
  let before;
  await until("the label in the page", async () => {
    before = await stands();
    return before.bays[0]?.status === "passed" && before.said.some(({ time }) => time === printed.time);
  });

  const url = station.url.replace(/\/$/, "");
  const context = await browser.newContext();
  const page = await context.newPage();
  const answers = await answersTo(page, url);
  show(attack(url));
  await page.goto(`http://127.0.0.1:${port}/`);
  await until("its tries", () => page.evaluate(() => globalThis.outcome));
  // What a page is told of them.
  const { beacon, ...outcome } = await page.evaluate(() => globalThis.outcome);
  assert.deepEqual(new Set(Object.values(outcome)), new Set(["refused"]), JSON.stringify(outcome));
  // And what became of them: they did arrive, and the station refused them. By the form, fetch twice, and the beacon.
  const refused = async (what, times, status) => {
    await until(`${times} × ${what}`, () => answers(what).length >= times);
    assert.deepEqual(answers(what), Array(times).fill(status), what);
  };
  await refused("POST /api/bays/1/off", 4, 403);
  await refused("OPTIONS /api/bays/1/off", 2, 403);
  await refused("POST /api/lot", 1, 403);
  await refused("GET /api/bays/1/off", 1, 403);
  await refused("GET /api/bays/off", 1, 403);
  const framed = await (await page.locator("#framed").elementHandle()).contentFrame();
  assert.ok(framed.url().startsWith("chrome-error:"), framed.url());

  // By a name of its own.
  const rebound = await context.newPage();
  const answer = await rebound.goto(`http://rebound.example:${station.port}/api/state`);
  assert.equal(answer.status(), 403);
  assert.match(await answer.text(), /"other_host"/);

  assert.deepEqual(await stands(), before);
  assert.ok(!station.events.some((event) => event.event === "bay_changed" && event.status === "off"));
} finally {
  server.close();
  server.closeAllConnections();
  await browser.close();
  await station.stop();
}
