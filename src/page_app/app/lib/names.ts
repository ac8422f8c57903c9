import type { Learning } from "../api.ts";

// The name after the last one: "7" → "8", "north9" → "north10", "a" → "a2". A bay's name has no blank.
export function nextName(names: string[]): string {
  return following(names).replace(/\s/g, "");
}

// What to ask for after what was learnt. Nothing while a name is waited for still: the socket had one already; nor
// after a trouble, which somebody has to look at.
export function nextToLearn(learning: Learning | null): string | null {
  if (!learning?.learnt || learning.name || learning.trouble) return null;
  return nextName([learning.learnt.name]);
}

function following(names: string[]): string {
  let best: { text: string; number: number; width: number } | null = null;
  for (const name of names) {
    const found = /^(.*?)(\d+)$/.exec(name);
    if (!found) continue;
    const number = Number(found[2]);
    if (!best || number > best.number) best = { text: found[1] ?? "", number, width: (found[2] ?? "").length };
  }
  if (best) return best.text + String(best.number + 1).padStart(best.width, "0");
  const last = names.at(-1);
  return last ? `${last}2` : "1";
}
