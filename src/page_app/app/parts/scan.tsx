// The scan field: a scanner types a line and Enter, a person does the same.
import { useLayoutEffect, useRef } from "preact/hooks";

import { post, type ScanAnswer } from "../api.ts";
import { macText } from "../lib/format.ts";
import { say, sayRefusal } from "../lib/messages.ts";
import { go } from "../lib/router.ts";
import { firstRow } from "../lib/rows.ts";
import { Store, useStore } from "../lib/store.ts";
import { oneByOne } from "../lib/turns.ts";
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

// Of all pages: each has its own field, and scans go on from one to the next. A serial number and the bay that it is
// for must not overtake each other.
const inTurn = oneByOne();
const underWay = new Store(0);
// What stands in the field, and whether it has the keyboard: an answer may change the page in the midst of a word.
let typed = "";
let hadFocus = false;

// What is typed or scanned must not take effect when nobody thinks of it any more. A lot takes the longest: its
// firmware is read.
const patience = 15_000;

async function send(text: string): Promise<void> {
  underWay.set(underWay.get() + 1);
  try {
    const answer = await inTurn(() => post<ScanAnswer>("/api/scan", { text }, patience));
    say(told(answer));
    if (answer.what === "board") go(`/boards/${answer.mac}`);
  } catch (error) {
    sayRefusal(error);
  } finally {
    underWay.set(underWay.get() - 1);
  }
}

export function Scan() {
  const field = useRef<HTMLInputElement>(null);
  const busy = useStore(underWay);

  useLayoutEffect(() => {
    const input = field.current;
    if (!input) return;
    input.value = typed;
    if (hadFocus && document.activeElement === document.body) input.focus({ preventScroll: true });
    return () => {
      hadFocus = document.activeElement === input;
    };
  }, []);

  function submit(event: Event): void {
    event.preventDefault();
    const input = field.current;
    const text = input?.value.trim() ?? "";
    if (!input || text === "") return;
    // Empty at once: the next scan may come before the answer.
    input.value = "";
    typed = "";
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
        autocorrect="off" spellcheck={false} enterkeyhint="go" onKeyDown={up}
        onInput={(event) => { typed = event.currentTarget.value; }} />
    </form>
  );
}
