// What a page has asked the station for: not there yet, there, or refused.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { get, Refusal } from "../api.ts";
import { refusalText } from "../lib/messages.ts";
import { useStore } from "../lib/store.ts";
import { returns } from "../live.ts";
import { texts } from "../texts.ts";

export interface Loaded<T> {
  value: T | null;
  error: unknown;
  again: () => void;
}

// Asks anew when the path is another one, when the station comes back, and on `again`. What is there stays until
// the new one has come, unless it is of another path.
export function useLoaded<T>(path: string | null): Loaded<T> {
  const back = useStore(returns);
  const [round, setRound] = useState(0);
  const [found, setFound] = useState<{ path: string | null; value: T | null; error: unknown }>(
    { path: null, value: null, error: null });
  const again = useCallback(() => setRound((n) => n + 1), []);
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    get<T>(path, stop.signal).then(
      (value) => {
        if (!stop.signal.aborted) setFound({ path, value, error: null });
      },
      (error: unknown) => {
        if (!stop.signal.aborted) setFound((was) => ({ path, value: was.path === path ? was.value : null, error }));
      });
    return () => stop.abort();
  }, [path, round, back]);
  const mine = found.path === path;
  return { value: mine ? found.value : null, error: mine ? found.error : null, again };
}

// Calls `act` when `value` has become another one, at most once in `wait` milliseconds.
export function useWhenChanged(value: unknown, wait: number, act: () => void): void {
  const before = useRef(value);
  const due = useRef<number | undefined>(undefined);
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (Object.is(value, before.current)) return;
    before.current = value;
    due.current ??= window.setTimeout(() => {
      due.current = undefined;
      latest.current();
    }, wait);
  }, [value]);
  useEffect(() => () => clearTimeout(due.current), []);
}

export function Problem({ error, again }: { error: unknown; again?: () => void }) {
  const away = error instanceof Refusal && error.status === 0;
  return (
    <div class="problem" role="alert">
      <p>{refusalText(error)}</p>
      {error instanceof Refusal && error.code && !away && <p class="mono">{error.code}</p>}
      {again && <button type="button" onClick={again}>{texts.retry}</button>}
    </div>
  );
}

export function Show<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ComponentChildren }) {
  if (of.value !== null) return <>{children(of.value)}</>;
  if (of.error) return <Problem error={of.error} again={of.again} />;
  return <p class="hint" role="status">{texts.loading}</p>;
}
