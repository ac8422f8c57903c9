// The bays and their sockets, and the configuration as it counts.
import { useState } from "preact/hooks";

import type { Settings, SettingValue } from "../api.ts";
import { useStore } from "../lib/store.ts";
import { state } from "../live.ts";
import { isEngineer } from "../state.ts";
import { Card } from "../parts/card.tsx";
import { Show, useLoaded, useWhenChanged } from "../parts/load.tsx";
import { Shell } from "../parts/shell.tsx";
import { settingsTexts, texts } from "../texts.ts";
import { Learn } from "./learn.tsx";
import { SocketRow } from "./socket_row.tsx";

interface Props {
  settings: Settings;
  again: () => void;
}

function Sockets({ settings, again }: Props) {
  const live = useStore(state);
  const engineer = isEngineer(live);
  return (
    <Card title={settingsTexts.bays} kind="sockets">
      <p class="hint">{settingsTexts.baysHint}</p>
      {engineer && <Learn settings={settings} />}
      <table>
        <thead>
          <tr>
            <th scope="col">{settingsTexts.name}</th>
            <th scope="col">{settingsTexts.place}</th>
            <th scope="col" class="wide">{settingsTexts.present}</th>
            {engineer && <th scope="col"><span class="hidden">{settingsTexts.rename}</span></th>}
          </tr>
        </thead>
        <tbody>
          {settings.bays.map((bay) => (
            <SocketRow key={`${bay.place} ${bay.name}`} place={bay.place} name={bay.name} seen={bay.present}
              fixed={bay.fixed} engineer={engineer} again={again} />
          ))}
          {settings.sockets.map((socket) => (
            <SocketRow key={socket.place} place={socket.place} name="" called={socket.bay} seen={true} port={socket.port}
              engineer={engineer} again={again} />
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Values({ values }: { values: SettingValue[] }) {
  const [filter, setFilter] = useState("");
  const shown = values.filter(({ key, value }) => `${key} ${text(value)}`.toLowerCase().includes(filter.toLowerCase()));
  return (
    <Card title={settingsTexts.values} kind="values">
      <p class="hint">{settingsTexts.valuesHint}</p>
      <p class="find">
        <label for="filter">{settingsTexts.filter}</label>
        <input id="filter" type="search" value={filter} autocomplete="off" spellcheck={false}
          onInput={(event) => setFilter(event.currentTarget.value)} />
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{settingsTexts.key}</th>
            <th scope="col">{settingsTexts.value}</th>
            <th scope="col" class="wide">{settingsTexts.origin}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ key, value, origin }) => (
            <tr key={key}>
              <th scope="row" class="mono">{key}</th>
              <td class="mono">{text(value)}</td>
              <td class="wide hint">{origin}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

export function SettingsPage() {
  const settings = useLoaded<Settings>("/api/settings");
  const live = useStore(state);
  useWhenChanged(live?.learning, 100, settings.again);
  useWhenChanged(live?.bays.map(({ bay }) => bay).join(" "), 500, settings.again);
  return (
    <Shell title={texts.settings} head={<h1>{texts.settings}</h1>}>
      <Show of={settings}>{(value) => (
        <div class="settings-page">
          <Sockets settings={value} again={settings.again} />
          <Values values={value.values} />
        </div>
      )}</Show>
    </Shell>
  );
}
