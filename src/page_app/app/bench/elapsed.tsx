// How long something has gone on, by the station's clock. It stands still while the station is away: nothing may
// look alive that is not.
import { useEffect, useState } from "preact/hooks";

import { stopWatch } from "../lib/format.ts";
import { Store, useStore } from "../lib/store.ts";
import { link, stationNow } from "../live.ts";

// One clock for all bays: they tick together.
const second = new Store(0);
let ticking: number | undefined;
let watchers = 0;

function watch(): () => void {
  watchers += 1;
  ticking ??= window.setInterval(() => {
    if (link.get().up) second.set(second.get() + 1);
  }, 1000);
  return () => {
    watchers -= 1;
    if (watchers > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

export function Elapsed({ since }: { since: string | undefined }) {
  useStore(second);
  const [begun] = useState(stationNow);
  useEffect(watch, []);
  const from = since ? Date.parse(since) : begun;
  return <>{stopWatch((stationNow() - from) / 1000)}</>;
}
