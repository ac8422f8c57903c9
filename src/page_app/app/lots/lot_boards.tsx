// The boards of a lot: its last attempts, or those that a mark of the page counts.
import { useEffect, useRef, useState } from "preact/hooks";

import { get, type LotBoard, of } from "../api.ts";
import { clockText, macText, secondsText, shortTime } from "../lib/format.ts";
import { sayRefusal } from "../lib/messages.ts";
import { place } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import { Card } from "../parts/card.tsx";
import { Show, useLoaded, useWhenChanged } from "../parts/load.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { boardVerdicts, causeWords, lotTexts, texts } from "../texts.ts";

const filters = ["verdict", "code", "bay", "hour", "hours"] as const;

function secondsOf(board: LotBoard): string {
  if (board.seconds !== undefined) return secondsText(board.seconds);
  const took = (Date.parse(board.ended) - Date.parse(board.started)) / 1000;
  return Number.isNaN(took) ? "" : secondsText(took);
}

function when(board: LotBoard): string {
  const time = board.ended || board.started;
  const today = new Date(time).toDateString() === new Date().toDateString();
  return today ? clockText(time) : shortTime(time);
}

// One that says nothing of its board found that it had passed.
function word(board: LotBoard): string {
  return board.verdict === "none" && board.mac && board.ended && !board.code ? "skipped" : board.verdict;
}

function Row({ board }: { board: LotBoard }) {
  return (
    <tr>
      <td class="num">{when(board)}</td>
      <td class="wide">{board.bay}</td>
      <td class="mono">{board.mac ? <a data-row href={`/boards/${board.mac}`}>{macText(board.mac)}</a> : texts.notIdentified}</td>
      <td class="mono wide">{board.serial}{board.golden && <span class="hint"> {lotTexts.goldenBoard}</span>}</td>
      <td><Verdict word={word(board)} /></td>
      <td class="num wide">{board.attempts || ""}</td>
      <td class="num wide">{secondsOf(board)}</td>
      <td class="mono wide" title={board.certificate_id}>{board.certificate_id && `${board.certificate_id.slice(0, 12)}…`}</td>
      <td title={board.reason}>{board.code ? causeWords[board.code] ?? board.code : ""}</td>
    </tr>
  );
}

function lastOf(boards: LotBoard[]): string {
  return boards.at(-1)?.mac ?? "";
}

function Table({ boards }: { boards: LotBoard[] }) {
  if (boards.length === 0) return <p class="hint">{lotTexts.noBoards}</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{lotTexts.time}</th>
          <th scope="col" class="wide">{texts.bay}</th>
          <th scope="col">{lotTexts.board}</th>
          <th scope="col" class="wide">{texts.serial}</th>
          <th scope="col">{lotTexts.result}</th>
          <th scope="col" class="num wide">{lotTexts.tries}</th>
          <th scope="col" class="num wide">{lotTexts.seconds}</th>
          <th scope="col" class="wide">{lotTexts.certificate}</th>
          <th scope="col">{lotTexts.cause}</th>
        </tr>
      </thead>
      <tbody>{boards.map((board, i) => <Row key={`${board.mac}${board.started}${i}`} board={board} />)}</tbody>
    </table>
  );
}

// Pages of boards after those that are there. After others, they are others: its key has the last board.
function More({ path, last }: { path: string; last: string }) {
  const [rest, setRest] = useState<LotBoard[]>([]);
  const [more, setMore] = useState(true);
  const from = lastOf(rest) || last;
  async function load(): Promise<void> {
    try {
      const answer = await get<{ boards: LotBoard[]; more: boolean }>(`${path}&after=${from}`);
      setRest([...rest, ...answer.boards]);
      setMore(answer.more);
    } catch (error) {
      sayRefusal(error);
    }
  }
  return (
    <>
      {rest.length > 0 && <Table boards={rest} />}
      {more && <button type="button" onClick={() => void load()}>{texts.more}</button>}
    </>
  );
}

function filterWords(query: URLSearchParams): string[] {
  const word: Record<(typeof filters)[number], (value: string) => string> = {
    verdict: (value) => (boardVerdicts as Record<string, string>)[value] ?? value,
    code: (value) => causeWords[value] ?? value,
    bay: lotTexts.inBay,
    hour: (value) => lotTexts.inHour(shortTime(value)),
    hours: lotTexts.forHours,
  };
  return filters.flatMap((key) => {
    const value = query.get(key);
    return value === null ? [] : [word[key](value)];
  });
}

// `round` is another one when the lot's figures are: then the list is asked for anew.
export function LotBoards({ lot, round }: { lot: string; round: unknown }) {
  const { query } = useStore(place);
  const chosen = filters.filter((key) => query.has(key));
  const asked = new URLSearchParams(chosen.map((key) => [key, query.get(key) ?? ""]));
  const here = `/api/lots/${of(lot)}`;
  const path = chosen.length ? `${here}/boards?${asked}&most=100` : `${here}/latest?most=50`;
  const boards = useLoaded<{ boards: LotBoard[]; more?: boolean }>(path);
  useWhenChanged(round, 0, boards.again);
  const box = useRef<HTMLDivElement>(null);
  const filter = asked.toString();
  useEffect(() => {
    // Whoever has followed a mark sees what it counts.
    if (filter) box.current?.scrollIntoView({ block: "start" });
  }, [filter]);
  const title = chosen.length ? `${lotTexts.filtered} ${filterWords(query).join(" · ")}` : lotTexts.latest;
  return (
    <div class="lot-boards" ref={box}>
      <Card title={title} kind="boards">
        {chosen.length > 0 && <p class="clear"><a class="button" href={`/lots/${of(lot)}`}>{lotTexts.all}</a></p>}
        <Show of={boards}>{(value) => (
          <>
            <Table boards={value.boards} />
            {value.more && <More key={`${path} ${lastOf(value.boards)}`} path={path} last={lastOf(value.boards)} />}
          </>
        )}</Show>
      </Card>
    </div>
  );
}
