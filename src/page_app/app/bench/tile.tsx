// One bay: its number, its verdict, what to do. All of it is one button, which leads to its menu.
import { memo } from "preact/compat";

import type { Bay, BayStatus } from "../api.ts";
import { clockText, macText, secondsText, stopWatch } from "../lib/format.ts";
import { Sign, type SignName } from "../parts/sign.tsx";
import { mendOf, mends, stepWords, texts, verdictWords } from "../texts.ts";
import { Elapsed } from "./elapsed.tsx";

export const signs: Record<BayStatus, SignName | null> = {
  empty: null, at_work: null, waiting: "wait", passed: "pass", failed: "fail", stopped: "stop", off: "off",
};

export function verdict(bay: Bay): string {
  if (bay.status !== "at_work") return verdictWords[bay.status];
  return bay.percent === undefined ? verdictWords.at_work : `${Math.floor(bay.percent)}\u00a0%`;
}

function lastOne(bay: Bay): string {
  if (bay.scanned) return `${texts.scannedSerial} ${bay.scanned}`;
  if (!bay.last?.status) return "";
  const which = bay.last.serial ?? (bay.last.mac ? macText(bay.last.mac) : "");
  return `${texts.last} ${verdictWords[bay.last.status]} ${which}`;
}

function toDo(bay: Bay): string {
  switch (bay.status) {
    case "empty": return lastOne(bay);
    case "at_work": return stepWords[bay.step ?? ""] ?? bay.step ?? "";
    case "waiting": return mends[bay.code ?? ""] ?? texts.waitNothing;
    case "passed":
      return bay.skipped ? `${texts.passedBefore} ${clockText(bay.passed_at)}; ${texts.takeItOut}` : texts.takeItOut;
    case "stopped": return texts.stoppedByHand;
    case "failed": return mendOf(bay);
    // What the station itself says of one that somebody has switched off is for a terminal.
    case "off": return bay.code ? mendOf(bay) : texts.offHint;
  }
}

function Foot({ bay }: { bay: Bay }) {
  if (bay.status === "empty" || bay.status === "off") return null;
  const again = bay.status === "failed" && bay.in_a_row !== undefined && bay.in_a_row > 1;
  return (
    <span class="id">
      <span class={bay.mac || !again ? "which" : "which spare"}>
        {bay.mac ? <Mac mac={bay.mac} /> : bay.status === "failed" ? texts.notIdentified : ""}
      </span>
      <span class="took">
        {again ? texts.inARow(bay.in_a_row ?? 0)
          : bay.status === "at_work" || bay.status === "waiting" ? <Elapsed since={bay.began} />
          : bay.seconds === undefined ? "" : bay.seconds < 60 ? secondsText(bay.seconds) : stopWatch(bay.seconds)}
      </span>
    </span>
  );
}

// Of a small tile the maker's half of the address goes first.
function Mac({ mac }: { mac: string }) {
  const text = macText(mac);
  return <><span class="maker">{text.slice(0, 9)}</span>{text.slice(9)}</>;
}

interface Props {
  bay: Bay;
  current: boolean;
  onOpen: (bay: string) => void;
}

export const Tile = memo(function Tile({ bay, current, onOpen }: Props) {
  const sign = signs[bay.status];
  const shown = verdict(bay);
  const percent = bay.percent ?? 0;
  // Figures are narrower than letters, and must not become smaller with the third one.
  const word = bay.status === "at_work" ? 4 : shown.length;
  return (
    <button type="button" class={`tile ${bay.status}`} data-bay={bay.bay}
      tabIndex={current ? 0 : -1} onClick={() => onOpen(bay.bay)}
      style={{ "--name": Math.max(1, bay.bay.length), "--word": Math.max(4, word) }}>
      <span class="n"><span class="hidden">{texts.bay} </span>{bay.bay}</span>
      <span class="verdict">{shown}</span>
      {sign && <Sign name={sign} />}
      <span class="what"><span>{toDo(bay)}</span></span>
      {bay.serial && bay.status === "passed" && <span class="serial">{bay.serial}</span>}
      {bay.status === "at_work" && (
        <span class="bar" aria-hidden="true"><span style={{ transform: `scaleX(${percent / 100})` }} /></span>
      )}
      <Foot bay={bay} />
    </button>
  );
});
