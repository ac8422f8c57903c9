// Finding a board by what is on its label.
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

import { type FoundBoard, of } from "../api.ts";
import { macText, readMac, shortTime } from "../lib/format.ts";
import { go, place, replace } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import { Show, useLoaded } from "../parts/load.tsx";
import { Shell } from "../parts/shell.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { boardTexts, texts } from "../texts.ts";

function Table({ boards }: { boards: FoundBoard[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{texts.board}</th>
          <th scope="col">{boardTexts.state}</th>
          <th scope="col">{boardTexts.serial}</th>
          <th scope="col" class="wide">{boardTexts.thing}</th>
          <th scope="col" class="wide">{boardTexts.lot}</th>
          <th scope="col" class="wide">{boardTexts.ended}</th>
        </tr>
      </thead>
      <tbody>
        {boards.map((board) => (
          <tr key={board.mac}>
            <th scope="row" class="mono"><a data-row href={`/boards/${board.mac}`}>{macText(board.mac)}</a></th>
            <td><Verdict word={board.state} /></td>
            <td class="mono">{board.serial}</td>
            <td class="mono wide">{board.thing}</td>
            <td class="wide">{board.lot && <a href={`/lots/${of(board.lot)}`}>{board.lot}</a>}</td>
            <td class="wide">{shortTime(board.ended)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// Asked for once nobody has typed for a moment.
function useCalm(text: string): string {
  const [calm, setCalm] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setCalm(text), 200);
    return () => clearTimeout(timer);
  }, [text]);
  return calm;
}

export function BoardsPage() {
  const { query } = useStore(place);
  const [text, setText] = useState(query.get("find") ?? "");
  const asked = useCalm(text.trim());
  const found = useLoaded<{ boards: FoundBoard[] }>(asked ? `/api/boards?find=${of(readMac(asked) ?? asked)}` : null);

  function submit(event: Event): void {
    event.preventDefault();
    const mac = readMac(text);
    const only = found.value?.boards.length === 1 && asked === text.trim() ? found.value.boards[0] : undefined;
    if (mac) go(`/boards/${mac}`);
    else if (only) go(`/boards/${only.mac}`);
  }

  // Before the scan field takes it: here, a scanner types into this one.
  useLayoutEffect(() => document.getElementById("find")?.focus(), []);
  useEffect(() => replace(asked ? `/boards?find=${of(asked)}` : "/boards"), [asked]);

  return (
    <Shell title={texts.boards} head={<h1>{texts.boards}</h1>}>
      <form class="find" onSubmit={submit}>
        <label for="find">{boardTexts.find}</label>
        <input id="find" type="search" value={text} placeholder={boardTexts.findHint} autocomplete="off"
          spellcheck={false} onInput={(event) => setText(event.currentTarget.value)} />
      </form>
      {!asked ? <p class="hint">{boardTexts.findEmpty}</p> : (
        <Show of={found}>{({ boards }) => boards.length
          ? <div class="card"><Table boards={boards} /></div>
          : <p role="status">{boardTexts.nothing(asked)}</p>}</Show>
      )}
    </Shell>
  );
}
