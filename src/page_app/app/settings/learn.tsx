// "Plug a board into bay 1, now bay 2…": sockets get their names in the order in which boards come.
import { useEffect, useRef, useState } from "preact/hooks";

import { type Learning, post, type Settings } from "../api.ts";
import { say, sayRefusal } from "../lib/messages.ts";
import { nextName } from "../lib/names.ts";
import { useStore } from "../lib/store.ts";
import { state } from "../live.ts";
import { settingsTexts } from "../texts.ts";

function ask(name: string | null): void {
  post("/api/bays/setup", { name }).catch(sayRefusal);
}

export function Learn({ settings }: { settings: Settings }) {
  const learning = useStore(state)?.learning ?? null;
  const [first, setFirst] = useState(() => nextName(settings.bays.map((bay) => bay.name)));
  const [name, setName] = useState<string | null>(null);
  const seen = useRef<Learning | null>(null);

  useEffect(() => {
    const learnt = learning?.learnt;
    if (name === null || !learnt || seen.current === learning) return;
    seen.current = learning;
    say(settingsTexts.learnt(learnt.name, learnt.place));
    go(nextName([learnt.name]));
  }, [learning]);

  // A page that is left waits for nothing any more.
  const waiting = useRef(false);
  waiting.current = name !== null;
  useEffect(() => () => void (waiting.current && ask(null)), []);

  function go(next: string | null): void {
    setName(next);
    ask(next);
  }

  if (name === null) {
    return (
      <form class="learn" onSubmit={(event) => { event.preventDefault(); go(first.trim()); }}>
        <p>{settingsTexts.learn} <span class="hint">{settingsTexts.learnHint}</span></p>
        <label for="learn-first">{settingsTexts.learnFirst}</label>
        <input id="learn-first" value={first} size={6} maxLength={32} required autocomplete="off"
          onInput={(event) => setFirst(event.currentTarget.value)} />
        <button type="submit" class="main">{settingsTexts.learnBegin}</button>
      </form>
    );
  }
  return (
    <div class="learn at-work" role="status">
      <p class="plug">{settingsTexts.learnPlug} <b>{name}</b></p>
      <div class="buttons">
        <button type="button" class="main" onClick={() => go(null)}>{settingsTexts.learnDone}</button>
        <button type="button" onClick={() => go(nextName([name]))}>{settingsTexts.learnSkip}</button>
      </div>
    </div>
  );
}
