// A bay's menu: what can be done here, and all that is known of its board.
import { useEffect, useRef } from "preact/hooks";

import { type Bay, type BayKey, pressKey } from "../api.ts";
import { macText, secondsText, whenText } from "../lib/format.ts";
import { sayRefusal } from "../lib/messages.ts";
import { useStore } from "../lib/store.ts";
import { link, state } from "../live.ts";
import { Fact } from "../parts/card.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Sign } from "../parts/sign.tsx";
import { SureButton } from "../parts/sure_button.tsx";
import { stepWords, texts } from "../texts.ts";
import { signs, verdict } from "./tile.tsx";

// What makes sense as the bay stands; the first one is what is wanted most often.
export function keysOf(bay: Bay): BayKey[] {
  switch (bay.status) {
    case "off": return ["on"];
    case "at_work":
    case "waiting": return ["stop", "off"];
    case "empty": return ["start", "off"];
    case "passed":
    case "failed":
    case "stopped": return ["again", "off"];
  }
}

const names: Record<BayKey, string> = {
  start: texts.start, again: texts.again, stop: texts.stop, off: texts.off, on: texts.on,
};

function Console({ bay }: { bay: string }) {
  const lines = useStore(state)?.consoles[bay] ?? [];
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length]);
  return (
    <>
      <h3>{texts.consoleTitle}</h3>
      {lines.length
        ? <pre ref={box} tabIndex={0} aria-label={texts.consoleTitle}>{lines.join("\n")}</pre>
        : <p class="hint">{texts.consoleNothing}</p>}
    </>
  );
}

function Facts({ bay }: { bay: Bay }) {
  const inWork = bay.status === "at_work" || bay.status === "waiting";
  return (
    <dl>
      <Fact name={texts.reason} value={bay.reason} />
      <Fact name={texts.mend} value={bay.mend} />
      <Fact name={texts.code} value={bay.code} mono />
      <Fact name={texts.step} value={inWork ? stepWords[bay.step ?? ""] ?? bay.step : undefined} />
      <Fact name={texts.board} value={bay.mac && [macText(bay.mac), bay.chip].filter(Boolean).join(", ")} mono />
      <Fact name={texts.serial} value={bay.serial} mono />
      <Fact name={texts.thing} value={bay.thing} mono />
      <Fact name={texts.certificate} value={bay.certificate_id} mono />
      <Fact name={texts.passedBefore} value={bay.skipped ? whenText(bay.passed_at) : undefined} />
      <Fact name={texts.since} value={whenText(bay.began)} />
      <Fact name={texts.took} value={bay.seconds === undefined ? undefined : secondsText(bay.seconds)} />
      <Fact name={texts.inARowName} value={bay.in_a_row ? String(bay.in_a_row) : undefined} />
      <Fact name={texts.port} value={bay.port} mono />
      <Fact name={texts.socket} value={bay.place} mono />
    </dl>
  );
}

export function BayDialog({ bay, onClose }: { bay: Bay; onClose: () => void }) {
  const up = useStore(link).up;
  const sign = signs[bay.status];

  function press(key: BayKey): void {
    pressKey(bay.bay, key).catch(sayRefusal);
    onClose();
  }

  return (
    <Dialog scanThrough onClose={onClose} title={
      <span class={`bay-title ${bay.status}`}>{texts.bay} {bay.bay} {sign && <Sign name={sign} />} {verdict(bay)}</span>
    }>
      <div class="buttons">
        {keysOf(bay).map((key, i) => key === "stop" || (key === "again" && bay.status === "passed") ? (
          <SureButton key={key} name={names[key]}
            question={key === "stop" ? texts.stopSure : texts.againSure} disabled={!up} autofocus={i === 0}
            onSure={() => press(key)} />
        ) : (
          <button key={key} type="button" class={i === 0 ? "main" : ""} disabled={!up} autofocus={i === 0}
            onClick={() => press(key)}>{names[key]}</button>
        ))}
        {bay.mac && <a class="button" href={`/boards/${bay.mac}`}>{texts.boardPage}</a>}
      </div>
      <Facts bay={bay} />
      <Console bay={bay.bay} />
    </Dialog>
  );
}
