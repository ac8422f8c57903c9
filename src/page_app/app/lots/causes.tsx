// Why boards did not pass, the most frequent first, with the bays behind each.
import { type Cause, of } from "../api.ts";
import { count } from "../lib/format.ts";
import { Card } from "../parts/card.tsx";
import { causeWords, lotTexts } from "../texts.ts";

function Row({ lot, cause, most }: { lot: string; cause: Cause; most: number }) {
  const here = `/lots/${of(lot)}?code=${of(cause.code)}`;
  const name = causeWords[cause.code] ?? cause.meaning;
  return (
    <li>
      <a class="cause" href={here} title={`${cause.code}: ${cause.meaning}`}>
        <span class="name">{name}</span>
        <span class={`bar ${cause.fault}`} aria-hidden="true">
          <span style={{ width: `${(cause.attempts / most) * 100}%` }} />
        </span>
        <span class="num">{count(cause.attempts)}</span>
        <span class="hidden">{cause.fault === "board" ? lotTexts.boardFault : lotTexts.stationFault}</span>
      </a>
      <span class="in-bays">
        {cause.bays.map(({ bay, attempts }) => (
          <a key={bay} href={`${here}&bay=${of(bay)}`} aria-label={lotTexts.causeInBay(name, bay, attempts)}>
            {lotTexts.inBay(bay)}: {count(attempts)}
          </a>
        ))}
      </span>
    </li>
  );
}

export function Causes({ lot, causes, unidentified }: { lot: string; causes: Cause[]; unidentified: number }) {
  const most = Math.max(1, ...causes.map((cause) => cause.attempts));
  const both = causes.some((cause) => cause.fault === "station");
  return (
    <Card title={lotTexts.causes} kind="causes">
      {causes.length === 0 && <p class="hint">{lotTexts.noCauses}</p>}
      <ol>{causes.map((cause) => <Row key={cause.code} lot={lot} cause={cause} most={most} />)}</ol>
      {both && (
        <p class="hint legend">
          <span class="key board" aria-hidden="true" /> {lotTexts.boardFault}
          <span class="key station" aria-hidden="true" /> {lotTexts.stationFault}
        </p>
      )}
      {unidentified > 0 && <p class="hint">{lotTexts.unidentified(unidentified)}</p>}
    </Card>
  );
}
