// One preparation: how it ended, and its steps over time; the cloud's work is paler.
import type { Attempt, Step } from "../api.ts";
import { secondsText, stepText, whenText } from "../lib/format.ts";
import { marks } from "../lib/scale.ts";
import { rowsOf } from "../lib/steps.ts";
import { Fact } from "../parts/card.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { boardTexts, lotTexts, stepNames, texts } from "../texts.ts";

function TimeLine({ steps, seconds }: { steps: Step[]; seconds: number }) {
  const end = Math.max(seconds, ...steps.map((step) => step.end), 0.1);
  const scale = marks(end, 5).filter((mark) => mark <= end * 1.001);
  const at = (time: number): string => `${(time / end) * 100}%`;
  return (
    <figure class="time-line" aria-label={boardTexts.timeLine}>
      <ol>
        {rowsOf(steps).map((step, i) => (
          <li key={i}>
            <span class="name">{stepNames[step.name] ?? step.name}</span>
            <span class="track" aria-hidden="true">
              <span class={step.cloud ? "cloud" : "wire"}
                style={{ left: at(step.start), width: `max(2px, ${at(step.end - step.start)})` }} />
            </span>
            <span class="took">
              {stepText(step.end - step.start)}
              <span class="hidden"> {step.cloud ? boardTexts.cloud : boardTexts.wire}</span>
            </span>
          </li>
        ))}
      </ol>
      <div class="scale" aria-hidden="true">
        <span />
        <span class="marks">{scale.map((mark) => <span key={mark} style={{ left: at(mark) }}>{mark === 0 ? "0" : `${+mark.toFixed(2)}\u00a0s`}</span>)}</span>
        <span />
      </div>
      <p class="hint legend" aria-hidden="true">
        <span class="key wire" /> {boardTexts.wire} <span class="key cloud" /> {boardTexts.cloud}
      </p>
    </figure>
  );
}

interface Props {
  attempt: Attempt;
  n: number;
  of: number;
  open: boolean;
}

export function AttemptCard({ attempt, n, of, open }: Props) {
  const seconds = attempt.seconds ?? 0;
  const word = attempt.verdict === "none" ? attempt.outcome : attempt.verdict;
  return (
    <details class="card attempt" open={open}>
      <summary>
        <h2>{boardTexts.attempt(n, of)}</h2>
        <Verdict word={word} />
        <span class="hint">
          {[whenText(attempt.started), attempt.seconds !== undefined && secondsText(seconds), boardTexts.inBay(attempt.bay),
            attempt.station && boardTexts.atStation(attempt.station), attempt.operator && boardTexts.by(attempt.operator),
            attempt.lot && `${texts.lot} ${attempt.lot}`].filter(Boolean).join(" · ")}
        </span>
      </summary>
      <dl>
        <Fact name={texts.reason} value={attempt.reason} />
        <Fact name={texts.code} value={attempt.code} mono />
        <Fact name={texts.serial} value={attempt.serial} mono />
        <Fact name={boardTexts.version} value={attempt.app} />
        <Fact name={lotTexts.certificate} value={attempt.certificate_id} mono />
      </dl>
      {attempt.steps?.length ? <TimeLine steps={attempt.steps} seconds={seconds} />
        : <p class="hint">{boardTexts.noSteps}</p>}
    </details>
  );
}
