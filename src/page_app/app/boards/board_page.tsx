// A board's whole life: its identity, its firmware, its label, and each preparation with its steps over time.
import { useState } from "preact/hooks";

import { type Attempt, type Board, of, post } from "../api.ts";
import { chipText, macText, whenText } from "../lib/format.ts";
import { say, sayRefusal } from "../lib/messages.ts";
import { useStore } from "../lib/store.ts";
import { state } from "../live.ts";
import { isEngineer } from "../state.ts";
import { Card, Fact } from "../parts/card.tsx";
import { Show, useLoaded, useWhenChanged } from "../parts/load.tsx";
import { Shell } from "../parts/shell.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { boardTexts, texts } from "../texts.ts";
import { AttemptCard } from "./attempt.tsx";
import { RetireDialog } from "./retire_dialog.tsx";

function newestFirst(board: Board): Attempt[] {
  return [...board.attempts].sort((a, b) => b.started.localeCompare(a.started));
}

function about(board: Board): string {
  const [last] = newestFirst(board);
  return [
    board.serial && `${texts.serial} ${board.serial}`, board.lot && `${texts.lot} ${board.lot}`,
    last && `${whenText(last.started)} ${boardTexts.inBay(last.bay)}`,
  ].filter(Boolean).join(" · ");
}

function Identity({ board }: { board: Board }) {
  const gone = board.certificates.filter(({ state: now }) => now === "gone" || now === "overwritten");
  const kept = board.certificates.filter((certificate) => !gone.includes(certificate));
  return (
    <Card title={boardTexts.identity}>
      <dl>
        <Fact name={boardTexts.thing} value={board.thing} mono />
        {kept.map(({ certificate_id, state: now, requested, proven, policy }) => (
          <>
            <Fact name={boardTexts.certificate} value={certificate_id} mono />
            <Fact name={boardTexts.state} value={`${boardTexts.certificateStates[now] ?? now}, ${whenText(proven ?? requested)}`} />
            <Fact name={boardTexts.policy} value={policy} />
          </>
        ))}
        {gone.map(({ certificate_id, state: now, requested }) => (
          <Fact name={boardTexts.former} value={
            <><span class="mono">{certificate_id.slice(0, 16)}…</span> {boardTexts.certificateStates[now] ?? now}, {whenText(requested)}</>
          } />
        ))}
        {board.retirements.map(({ reason, done, intended }) => (
          <Fact name={boardTexts.retired} value={`${whenText(done ?? intended)}, ${boardTexts.retiredWhy(reason)}`} />
        ))}
      </dl>
    </Card>
  );
}

function Firmware({ board, last }: { board: Board; last: Attempt | undefined }) {
  return (
    <Card title={boardTexts.firmware}>
      <dl>
        <Fact name={boardTexts.version} value={last?.app} />
        <Fact name={boardTexts.commit} value={last?.firmware_commit} mono />
        <Fact name={boardTexts.digest} value={last?.firmware} mono />
        <Fact name={boardTexts.chip} value={board.chip && chipText(board.chip)} />
      </dl>
    </Card>
  );
}

function Label({ mac, passed }: { mac: string; passed: boolean }) {
  const [missing, setMissing] = useState(!passed);
  return (
    <Card title={boardTexts.label} kind="label">
      {missing ? <p class="hint">{boardTexts.noLabel}</p>
        : <img src={`/api/boards/${mac}/label.svg`} alt={boardTexts.labelOf(macText(mac))} onError={() => setMissing(true)} />}
    </Card>
  );
}

function Console({ mac }: { mac: string }) {
  const live = useStore(state);
  const bay = live?.bays.find((each) => each.mac === mac);
  const lines = bay ? live?.consoles[bay.bay] ?? [] : [];
  if (!bay) return null;
  return (
    <Card title={texts.consoleTitle} kind="console">
      <p class="hint">{boardTexts.inTheBay(bay.bay)}</p>
      {lines.length > 0 && <pre tabIndex={0} aria-label={texts.consoleTitle}>{lines.join("\n")}</pre>}
    </Card>
  );
}

function print(mac: string): void {
  post(`/api/boards/${mac}/label`).then(() => say(boardTexts.printed), sayRefusal);
}

function Whole({ board }: { board: Board }) {
  const attempts = newestFirst(board);
  // One that found the board prepared already has done nothing that could be looked at.
  const shown = Math.max(0, attempts.findIndex((attempt) => attempt.outcome !== "skipped"));
  return (
    <div class="board-page">
      <Identity board={board} />
      <Firmware board={board} last={attempts[shown]} />
      <Label key={board.standing} mac={board.mac} passed={board.standing === "passed"} />
      <Console mac={board.mac} />
      {attempts.length === 0 && <Card title={boardTexts.life}><p class="hint">{boardTexts.never}</p></Card>}
      {attempts.map((attempt, i) => (
        <AttemptCard key={attempt.started} attempt={attempt} n={attempts.length - i} of={attempts.length} open={i === shown} />
      ))}
    </div>
  );
}

export function BoardPage({ mac }: { mac: string }) {
  const board = useLoaded<Board>(`/api/boards/${of(mac)}`);
  const live = useStore(state);
  const [retiring, setRetiring] = useState(false);
  useWhenChanged(live?.bays.find((bay) => bay.mac === mac)?.status, 500, board.again);
  const found = board.value;
  const mayRetire = live?.station.retire && isEngineer(live);
  const head = (
    <>
      <div class="who grow">
        <h1 class="board-name"><span class="mono">{macText(mac)}</span> {found && <Verdict word={found.standing} />}</h1>
        <p class="sub">{found ? about(found) : ""}</p>
      </div>
      {found && live && (
        <div class="buttons">
          {found.lot && <a class="button" href={`/lots/${of(found.lot)}`}>{texts.lot}</a>}
          <button type="button" onClick={() => print(found.mac)}>{boardTexts.print}</button>
          {mayRetire && found.standing !== "retired" && (
            <button type="button" onClick={() => setRetiring(true)}>{boardTexts.retire}</button>
          )}
        </div>
      )}
    </>
  );
  return (
    <Shell title={`${texts.board} ${macText(mac)}`} head={head}>
      <Show of={board}>{(value) => <Whole board={value} />}</Show>
      {retiring && (
        <RetireDialog mac={mac} onClose={() => setRetiring(false)} onDone={() => { setRetiring(false); board.again(); }} />
      )}
    </Shell>
  );
}
