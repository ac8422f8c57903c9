// A board's identity is taken out of service: with a reason, and asked twice.
import { useState } from "preact/hooks";

import { post } from "../api.ts";
import { macText } from "../lib/format.ts";
import { refusalText, say } from "../lib/messages.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { SureButton } from "../parts/sure_button.tsx";
import { boardTexts, texts } from "../texts.ts";

interface Props {
  mac: string;
  onClose: () => void;
  onDone: () => void;
}

export function RetireDialog({ mac, onClose, onDone }: Props) {
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState("");

  async function retire(): Promise<void> {
    try {
      await post(`/api/boards/${mac}/retire`, { reason: reason.trim() });
      say(boardTexts.retireDone(macText(mac)));
      onDone();
    } catch (error) {
      setWrong(refusalText(error));
    }
  }

  return (
    <Dialog title={boardTexts.retireTitle(macText(mac))} onClose={onClose}>
      <p>{boardTexts.retireWarning}</p>
      <form class="fields one" onSubmit={(event) => event.preventDefault()}>
        <Field id="retire-reason" name={boardTexts.retireReason} hint={boardTexts.retireReasonHint} value={reason}
          onChange={setReason} required autofocus />
        {wrong && <p class="wrong" role="alert">{wrong}</p>}
        <div class="buttons end">
          <button type="button" onClick={onClose}>{texts.cancel}</button>
          <SureButton name={boardTexts.retireDo} question={boardTexts.retireSure} disabled={reason.trim() === ""}
            onSure={() => void retire()} />
        </div>
      </form>
    </Dialog>
  );
}
