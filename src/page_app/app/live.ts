// The line to the station: one stream of events for as long as the page is open. What it tells is the state;
// whether it can be believed at this moment is `link`.
import { type Change, loginIsNeeded, type Snapshot } from "./api.ts";
import { sayOf } from "./lib/messages.ts";
import { Skew } from "./lib/skew.ts";
import { EventText, type Message } from "./lib/sse.ts";
import { Store } from "./lib/store.ts";
import { afterChange, fromSnapshot, type Happening, happening, type State } from "./state.ts";

// `why`: what the station itself said of it, if it said something.
export type Link = { up: boolean; since: number; why?: string };

export const state = new Store<State | null>(null);
export const link = new Store<Link>({ up: false, since: Date.now() });
// How often the station has come back: what was asked of it before is asked again.
export const returns = new Store(0);
// Whoever is here has to log in first, whichever page it is.
export const loginDue = new Store(false);
let wasUp = false;

const skew = new Skew();
export function stationNow(): number {
  return Date.now() + skew.milliseconds();
}

// The station writes at least a comment every 5 seconds.
const silence = 12_000;
const retries = [250, 500, 1000, 2000, 3000];

type Listener = (what: Happening) => void;
const listeners = new Set<Listener>();
export function onHappening(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let lastId = "";
let failures = 0;
let current: AbortController | null = null;
let waiting: number | undefined;
let watchdog: number | undefined;
let next: State | null = null;
let drawing = false;

// Many changes may come between two pictures of the screen: they are drawn at once. A tab in the background
// has no such pictures, and must not fall behind.
function show(): void {
  if (drawing) return;
  drawing = true;
  const draw = (): void => {
    drawing = false;
    state.set(next);
  };
  if (document.hidden) setTimeout(draw, 0);
  else requestAnimationFrame(draw);
}

function take(message: Message): void {
  if (message.event === "snapshot") {
    const former = next?.said.at(-1);
    next = fromSnapshot(JSON.parse(message.data) as Snapshot, next);
    const last = next.said.at(-1);
    // One comes in the midst of the stream too: what was said before it is no news.
    if (last && (last.time !== former?.time || last.text !== former.text)) sayOf(last);
  } else if (message.event === "change" && next) {
    const change = JSON.parse(message.data) as Change;
    // What was missed is told before the line counts as up: it is old.
    if (link.get().up && change.event) skew.heard(change.event.time, Date.now());
    const what = happening(next, change);
    next = afterChange(next, change);
    if (change.said) sayOf(change.said);
    if (what) listeners.forEach((listener) => listener(what));
  }
  if (message.id) lastId = message.id;
  show();
}

function lost(): void {
  if (resting) return;
  clearTimeout(watchdog);
  current?.abort();
  current = null;
  if (link.get().up) link.set({ up: false, since: Date.now() });
  clearTimeout(waiting);
  const wait = retries[Math.min(failures, retries.length - 1)] ?? 3000;
  failures += 1;
  waiting = window.setTimeout(() => void connect(), wait);
}

function heard(controller: AbortController): void {
  clearTimeout(watchdog);
  watchdog = window.setTimeout(() => {
    if (current === controller) lost();
  }, silence);
}

async function read(body: ReadableStream<Uint8Array>, controller: AbortController): Promise<void> {
  const reader = body.getReader();
  const letters = new TextDecoder();
  const text = new EventText();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || current !== controller) return;
    heard(controller);
    for (const message of text.take(letters.decode(value, { stream: true }))) take(message);
    if (!link.get().up && next) {
      failures = 0;
      link.set({ up: true, since: Date.now() });
      // In another window of this browser, perhaps.
      loginDue.set(false);
      if (wasUp) returns.set(returns.get() + 1);
      wasUp = true;
    }
  }
}

// It is there, and lets nobody follow it: too many do, or it has a fault.
async function refused(response: Response): Promise<void> {
  const told = (await response.json().catch(() => ({}))) as { reason?: string; mend?: string };
  link.set({ ...link.get(), up: false, why: [told.reason, told.mend].filter(Boolean).join("; ") });
}

async function connect(): Promise<void> {
  const controller = new AbortController();
  current?.abort();
  current = controller;
  clearTimeout(waiting);
  skew.begin();
  heard(controller);
  try {
    const response = await fetch("/api/events", {
      headers: { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) },
      cache: "no-store",
      credentials: "same-origin",
      signal: controller.signal,
    });
    if (response.status === 401) return stop();
    if (response.ok && response.body) await read(response.body, controller);
    else await refused(response);
  } catch {
    // No line: as when it ends.
  }
  if (current === controller) lost();
}

// Until somebody has logged in.
function stop(): void {
  if (resting) return;
  clearTimeout(watchdog);
  clearTimeout(waiting);
  current?.abort();
  current = null;
  next = null;
  lastId = "";
  state.set(null);
  link.set({ up: false, since: Date.now() });
  loginIsNeeded();
}

export function restart(): void {
  failures = 0;
  lastId = "";
  void connect();
}

// To which no network is needed.
function isThisComputer(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

// A browser has six lines to a station, for all of its tabs: with six tabs open no scan would get through. So the
// tab that is looked at tells the others, and those in the background give their lines up until they are looked at.
// The last one that was looked at keeps its line: it is the one that is heard.
function shareLines(): void {
  const tabs = new BroadcastChannel("imprint-lines");
  tabs.onmessage = () => {
    if (document.hidden) rest();
  };
  const tell = (): void => {
    if (!document.hidden) tabs.postMessage("looked at");
  };
  document.addEventListener("visibilitychange", tell);
  tell();
}

// Without a line until the tab is looked at.
let resting = false;
function rest(): void {
  resting = true;
  clearTimeout(watchdog);
  clearTimeout(waiting);
  current?.abort();
  current = null;
  if (link.get().up) link.set({ up: false, since: Date.now() });
}

export function start(): void {
  void connect();
  shareLines();
  // The network says so before a silence does.
  if (!isThisComputer(location.hostname)) addEventListener("offline", lost);
  addEventListener("online", () => void (resting || link.get().up || connect()));
  // A computer that slept, or a tab that was held still: its timers are late, and the line may be dead.
  let seen = Date.now();
  setInterval(() => {
    const slept = Date.now() - seen > silence;
    seen = Date.now();
    if (slept && !resting) void reconnect();
  }, 5000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    resting = false;
    if (!link.get().up || Date.now() - seen > silence) void reconnect();
  });
  addEventListener("pageshow", (event) => void (event.persisted && reconnect()));
}

function reconnect(): Promise<void> {
  failures = 0;
  if (link.get().up) link.set({ up: false, since: Date.now() });
  return connect();
}
