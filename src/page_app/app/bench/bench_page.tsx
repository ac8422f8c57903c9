// The bench: all bays, as large as there is room for.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Bay } from "../api.ts";
import { focusScan } from "../lib/focus.ts";
import { columnsFor } from "../lib/layout.ts";
import { useStore } from "../lib/store.ts";
import { state as stateStore } from "../live.ts";
import { Shell } from "../parts/shell.tsx";
import { texts } from "../texts.ts";
import { BayDialog } from "./bay_dialog.tsx";
import { BenchHeader } from "./bench_header.tsx";
import { HandsStrip } from "./hands.tsx";
import { Tile } from "./tile.tsx";

const phone = matchMedia("(max-width: 44rem)");

function useColumns(bays: number) {
  const grid = useRef<HTMLOListElement>(null);
  const [columns, setColumns] = useState(1);
  useLayoutEffect(() => {
    const box = grid.current;
    if (!box) return;
    const look = (): void => {
      const { width, height } = box.getBoundingClientRect();
      setColumns(phone.matches ? 1 : columnsFor(bays, width, height));
    };
    look();
    const watch = new ResizeObserver(look);
    watch.observe(box);
    return () => watch.disconnect();
  }, [bays]);
  return { grid, columns };
}

// The tile that Tab and the upward arrow lead to: the one that was looked at last, or one that needs somebody.
function currentOf(bays: Bay[], chosen: string | null): string | undefined {
  if (chosen !== null && bays.some((bay) => bay.bay === chosen)) return chosen;
  const needing = bays.find((bay) => bay.status === "failed") ?? bays.find((bay) => bay.status === "off");
  return (needing ?? bays[0])?.bay;
}

function Bays({ bays }: { bays: Bay[] }) {
  const { grid, columns } = useColumns(bays.length);
  const [chosen, setChosen] = useState<string | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const current = currentOf(bays, chosen);
  const digits = Math.max(...bays.map((bay) => bay.bay.length));
  const opened = bays.find((bay) => bay.bay === open);

  function walk(event: KeyboardEvent): void {
    const at = bays.findIndex((bay) => bay.bay === (event.target as HTMLElement).dataset["bay"]);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    const to = bays[at + step];
    // Below the last row is the scan field.
    if (!to && event.key === "ArrowDown") return focusScan();
    if (!to) return;
    setChosen(to.bay);
    grid.current?.querySelector<HTMLElement>(`[data-bay="${CSS.escape(to.bay)}"]`)?.focus();
  }

  // Whoever has left the tiles comes back to the one that needs somebody.
  function left(event: FocusEvent): void {
    if (!grid.current?.contains(event.relatedTarget as Node | null) && open === null) setChosen(null);
  }

  return (
    <>
      <ol class="bays" ref={grid} style={{ "--columns": columns, "--digits": digits }} onKeyDown={walk} onFocusOut={left}>
        {bays.map((bay) => (
          <li key={bay.bay}><Tile bay={bay} current={bay.bay === current} onOpen={setOpen} /></li>
        ))}
      </ol>
      {opened && <BayDialog bay={opened} onClose={() => setOpen(null)} />}
    </>
  );
}

export function BenchPage() {
  const state = useStore(stateStore);
  useEffect(focusScan, []);
  const title = state?.lot ? `${state.lot.name} · ${texts.bench}` : texts.bench;
  if (!state) return <Shell title={texts.bench} kind="bench">{null}</Shell>;
  return (
    <Shell title={title} kind="bench" head={<BenchHeader state={state} />}>
      <h2 class="hidden">{texts.bays}</h2>
      {state.learning && <p class="naming" role="status">{texts.naming} <a href="/settings">{texts.settings}</a></p>}
      {state.bays.length === 0
        ? <div class="blank"><strong>{texts.noBays}</strong><p>{texts.noBaysHint}</p></div>
        : <Bays bays={state.bays} />}
      {state.station.hands && <HandsStrip />}
    </Shell>
  );
}
