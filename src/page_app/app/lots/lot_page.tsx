// One lot at a glance: four figures, its hours, its causes of failure, its boards. Each mark leads to the boards
// that it counts.
import { useState } from "preact/hooks";

import { type Figures, type Lot, of, post } from "../api.ts";
import { count, percentText, secondsText, shortTime } from "../lib/format.ts";
import { sayRefusal } from "../lib/messages.ts";
import { useStore } from "../lib/store.ts";
import { state } from "../live.ts";
import { isEngineer } from "../state.ts";
import { Card } from "../parts/card.tsx";
import { Show, useLoaded, useWhenChanged } from "../parts/load.tsx";
import { Shell } from "../parts/shell.tsx";
import { SureButton } from "../parts/sure_button.tsx";
import { lotTexts, texts } from "../texts.ts";
import { Causes } from "./causes.tsx";
import { Hours } from "./hours.tsx";
import { LotBoards } from "./lot_boards.tsx";
import { LotForm } from "./lot_form.tsx";
import { rulesOf } from "./lot_words.ts";
import { choose } from "./lots_page.tsx";

type LotWithFigures = Lot & { figures: Figures };

function about(lot: LotWithFigures, app: string | undefined): string {
  const { stations } = lot.figures;
  const rules = rulesOf(lot);
  return [
    lot.state === "open" ? "" : lotTexts.states[lot.state],
    lot.opened && lotTexts.openedAt(shortTime(lot.opened)), app, rules.join(", ") || lotTexts.noLimit,
    stations > 0 && lotTexts.stations(stations), lot.golden.length > 0 && lotTexts.golden(lot.golden.length),
    `${count(lot.passed)}${lot.target > 0 ? ` ${texts.of} ${count(lot.target)}` : ""} ${texts.passed}`,
  ].filter(Boolean).join(" · ");
}

interface ActionsProps {
  lot: Lot;
  again: () => void;
  onChange: () => void;
}

function Actions({ lot, again, onChange }: ActionsProps) {
  const live = useStore(state);
  const engineer = isEngineer(live);
  const here = `/api/lots/${of(lot.name)}`;
  const set = (what: string): void => void post(`${here}/${what}`).then(again, sayRefusal);
  return (
    <div class="buttons">
      {live?.lot?.name !== lot.name && lot.state !== "paused" && lot.state !== "closed" && (
        <button type="button" class="main" onClick={() => void choose(lot.name)}>{lotTexts.choose}</button>
      )}
      <a class="button" href={`${here}/report.html`} target="_blank">{lotTexts.report}</a>
      <a class="button" href={`${here}/report.csv`} download={`${lot.name}.csv`}>CSV</a>
      <a class="button" href={`${here}/report.json`} download={`${lot.name}.json`}>JSON</a>
      {engineer && <button type="button" onClick={onChange}>{lotTexts.change}</button>}
      {lot.state === "open" && <button type="button" onClick={() => set("pause")}>{lotTexts.pause}</button>}
      {engineer && (lot.state === "paused" || lot.state === "closed") && (
        <button type="button" onClick={() => set("resume")}>{lotTexts.resume}</button>
      )}
      {engineer && (lot.state === "open" || lot.state === "paused") && (
        <SureButton name={lotTexts.close} question={lotTexts.closeSure} onSure={() => set("close")} />
      )}
    </div>
  );
}

function Figure({ name, value, note, to }: { name: string; value: string; note: string; to?: string }) {
  return (
    <Card title={name} kind="figure">
      <b>{to ? <a href={to}>{value}</a> : value}</b>
      <p class="hint">{note}</p>
    </Card>
  );
}

function FourFigures({ lot }: { lot: LotWithFigures }) {
  const { figures } = lot;
  const judged = lot.first_passed + lot.first_failed;
  const here = `/lots/${of(lot.name)}`;
  return (
    <>
      <Figure name={lotTexts.yield} value={lot.first_pass_yield === undefined ? texts.none : percentText(lot.first_pass_yield)}
        note={judged ? lotTexts.yieldOf(count(lot.first_passed), count(judged)) : lotTexts.yieldNone}
        to={lot.passed > 0 ? `${here}?verdict=passed` : undefined} />
      <Figure name={lotTexts.cycle}
        value={figures.median_seconds === undefined ? texts.none : secondsText(figures.median_seconds)}
        note={figures.slowest_seconds === undefined ? "" : lotTexts.cycleOf(secondsText(figures.slowest_seconds))} />
      <Figure name={lotTexts.throughput}
        value={figures.an_hour === undefined ? texts.none : `${count(Math.round(figures.an_hour))}/h`}
        note={lotTexts.throughputOf} />
      <Figure name={lotTexts.notPassed} value={count(Math.max(0, lot.boards - lot.passed - lot.running))}
        note={lotTexts.notPassedOf(count(lot.failed), count(lot.error), count(figures.repaired))}
        to={lot.failed > 0 ? `${here}?verdict=failed` : undefined} />
    </>
  );
}

export function LotPage({ name }: { name: string }) {
  const live = useStore(state);
  const lot = useLoaded<LotWithFigures>(`/api/lots/${of(name)}`);
  const [changing, setChanging] = useState(false);
  const mine = live?.lot?.name === name ? live.lot : null;
  useWhenChanged(mine, 2000, lot.again);
  const found = lot.value;
  const head = (
    <>
      <div class="who grow">
        <h1>{texts.lot} {name}</h1>
        <p class="sub">{found ? about(found, mine ? live?.run.app : undefined) : ""}</p>
      </div>
      {found && live && <Actions lot={found} again={lot.again} onChange={() => setChanging(true)} />}
    </>
  );
  return (
    <Shell title={`${texts.lot} ${name}`} head={head}>
      <Show of={lot}>{(value) => (
        <div class="lot-page">
          <FourFigures lot={value} />
          <Hours lot={name} spans={value.figures.spans} />
          <Causes lot={name} causes={value.figures.causes} unidentified={value.unidentified} />
          <LotBoards lot={name} round={value} />
        </div>
      )}</Show>
      {changing && found && (
        <LotForm lot={found} onClose={() => setChanging(false)} onDone={() => { setChanging(false); lot.again(); }} />
      )}
    </Shell>
  );
}
