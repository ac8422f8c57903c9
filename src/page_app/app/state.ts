// How the station stands, as far as its messages tell: a snapshot, and changes of it. Nothing here knows of a
// browser.
import type { Bay, Change, Learning, Login, Lot, Lights, Run, Said, Snapshot, Station } from "./api.ts";

export interface State {
  station: Station;
  login?: Login;
  run: Run;
  lot: Lot | null;
  bays: Bay[];
  lights: Lights;
  said: Said[];
  learning: Learning | null;
  // By bay: what its board has printed since this page was opened, or since the board came.
  consoles: Record<string, string[]>;
}

// What a person has to hear of, in words or in sound.
export interface Happening {
  bay: Bay;
  was: Bay["status"];
}

// Nobody is one before the station has told who is logged in: what only engineers may do appears then, once.
export function isEngineer(state: State | null): boolean {
  return state !== null && state.login?.role !== "operator";
}

const saidKept = 50;
const linesKept = 300;

export function fromSnapshot(snapshot: Snapshot, before: State | null): State {
  const consoles: Record<string, string[]> = {};
  for (const bay of snapshot.bays) {
    // A bay that has got another name is at the same place.
    const former = before?.bays.find((other) =>
      bay.mac && other.mac === bay.mac && (other.bay === bay.bay || (bay.place && other.place === bay.place)));
    const kept = former && before?.consoles[former.bay];
    consoles[bay.bay] = kept ?? (bay.console ? [bay.console] : []);
  }
  return {
    station: snapshot.station,
    login: snapshot.login,
    run: snapshot.run,
    lot: snapshot.lot ?? null,
    bays: snapshot.bays,
    lights: snapshot.lights,
    said: snapshot.said,
    learning: snapshot.learning ?? null,
    consoles,
  };
}

function withBay(bays: Bay[], bay: Bay): Bay[] {
  const at = bays.findIndex((other) => other.bay === bay.bay);
  return at < 0 ? [...bays, bay] : bays.map((other, i) => (i === at ? bay : other));
}

function withLine(state: State, change: Change): Record<string, string[]> {
  const event = change.event;
  const bay = event?.bay;
  if (!event || bay === undefined) return state.consoles;
  if (event.event === "board_started") return { ...state.consoles, [bay]: [] };
  if (event.event !== "board_console" || typeof event.line !== "string") return state.consoles;
  const lines = [...(state.consoles[bay] ?? []), event.line].slice(-linesKept);
  return { ...state.consoles, [bay]: lines };
}

export function afterChange(state: State, change: Change): State {
  return {
    ...state,
    login: change.login ?? state.login,
    run: change.run ?? state.run,
    lot: change.lot === undefined ? state.lot : change.lot,
    bays: change.bay ? withBay(state.bays, change.bay) : state.bays,
    lights: change.lights ?? state.lights,
    said: change.said ? [...state.said, change.said].slice(-saidKept) : state.said,
    learning: change.learning === undefined ? state.learning : change.learning,
    consoles: withLine(state, change),
  };
}

export function happening(state: State, change: Change): Happening | null {
  if (!change.bay) return null;
  const former = state.bays.find((bay) => bay.bay === change.bay?.bay);
  if (!former || former.status === change.bay.status) return null;
  return { bay: change.bay, was: former.status };
}
