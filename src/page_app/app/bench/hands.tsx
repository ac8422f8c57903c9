// The hands of a bench to try things on (imprint demo --page): boards are put in and taken out, cables broken, the
// cloud cut off.
import { useState } from "preact/hooks";

import { type Hands, post } from "../api.ts";
import { macText } from "../lib/format.ts";
import { sayRefusal } from "../lib/messages.ts";
import { useStore } from "../lib/store.ts";
import { state } from "../live.ts";
import { useLoaded, useWhenChanged } from "../parts/load.tsx";
import { handsTexts, texts } from "../texts.ts";

type Do = "put" | "take" | "break" | "mend" | "cloud_down" | "cloud_up";
type Act = (what: Do, bay?: string, board?: string) => void;

function BayHands({ hands, act, board }: { hands: Hands["bays"][number]; act: Act; board: string | undefined }) {
  const { bay, cable } = hands;
  const name = (text: string): string => `${texts.bay} ${bay}: ${text}`;
  return (
    <li>
      <b>{bay}</b>
      {hands.board === undefined
        ? <button type="button" aria-label={name(handsTexts.put)} onClick={() => act("put", bay, board)}>{handsTexts.put}</button>
        : <button type="button" aria-label={name(handsTexts.take)} onClick={() => act("take", bay)}>{handsTexts.take}</button>}
      {cable === "whole"
        ? <button type="button" aria-label={name(handsTexts.break)} onClick={() => act("break", bay)}>{handsTexts.break}</button>
        : <button type="button" class="danger" aria-label={name(handsTexts.mend)} onClick={() => act("mend", bay)}>{handsTexts.mend}</button>}
    </li>
  );
}

export function HandsStrip() {
  const bays = useStore(state)?.bays;
  const hands = useLoaded<Hands>("/api/hands");
  const [board, setBoard] = useState("");
  useWhenChanged(bays, 400, hands.again);
  const act: Act = (what, bay, which) => {
    post("/api/hands", { do: what, bay, board: which || undefined }).then(() => {
      setBoard("");
      hands.again();
    }, sayRefusal);
  };
  const now = hands.value;
  if (!now) return null;
  const down = now.cloud === "down";
  return (
    <section class="hands" aria-label={handsTexts.title}>
      <div class="hands-head">
        <h3>{handsTexts.title}</h3>
        <select aria-label={handsTexts.box} value={board} onChange={(event) => setBoard(event.currentTarget.value)}>
          <option value="">{handsTexts.putNew}</option>
          {now.box.map((mac) => <option key={mac} value={mac}>{macText(mac)}</option>)}
        </select>
        {now.cloud !== undefined && (
          <button type="button" class={down ? "danger" : ""} onClick={() => act(down ? "cloud_up" : "cloud_down")}>
            {down ? handsTexts.cloudUp : handsTexts.cloudDown}
          </button>
        )}
      </div>
      <ul>{now.bays.map((each) => <BayHands key={each.bay} hands={each} act={act} board={board || undefined} />)}</ul>
    </section>
  );
}
