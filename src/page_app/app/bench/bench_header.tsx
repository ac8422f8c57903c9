// The head of the bench: the lot, how far it is, how well it goes, and what the station stands on.
import type { Light, Lot } from "../api.ts";
import { of } from "../api.ts";
import { chipText, count, percentText, roughly } from "../lib/format.ts";
import { stationNow } from "../live.ts";
import type { State } from "../state.ts";
import { texts } from "../texts.ts";

function Who({ state }: { state: State }) {
  const { station, run, lot, login } = state;
  const who = login?.user || station.operator;
  const facts = [
    run.app, run.chip && chipText(run.chip), who && `${texts.operator} ${who}`,
    station.name && `${texts.station} ${station.name}`,
  ].filter(Boolean);
  return (
    <div class="who">
      <h1>{lot ? <a href={`/lots/${of(lot.name)}`}>{texts.lot} {lot.name}</a> : texts.noLot}</h1>
      <p class={lot || !station.lot_needed ? "sub" : "sub due"}>
        {run.scanned && <b class="next">{texts.nextSerial(run.scanned)} · </b>}
        {lot ? facts.join(" · ") : station.lot_needed ? texts.noLotNeeded : texts.noLotFree}
      </p>
    </div>
  );
}

function left(lot: Lot): string {
  if (lot.target > 0 && lot.passed >= lot.target) return texts.complete;
  if (!lot.expected_end) return "";
  const seconds = (Date.parse(lot.expected_end) - stationNow()) / 1000;
  return seconds > 0 ? texts.toGo(roughly(seconds)) : "";
}

function Meter({ lot }: { lot: Lot }) {
  const whole = Math.max(lot.target || lot.passed + lot.failed, 1);
  const share = (n: number): string => `${Math.min(100, (n / whole) * 100)}%`;
  const end = left(lot);
  return (
    <div class="meter">
      <p>
        <span><strong>{count(lot.passed)}</strong> {lot.target ? texts.ofTarget(count(lot.target)) : texts.passed}</span>
        <span>{[lot.failed ? `${count(lot.failed)} ${texts.failed}` : "", end].filter(Boolean).join(" · ")}</span>
      </p>
      <div class="track" aria-hidden="true">
        <span class="pass" style={{ width: share(lot.passed) }} />
        <span class="fail" style={{ width: share(lot.failed) }} />
      </div>
    </div>
  );
}

function RunMeter({ state }: { state: State }) {
  const { run } = state;
  return (
    <div class="meter">
      <p>
        <span>
          <strong>{count(run.passed)}</strong> {texts.passed}{run.failed ? `, ${count(run.failed)} ${texts.failed}` : ""}{" "}
          {texts.sinceStart}
        </span>
      </p>
    </div>
  );
}

function Figure({ value, name }: { value: string; name: string }) {
  return <div class="fig"><b>{value}</b><span>{name}</span></div>;
}

function LightOf({ light, name }: { light: Light; name: string }) {
  const word = texts.lightStates[light.state];
  return (
    <li class={light.state} title={light.text || undefined}>
      <span class="lamp" aria-hidden="true" />
      <span>{name}{light.state === "ok" ? <span class="hidden">: {word}</span> : `: ${light.text || word}`}</span>
    </li>
  );
}

export function Lights({ state }: { state: State }) {
  const { registry, ledger, printer } = state.lights;
  return (
    <ul class="lights" aria-label={texts.lights}>
      <LightOf light={registry} name={texts.registry} />
      <LightOf light={ledger} name={texts.ledger} />
      {printer.state !== "none" && <LightOf light={printer} name={texts.printer} />}
    </ul>
  );
}

export function BenchHeader({ state }: { state: State }) {
  const { lot } = state;
  return (
    <>
      <Who state={state} />
      {lot ? <Meter lot={lot} /> : <RunMeter state={state} />}
      {lot && (
        <div class="figs">
          <Figure name={texts.firstPassYield}
            value={lot.first_pass_yield === undefined ? texts.none : percentText(lot.first_pass_yield)} />
          <Figure name={texts.pace}
            value={lot.an_hour === undefined ? texts.none : `${count(Math.round(lot.an_hour))}/h`} />
        </div>
      )}
      <Lights state={state} />
    </>
  );
}
