// One USB socket, and the bay's name that it has or gets.
import { useState } from "preact/hooks";

import { post } from "../api.ts";
import { say, sayRefusal } from "../lib/messages.ts";
import { settingsTexts } from "../texts.ts";

interface Props {
  place: string;
  name: string;
  port?: string;
  seen: boolean;
  engineer: boolean;
  again: () => void;
}

export function SocketRow({ place, name, port, seen, engineer, again }: Props) {
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
      <th scope="row">{name || <span class="hint">{settingsTexts.unnamed}</span>}</th>
      <td class="mono">{place}{port && <span class="hint"> {port}</span>}</td>
      <td class="wide">{seen ? settingsTexts.yes : settingsTexts.no}</td>
      {engineer && (
        <td class="act">
          <form class="inline" onSubmit={rename}>
            <input aria-label={settingsTexts.newName(place)} value={wish} maxLength={32} size={8} autocomplete="off"
              data-row onInput={(event) => setWish(event.currentTarget.value)} />
            <button type="submit" disabled={wish.trim() === name}>
              {name ? settingsTexts.rename : settingsTexts.nameIt}
            </button>
          </form>
        </td>
      )}
    </tr>
  );
}
