// The station's page in Chromium, for scripts/soak: how old each event is when the frame that shows it is drawn.
//
// node scripts/soak_page.mjs URL: says "ready", and when its standard input ends, the ages in milliseconds as JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../tests/e2e/page/browser.mjs", import.meta.url));
const { chromium } = await import(pathToFileURL(require.resolve("playwright-core")).href)
  .then((module) => module.default ?? module);

// Runs in the page, before its own code: reads along what the page reads.
function watchStream() {
  globalThis.ages = [];
  const fetchOfPage = globalThis.fetch;
  const drawn = (times) => requestAnimationFrame(() => setTimeout(() => {
    for (const time of times) globalThis.ages.push(Date.now() - time);
  }));
  async function read(stream) {
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      const end = text.lastIndexOf("\n") + 1;
      const times = [];
      for (const line of text.slice(0, end).split("\n")) {
        if (!line.startsWith("data: ")) continue;
        const { event } = JSON.parse(line.slice("data: ".length));
        if (event) times.push(Date.parse(event.time));
      }
      text = text.slice(end);
      if (times.length > 0) drawn(times);
    }
  }
  globalThis.fetch = async (path, ...more) => {
    const response = await fetchOfPage(path, ...more);
    if (path !== "/api/events" || !response.body) return response;
    const [forPage, forWatch] = response.body.tee();
    read(forWatch).catch(() => undefined);
    return new Response(forPage, response);
  };
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server"],
  chromiumSandbox: process.getuid() !== 0,
});
const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
await page.addInitScript(watchStream);
await page.goto(process.argv[2]);
await page.waitForSelector("main");
console.log("ready");
process.stdin.resume();
await new Promise((resolve) => process.stdin.on("end", resolve));
console.log(JSON.stringify(await page.evaluate(() => globalThis.ages)));
await browser.close();
