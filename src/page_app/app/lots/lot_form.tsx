// A lot is opened, or changed.
import { useState } from "preact/hooks";

import { type Lot, of, post, Refusal } from "../api.ts";
import { chipKeys, chipText } from "../lib/format.ts";
import { refusalText } from "../lib/messages.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { lotForm, texts } from "../texts.ts";
import { bodyOf, fieldOf, type LotWords, noWords, wordsOf } from "./lot_words.ts";

const sizes = ["2MB", "4MB", "8MB", "16MB", "32MB"];

interface Props {
  lot?: Lot;
  onClose: () => void;
  onDone: (name: string) => void;
}

interface Wrong {
  field: keyof LotWords | null;
  text: string;
}

export function LotForm({ lot, onClose, onDone }: Props) {
  // As the form was opened: what the station tells in the meantime is nothing that somebody has typed.
  const [before] = useState(() => (lot ? wordsOf(lot) : null));
  const [words, setWords] = useState<LotWords>(before ?? noWords);
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [busy, setBusy] = useState(false);

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    const body = bodyOf(words, before);
    if (lot && Object.keys(body).length === 0) return setWrong({ field: null, text: lotForm.nothing });
    setBusy(true);
    try {
      await post(lot ? `/api/lots/${of(lot.name)}` : "/api/lots", body);
      onDone(lot?.name ?? words.name.trim());
    } catch (error) {
      const field = error instanceof Refusal ? fieldOf(error.code, error.reason) : null;
      setWrong({ field, text: refusalText(error) });
      document.getElementById(`lot-${field}`)?.focus();
    } finally {
      setBusy(false);
    }
  }

  const field = (key: keyof LotWords) => {
    const [name, hint] = lotForm.fields[key] ?? [key, ""];
    return {
      id: `lot-${key}`, name, hint, value: words[key],
      error: wrong?.field === key ? wrong.text : undefined,
      onChange: (value: string) => setWords({ ...words, [key]: value }),
    };
  };
  const kept = before && before.firmware !== "any" ? before.firmware : null;

  return (
    <Dialog wide title={lot ? lotForm.change(lot.name) : lotForm.open} onClose={onClose}>
      <form class="fields" onSubmit={(event) => void send(event)}>
        {!lot && <Field {...field("name")} required autofocus />}
        <Field {...field("code")} mono />
        <Field {...field("target")} numeric autofocus={lot !== undefined} />
        <Field {...field("chip")} choices={[["any", lotForm.any], ...chipKeys.map((key): [string, string] => [key, chipText(key)])]} />
        <Field {...field("least_revision")} />
        <Field {...field("most_revision")} />
        <Field {...field("flash_size")} choices={[["any", lotForm.any],
          ...[...new Set([...sizes, words.flash_size])].filter((size) => size !== "any")
            .map((size): [string, string] => [size, size.replace("MB", "\u00a0MB")])]} />
        <Field {...field("firmware")} choices={[["any", lotForm.any], ["this", lotForm.firmwareThis],
          ...(kept ? [[kept, lotForm.firmwareKept(kept.slice(0, 12))] as [string, string]] : [])]} />
        <Field {...field("serial")} mono />
        {!lot && <Field {...field("first_number")} numeric />}
        <Field {...field("failed_serial")} choices={[["keep", lotForm.keep], ["free", lotForm.free]]} />
        <Field {...field("golden")} lines mono />
        {wrong && wrong.field === null && <p class="wrong" role="alert">{wrong.text}</p>}
        <div class="buttons end">
          <button type="button" onClick={onClose}>{texts.cancel}</button>
          <button type="submit" class="main" disabled={busy}>{lot ? lotForm.doChange : lotForm.doOpen}</button>
        </div>
      </form>
    </Dialog>
  );
}
