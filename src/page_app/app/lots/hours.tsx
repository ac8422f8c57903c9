// Boards by the hour of their first judgement, and the share of them that passed at once.
import { type Figures, of } from "../api.ts";
import { count, percentText, shortTime } from "../lib/format.ts";
import { marks } from "../lib/scale.ts";
import { remPixels, useWidth } from "../lib/width.ts";
import { Card } from "../parts/card.tsx";
import { stationNow } from "../live.ts";
import { lotTexts, texts } from "../texts.ts";

type Span = Figures["spans"][number];

const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit" });

interface Drawing {
  width: number;
  height: number;
  rem: number;
  x: (i: number) => number;
  y: (boards: number) => number;
  share: (part: number) => number;
  column: number;
}

const boardsOf = (span: Span): number => span.first_passed + span.first_failed;

function Bar({ lot, span, i, draw }: { lot: string; span: Span; i: number; draw: Drawing }) {
  const boards = boardsOf(span);
  const bar = Math.min(draw.column * 0.8, draw.rem * 5);
  const left = draw.x(i) - bar / 2;
  const end = Date.parse(span.start) + span.hours * 3_600_000;
  const goesOn = end > stationNow();
  const share = boards ? percentText(span.first_passed / boards) : texts.none;
  return (
    <a href={`/lots/${of(lot)}?hour=${of(span.start)}${span.hours > 1 ? `&hours=${span.hours}` : ""}`} class={goesOn ? "goes-on" : ""}
      aria-label={lotTexts.bar(shortTime(span.start), boards, share)}>
      <title>{lotTexts.bar(shortTime(span.start), boards, share)}</title>
      <rect class="reach" x={draw.x(i) - draw.column / 2} y={draw.y(0) - draw.height} width={draw.column} height={draw.height} />
      <rect class="passed" x={left} y={draw.y(span.first_passed)} width={bar} height={draw.y(0) - draw.y(span.first_passed)} />
      <rect class="failed" x={left} y={draw.y(boards)} width={bar} height={draw.y(span.first_passed) - draw.y(boards)} />
    </a>
  );
}

function YieldLine({ spans, draw }: { spans: Span[]; draw: Drawing }) {
  const points = spans.flatMap((span, i) =>
    boardsOf(span) ? [[draw.x(i), draw.share(span.first_passed / boardsOf(span))] as const] : []);
  const last = spans.findLast((span) => boardsOf(span) > 0);
  const end = points.at(-1);
  if (!last || !end) return null;
  return (
    <g class="yield" aria-hidden="true">
      <polyline points={points.map(([x, y]) => `${x},${y}`).join(" ")} />
      {points.map(([x, y]) => <circle key={x} cx={x} cy={y} r={draw.rem * 0.17} />)}
      <text x={draw.width - draw.rem * 0.2} y={Math.max(end[1], draw.rem) + draw.rem * 0.25} text-anchor="end">
        {percentText(last.first_passed / boardsOf(last))}
      </text>
    </g>
  );
}

function Chart({ lot, spans }: { lot: string; spans: Span[] }) {
  const { box, width } = useWidth<HTMLDivElement>();
  const rem = remPixels();
  const height = rem * 14;
  const left = rem * 2.6;
  const right = rem * 3.6;
  const bottom = height - rem * 1.6;
  const top = rem * 0.8;
  const scale = marks(Math.max(...spans.map(boardsOf)), 3, true);
  const most = scale.at(-1) ?? 1;
  const column = Math.max(1, (width - left - right) / spans.length);
  const draw: Drawing = {
    width, height, rem, column,
    x: (i) => left + column * (i + 0.5),
    y: (boards) => bottom - (boards / most) * (bottom - top),
    share: (part) => bottom - part * (bottom - top),
  };
  // As many labels as there is room for.
  const every = Math.max(1, Math.ceil((rem * 3) / column));
  return (
    <div ref={box} class="chart">
      {width > 0 && (
        <svg width={width} height={height} role="group" aria-label={lotTexts.byHour}>
          <g class="grid" aria-hidden="true">
            {scale.map((mark) => (
              <g key={mark}>
                <line x1={left} x2={width - right} y1={draw.y(mark)} y2={draw.y(mark)} />
                <text x={left - rem * 0.5} y={draw.y(mark) + rem * 0.25} text-anchor="end">{count(mark)}</text>
              </g>
            ))}
          </g>
          {spans.map((span, i) => <Bar key={span.start} lot={lot} span={span} i={i} draw={draw} />)}
          <YieldLine spans={spans} draw={draw} />
          <g class="axis" aria-hidden="true">
            {spans.map((span, i) => i % every === 0 && (
              <text key={span.start} x={draw.x(i)} y={height - rem * 0.3} text-anchor="middle">
                {hour.format(Date.parse(span.start))}
              </text>
            ))}
          </g>
        </svg>
      )}
    </div>
  );
}

export function Hours({ lot, spans }: { lot: string; spans: Span[] }) {
  const hours = spans[0]?.hours ?? 1;
  return (
    <Card title={hours > 1 ? lotTexts.byHours(hours) : lotTexts.byHour} kind="hours">
      {spans.length ? <Chart lot={lot} spans={spans} /> : <p class="hint">{lotTexts.nothingYet}</p>}
    </Card>
  );
}
