// One USB socket, and the bay's name that it has or gets.
import { useState } from "preact/hooks";

import { post } from "../api.ts";
import { say, sayRefusal } from "../lib/messages.ts";
import { settingsTexts } from "../texts.ts";

interface Props {
  place: string;
  name: string;
  // Of a socket without a name: what its bay is called now.
  called?: string;
  port?: string;
  seen: boolean;
  // Named by imprint.toml, and only there.
  fixed?: boolean;
  engineer: boolean;
  again: () => void;
}

export function SocketRow({ place, name, called, port, seen, fixed, engineer, again }: Props) {
  const [wish, setWish] = useState(name);

  function rename(event: Event): void {
    event.preventDefault();
    post("/api/bays/name", { place, name: wish.trim() }).then(() => {
      say(settingsTexts.named(wish.trim() || settingsTexts.unnamed));
      again();
    }, sayRefusal);
  }

  return (
    <tr>
      <th scope="row">
        {name || <span class="hint">{[settingsTexts.unnamed, called && called !== place && settingsTexts.calledNow(called)]
          .filter(Boolean).join(", ")}</span>}
      </th>
      <td class="mono">{place}{port && <span class="hint"> {port}</span>}</td>
      <td class="wide">{seen ? settingsTexts.yes : settingsTexts.no}</td>
      {engineer && (
        <td class="act">{fixed ? <span class="hint">{settingsTexts.fixed}</span> : (
          <form class="inline" onSubmit={rename}>
            <input aria-label={settingsTexts.newName(place)} value={wish} maxLength={32} size={8} autocomplete="off"
              data-row onInput={(event) => setWish(event.currentTarget.value)} />
            <button type="submit" disabled={wish.trim() === name}>
              {name ? settingsTexts.rename : settingsTexts.nameIt}
            </button>
          </form>
        )}</td>
      )}
    </tr>
  );
}
