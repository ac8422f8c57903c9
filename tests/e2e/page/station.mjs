// The station as a user starts it, in the test's folder; and the hands at its simulated bench.
import { execFile, spawn } from "node:child_process";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

// Milliseconds that anything may take before the test gives up on it: on a loaded machine, too.
export const patience = 60_000;

const imprint = process.env.IMPRINT;

export function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: did not come in ${patience / 1000} s`)), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// A command that ends, and its events.
export async function run(...words) {
  const { stdout } = await promisify(execFile)(imprint, [...words, "--json"], { timeout: patience });
  return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

function isOne(name, members) {
  return (event) => event.event === name && Object.entries(members).every(([key, value]) => event[key] === value);
}

export class Station {
  url = "";
  events = [];
  #process;
  #waiting = [];

  static async start(...words) {
    const station = new Station();
    await station.#begin(words);
    return station;
  }

  async #begin(words) {
    this.#process = spawn(imprint, ["station", "--json", ...words], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((_, reject) => {
      this.#process.once("exit", (code) => reject(new Error(`imprint station ended with ${code}`)));
    });
    ended.catch(() => undefined);
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#take(JSON.parse(line)));
    const ready = await within("the page", Promise.race([this.event("page_ready"), ended]));
    this.url = ready.url;
    // The page is there before the bench is.
    await within("the bench", Promise.race([this.event("run_started"), ended]));
  }

  #take(event) {
    this.events.push(event);
    this.#waiting = this.#waiting.filter(({ is, done }) => !(is(event) && (done(event), true)));
  }

  // The next one of this name with these members.
  following(name, members = {}) {
    const is = isOne(name, members);
    const what = `${name} ${JSON.stringify(members)}`;
    return within(what, new Promise((done) => this.#waiting.push({ is, done })));
  }

  // One that has come or that comes.
  event(name, members = {}) {
    const there = this.events.find(isOne(name, members));
    return there ? Promise.resolve(there) : this.following(name, members);
  }

  get port() {
    return new URL(this.url).port;
  }

  async stop() {
    const process = this.#process;
    if (process.exitCode !== null || process.signalCode !== null) return;
    const ended = new Promise((done) => process.once("exit", done));
    process.kill("SIGTERM");
    const hard = setTimeout(() => process.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(hard);
  }

  async get(path) {
    const answer = await fetch(new URL(path, this.url), { signal: AbortSignal.timeout(patience) });
    return answer.json();
  }
}

// One line to the simulated bench, as a hand at it: "put 1".
export function hand(...words) {
  const answer = new Promise((done, reject) => {
    const socket = createConnection("bench/hands.sock");
    socket.on("error", reject);
    createInterface({ input: socket }).once("line", (line) => {
      socket.end();
      if (line.startsWith("ok")) done(line.slice(3));
      else reject(new Error(`${words.join(" ")}: ${line}`));
    });
    socket.write(`${words.join(" ")}\n`);
  });
  return within(words.join(" "), answer);
}
