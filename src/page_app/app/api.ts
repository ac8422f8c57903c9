// What docs/api.md says, as types, and the way to the station.

export type BayStatus = "empty" | "at_work" | "waiting" | "passed" | "failed" | "stopped" | "off";
export type BayKey = "start" | "again" | "stop" | "off" | "on";

export interface Bay {
  bay: string;
  status: BayStatus;
  port?: string;
  place?: string;
  mac?: string;
  chip?: string;
  thing?: string;
  certificate_id?: string;
  serial?: string;
  step?: string;
  percent?: number;
  began?: string;
  seconds?: number;
  skipped?: boolean;
  passed_at?: string;
  code?: string;
  reason?: string;
  mend?: string;
  in_a_row?: number;
  console?: string;
  last?: { status?: BayStatus; mac?: string; serial?: string };
  scanned?: string;
}

export interface Lot {
  name: string;
  code: string;
  state: "open" | "paused" | "closed" | "";
  target: number;
  opened: string;
  since: string;
  chip: string;
  least_revision: string;
  most_revision: string;
  flash_size: number;
  firmware: string;
  serial_template: string;
  failed_serial: string;
  golden: string[];
  merged: boolean;
  boards: number;
  passed: number;
  failed: number;
  error: number;
  aborted: number;
  running: number;
  first_passed: number;
  first_failed: number;
  unidentified: number;
  first_pass_yield?: number;
  an_hour?: number;
  expected_end?: string;
}

export interface Cause {
  code: string;
  meaning: string;
  fault: "board" | "station";
  attempts: number;
  bays: { bay: string; attempts: number }[];
  boards: string[];
}

export interface Figures {
  median_seconds?: number;
  slowest_seconds?: number;
  an_hour?: number;
  spans: { start: string; hours: number; first_passed: number; first_failed: number }[];
  causes: Cause[];
  repaired: number;
  stations: number;
}

export type Verdict = "none" | "running" | "aborted" | "error" | "failed" | "passed";

export interface LotBoard {
  lot: string;
  mac: string;
  serial: string;
  verdict: Verdict;
  first: Verdict;
  golden: boolean;
  thing: string;
  certificate_id: string;
  started: string;
  ended: string;
  attempts: number;
  operator: string;
  bay: string;
  station: string;
  code: string;
  reason: string;
  seconds?: number;
}

export type Light = { state: "ok" | "wait" | "trouble" | "none"; text: string };
export type Lights = { registry: Light; ledger: Light; printer: Light };
export type Said = { time: string; bay?: string; level: "info" | "warning" | "error"; text: string };
export type Login = { user: string; role: "operator" | "engineer"; needed: boolean };

export interface Station {
  name: string;
  operator?: string;
  version: string;
  host: string;
  lot_needed?: boolean;
  hands?: boolean;
  retire?: boolean;
}

export interface Run {
  endpoint?: string;
  firmware_commit?: string;
  chip?: string;
  app?: string;
  started?: string;
  scanned?: string;
  passed: number;
  failed: number;
  skipped: number;
  stopped: number;
}

export interface Learning {
  name?: string | null;
  learnt?: { name: string; place: string };
  trouble?: string;
}

export interface Snapshot {
  id?: string;
  station: Station;
  login?: Login;
  run: Run;
  lot?: Lot | null;
  bays: Bay[];
  lights: Lights;
  said: Said[];
  learning?: Learning | null;
}

export interface StationEvent {
  event: string;
  time: string;
  bay?: string;
  line?: string;
  [more: string]: unknown;
}

export interface Change {
  event?: StationEvent;
  bay?: Bay;
  run?: Run;
  lot?: Lot | null;
  lights?: Lights;
  said?: Said;
  login?: Login;
  learning?: Learning | null;
}

export interface Step {
  name: string;
  start: number;
  end: number;
  cloud?: boolean;
}

export interface Attempt {
  attempt: number | string;
  run: string;
  lot?: string;
  bay: string;
  station?: string;
  host?: string;
  operator?: string;
  started: string;
  ended?: string;
  seconds?: number;
  verdict: Verdict;
  outcome: string;
  code?: string;
  reason?: string;
  certificate_id?: string;
  serial?: string;
  firmware?: string;
  firmware_commit?: string;
  app?: string;
  steps?: Step[];
}

export interface Board {
  mac: string;
  standing: string;
  thing?: string;
  serial?: string;
  lot?: string;
  chip?: string;
  certificates: { certificate_id: string; state: string; requested: string; policy?: string; proven?: string }[];
  attempts: Attempt[];
  retirements: { reason: string; intended?: string; done?: string }[];
}

export interface FoundBoard {
  mac: string;
  thing?: string;
  serial?: string;
  lot?: string;
  state: string;
  ended?: string;
}

export interface SettingValue {
  key: string;
  value: unknown;
  origin?: string;
}

export interface Settings {
  bays: { name: string; place: string; present: boolean; fixed?: boolean }[];
  sockets: { bay: string; place: string; port: string }[];
  values: SettingValue[];
}

export interface Hands {
  bays: { bay: string; board?: string; cable: "whole" | "broken" }[];
  box: string[];
  cloud?: "up" | "down";
}

export type ScanAnswer =
  | { what: "lot"; lot: string }
  | { what: "bay"; bay: string }
  | { what: "serial"; serial: string; bay?: string }
  | { what: "board"; mac: string }
  | { what: "command"; command: string };

// What the station answers in place of a success, and what stands in for it where there is no answer.
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly reason: string,
    readonly mend: string,
    readonly retryAfter = 0,
  ) {
    super(reason);
  }
}

interface Told {
  code?: string;
  reason?: string;
  mend?: string;
}

// Something between the page and the station, a proxy perhaps, may answer with anything.
function readTold(text: string): Told {
  try {
    return JSON.parse(text) as Told;
  } catch {
    return {};
  }
}

function refusal(response: Response, text: string): Refusal {
  const told = readTold(text);
  const wait = Number(response.headers.get("Retry-After") ?? 0);
  return new Refusal(response.status, told.code ?? "", told.reason ?? response.statusText, told.mend ?? "", wait);
}

// The one who is told when a login is needed; set by main.tsx.
let onLoginNeeded = (): void => undefined;
export function whenLoginIsNeeded(act: () => void): void {
  onLoginNeeded = act;
}
export function loginIsNeeded(): void {
  onLoginNeeded();
}

// Longer than the slowest answer, which is that of a lot that is chosen while the registry is slow.
const patience = 120_000;

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, { ...init, cache: "no-store", credentials: "same-origin" });
    // The line may break in the midst of an answer too.
    text = await response.text();
  } catch (error) {
    const isOver = error instanceof DOMException && error.name === "TimeoutError";
    if (init.signal?.aborted && !isOver) throw error;
    throw new Refusal(0, "station_away", "", "");
  }
  if (response.ok) return (text === "" ? {} : JSON.parse(text)) as T;
  const told = refusal(response, text);
  if (told.status === 401 && path !== "/api/login") onLoginNeeded();
  throw told;
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, { signal: signal ?? AbortSignal.timeout(patience) });
}

export function post<T = Record<string, unknown>>(path: string, body: object = {}, within = patience): Promise<T> {
  return ask<T>(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(within),
  });
}

export const of = encodeURIComponent;

export function pressKey(bay: string, key: BayKey): Promise<unknown> {
  return post(`/api/bays/${of(bay)}/${key}`);
}
