// A button for what cannot be taken back: the first press asks, the second does it.
import { useState } from "preact/hooks";

import { texts } from "../texts.ts";

interface Props {
  name: string;
  question: string;
  disabled?: boolean;
  autofocus?: boolean;
  onSure: () => void;
}

export function SureButton({ name, question, disabled, autofocus, onSure }: Props) {
  const [asked, setAsked] = useState(false);
  return (
    <>
      <button type="button" class={asked ? "danger" : ""} disabled={disabled} autofocus={autofocus}
        aria-describedby={asked ? "sure" : undefined} data-asks={asked}
        onBlur={() => setAsked(false)}
        onClick={() => (asked ? onSure() : setAsked(true))}>
        {asked ? texts.sure(name) : name}
      </button>
      {asked && <p id="sure" class="hint" role="status">{question}</p>}
    </>
  );
}
