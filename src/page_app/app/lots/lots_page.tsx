// The lots: which one is worked on, how far each is, and a new one.
import { useState } from "preact/hooks";

import { type Lot, of, post } from "../api.ts";
import { count, percentText, shortTime } from "../lib/format.ts";
import { say, sayRefusal } from "../lib/messages.ts";
import { go } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import { state } from "../live.ts";
import { isEngineer } from "../state.ts";
import { Shell } from "../parts/shell.tsx";
import { Show, useLoaded, useWhenChanged } from "../parts/load.tsx";
import { lotTexts, texts } from "../texts.ts";
import { LotForm } from "./lot_form.tsx";

export async function choose(lot: string | null): Promise<void> {
  try {
    await post("/api/lot", { lot });
    say(lot === null ? lotTexts.noneNow : lotTexts.chosenNow(lot));
    go("/");
  } catch (error) {
    sayRefusal(error);
  }
}

function Progress({ lot }: { lot: Lot }) {
  const share = lot.target > 0 ? Math.min(1, lot.passed / lot.target) : 0;
  return (
    <>
      {count(lot.passed)}{lot.target > 0 && ` ${texts.of} ${count(lot.target)}`}
      {lot.target > 0 && (
        <div class="track small" aria-hidden="true"><span class="pass" style={{ width: `${share * 100}%` }} /></div>
      )}
    </>
  );
}

function Row({ lot, chosen }: { lot: Lot; chosen: boolean }) {
  return (
    <tr class={chosen ? "chosen" : ""}>
      <th scope="row"><a href={`/lots/${of(lot.name)}`}>{lot.name}</a></th>
      <td>{lotTexts.states[lot.state] ?? lot.state}</td>
      <td class="num"><Progress lot={lot} /></td>
      <td class="num wide">{lot.first_pass_yield === undefined ? texts.none : percentText(lot.first_pass_yield)}</td>
      <td class="wide">{shortTime(lot.opened)}</td>
      <td class="act">
        {chosen ? <strong data-row tabIndex={0}>✓ {lotTexts.chosen}</strong>
          : lot.state === "open" || lot.state === "" ? (
            <button type="button" data-row aria-label={`${lotTexts.choose} ${lot.name}`}
              onClick={() => void choose(lot.name)}>{lotTexts.choose}</button>
          ) : null}
      </td>
    </tr>
  );
}

function Table({ lots, chosen }: { lots: Lot[]; chosen: string | undefined }) {
  if (lots.length === 0) {
    return <div class="blank"><strong>{lotTexts.empty}</strong><p>{lotTexts.emptyHint}</p></div>;
  }
  return (
    <div class="card">
      <table>
        <thead>
          <tr>
            <th scope="col">{lotTexts.name}</th>
            <th scope="col">{lotTexts.state}</th>
            <th scope="col" class="num">{lotTexts.progress}</th>
            <th scope="col" class="num wide">{lotTexts.firstPass}</th>
            <th scope="col" class="wide">{lotTexts.opened}</th>
            <th scope="col"><span class="hidden">{lotTexts.action}</span></th>
          </tr>
        </thead>
        <tbody>{lots.map((lot) => <Row key={lot.name} lot={lot} chosen={lot.name === chosen} />)}</tbody>
      </table>
    </div>
  );
}

export function LotsPage() {
  const live = useStore(state);
  const [closed, setClosed] = useState(false);
  const [opening, setOpening] = useState(false);
  const lots = useLoaded<{ lots: Lot[] }>(closed ? "/api/lots?closed=1" : "/api/lots");
  useWhenChanged(live?.lot, 2000, lots.again);
  const chosen = live?.lot?.name;
  const head = (
    <>
      <h1>{texts.lots}</h1>
      {live && <div class="buttons">
        <label class="check">
          <input type="checkbox" checked={closed} onChange={(event) => setClosed(event.currentTarget.checked)} />
          {lotTexts.showClosed}
        </label>
        {chosen !== undefined && !live?.station.lot_needed && (
          <button type="button" onClick={() => void choose(null)}>{lotTexts.noneChosen}</button>
        )}
        {isEngineer(live) && (
          <button type="button" class="main" onClick={() => setOpening(true)}>{lotTexts.open}</button>
        )}
      </div>}
    </>
  );
  return (
    <Shell title={texts.lots} head={head}>
      <Show of={lots}>{({ lots: all }) => <Table lots={all} chosen={chosen} />}</Show>
      {opening && (
        <LotForm onClose={() => setOpening(false)} onDone={(name) => { setOpening(false); go(`/lots/${of(name)}`); }} />
      )}
    </Shell>
  );
}
