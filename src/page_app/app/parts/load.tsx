// What a page has asked the station for: not there yet, there, or refused.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { get, Refusal } from "../api.ts";
import { refusalText } from "../lib/messages.ts";
import { useStore } from "../lib/store.ts";
import { onceMore } from "../lib/turns.ts";
import { returns } from "../live.ts";
import { texts } from "../texts.ts";

export interface Loaded<T> {
  value: T | null;
  error: unknown;
  again: () => void;
}

// Asks anew when the path is another one, when the station comes back, and on `again`; what is asked for already is
// heard out first. What is there stays until the new one has come, unless it is of another path.
export function useLoaded<T>(path: string | null): Loaded<T> {
  const back = useStore(returns);
  const [found, setFound] = useState<{ path: string | null; value: T | null; error: unknown }>(
    { path: null, value: null, error: null });
  const ask = useRef<(() => Promise<void>) | null>(null);
  const again = useCallback(() => void ask.current?.(), []);
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    ask.current = onceMore(() => get<T>(path, stop.signal).then(
      (value) => {
        if (!stop.signal.aborted) setFound({ path, value, error: null });
      },
      (error: unknown) => {
        if (!stop.signal.aborted) setFound((was) => ({ path, value: was.path === path ? was.value : null, error }));
      }));
    again();
    return () => {
      stop.abort();
      ask.current = null;
    };
  }, [path, back]);
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
  const problem = of.error ? <Problem error={of.error} again={of.again} /> : null;
  if (of.value !== null) return <>{problem}{children(of.value)}</>;
  if (problem) return problem;
  return <p class="hint" role="status">{texts.loading}</p>;
}
