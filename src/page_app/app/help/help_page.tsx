// What an operator may want to know in the midst of a shift.
import { useStore } from "../lib/store.ts";
import { state } from "../live.ts";
import { Card } from "../parts/card.tsx";
import { Shell } from "../parts/shell.tsx";
import { Sign } from "../parts/sign.tsx";
import { helpTexts, texts } from "../texts.ts";

export function HelpPage() {
  const version = useStore(state)?.station.version;
  return (
    <Shell title={texts.help} head={<h1>{texts.help}</h1>}>
      <div class="help-page">
        <Card title={helpTexts.work}>
          <ol class="steps">{helpTexts.steps.map((step) => <li key={step}>{step}</li>)}</ol>
        </Card>
        <Card title={helpTexts.signs}>
          <dl class="sign-list">
            {helpTexts.signList.map(([sign, word, meaning]) => (
              <><dt class={`verdict ${sign}`}><Sign name={sign} /> {word}</dt><dd>{meaning}</dd></>
            ))}
          </dl>
        </Card>
        <Card title={helpTexts.keys}>
          <dl>{helpTexts.keyList.map(([key, meaning]) => <><dt><kbd>{key}</kbd></dt><dd>{meaning}</dd></>)}</dl>
        </Card>
        <Card title={helpTexts.scans}>
          <dl>{helpTexts.scanList.map(([what, meaning]) => <><dt>{what}</dt><dd>{meaning}</dd></>)}</dl>
        </Card>
        <Card title={helpTexts.scanner}><p>{helpTexts.scannerText}</p></Card>
        <Card title={helpTexts.about}>
          <p>{version && helpTexts.version(version)}</p>
          <p><a href="/licences.txt">{helpTexts.licences}</a></p>
        </Card>
      </div>
    </Shell>
  );
}
