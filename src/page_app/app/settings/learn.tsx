// "Plug a board into bay 1, now bay 2…": sockets get their names in the order in which boards come.
import { useEffect, useRef, useState } from "preact/hooks";

import { post, type Settings } from "../api.ts";
import { say, sayRefusal } from "../lib/messages.ts";
import { nextName, nextToLearn } from "../lib/names.ts";
import { useStore } from "../lib/store.ts";
import { oneByOne } from "../lib/turns.ts";
import { state } from "../live.ts";
import { settingsTexts, texts } from "../texts.ts";

// "That is all" must not be overtaken by the next name.
const inTurn = oneByOne();
function waitFor(name: string | null): Promise<unknown> {
  return inTurn(() => post("/api/bays/setup", { name }));
}

export function Learn({ settings }: { settings: Settings }) {
  // What is waited for is what the station says: it waits on while this page is loaded anew.
  const learning = useStore(state)?.learning ?? null;
  const name = learning?.name ?? null;
  const [wish, setWish] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const begunHere = useRef(false);

  async function ask(next: string | null): Promise<boolean> {
    setBusy(true);
    try {
      await waitFor(next);
      setWish(null);
      return true;
    } catch (error) {
      sayRefusal(error);
      return false;
    } finally {
      setBusy(false);
    }
  }

  async function go(next: string | null): Promise<void> {
    if (await ask(next)) begunHere.current = next !== null;
  }

  const learnt = learning?.learnt;
  const told = learnt ? `${learnt.name} ${learnt.place}` : "";
  const heard = useRef(told);
  useEffect(() => {
    if (told === heard.current) return;
    heard.current = told;
    if (!learnt) return;
    say(settingsTexts.learnt(learnt.name, learnt.place));
    const next = nextToLearn(learning);
    if (next !== null) void ask(next);
  }, [told]);

  // Who has begun it here and leaves the page waits for nothing any more.
  useEffect(() => () => {
    if (begunHere.current && state.get()?.learning) waitFor(null).catch(sayRefusal);
  }, []);

  const first = wish ?? nextToLearn(learning) ?? nextName(settings.bays.map((bay) => bay.name));
  const form = (
    <form class="inline" onSubmit={(event) => { event.preventDefault(); void go(first.trim()); }}>
      <label for="learn-first">{learning ? settingsTexts.learnNext : settingsTexts.learnFirst}</label>
      <input id="learn-first" value={first} size={6} maxLength={32} required autocomplete="off"
        onInput={(event) => setWish(event.currentTarget.value)} />
      <button type="submit" class="main" disabled={busy}>{learning ? settingsTexts.learnGoOn : settingsTexts.learnBegin}</button>
    </form>
  );
  if (!learning) {
    return (
      <div class="learn">
        <p>{settingsTexts.learn} <span class="hint">{settingsTexts.learnHint}</span></p>
        {form}
      </div>
    );
  }
  return (
    <div class="learn at-work" role="status">
      {learning.trouble && <p class="wrong" role="alert">{learning.trouble}</p>}
      {name !== null ? <p class="plug">{settingsTexts.learnPlug} <b>{name}</b></p>
        : busy ? <p class="plug">{texts.loading}</p> : form}
      <div class="buttons">
        <button type="button" class={name !== null || busy ? "main" : ""} onClick={() => void go(null)}>
          {settingsTexts.learnDone}
        </button>
        {name !== null && (
          <button type="button" onClick={() => void go(nextName([name]))}>{settingsTexts.learnSkip}</button>
        )}
      </div>
    </div>
  );
}
