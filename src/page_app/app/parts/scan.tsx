// The scan field: a scanner types a line and Enter, a person does the same.
import { useRef, useState } from "preact/hooks";

import { post, type ScanAnswer } from "../api.ts";
import { macText } from "../lib/format.ts";
import { say, sayRefusal } from "../lib/messages.ts";
import { go } from "../lib/router.ts";
import { firstRow } from "../lib/rows.ts";
import { scanWords, texts } from "../texts.ts";

function told(answer: ScanAnswer): string {
  switch (answer.what) {
    case "lot": return scanWords.lot(answer.lot);
    case "bay": return scanWords.bay(answer.bay);
    case "serial": return scanWords.serial(answer.serial, answer.bay);
    case "board": return scanWords.board(macText(answer.mac));
    case "command": return scanWords.command(answer.command);
  }
}

export function Scan() {
  const field = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(0);

  async function send(text: string): Promise<void> {
    setBusy((n) => n + 1);
    try {
      const answer = await post<ScanAnswer>("/api/scan", { text });
      say(told(answer));
      if (answer.what === "board") go(`/boards/${answer.mac}`);
    } catch (error) {
      sayRefusal(error);
    } finally {
      setBusy((n) => n - 1);
    }
  }

  function submit(event: Event): void {
    event.preventDefault();
    const input = field.current;
    const text = input?.value.trim() ?? "";
    if (!input || text === "") return;
    // Empty at once: the next scan may come before the answer.
    input.value = "";
    void send(text);
  }

  function up(event: KeyboardEvent): void {
    if (event.key !== "ArrowUp" || field.current?.value) return;
    const row = firstRow();
    if (!row) return;
    row.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <form class="scan" onSubmit={submit} aria-busy={busy > 0}>
      <label for="scan">{texts.scan}</label>
      <input id="scan" ref={field} type="text" placeholder={texts.scanHint} autocomplete="off" autocapitalize="off"
        autocorrect="off" spellcheck={false} enterkeyhint="go" onKeyDown={up} />
    </form>
  );
}
