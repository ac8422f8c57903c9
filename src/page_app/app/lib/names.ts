// The name after the last one: "7" → "8", "north 9" → "north 10", "a" → "a 2".
export function nextName(names: string[]): string {
  let best: { text: string; number: number; width: number } | null = null;
  for (const name of names) {
    const found = /^(.*?)(\d+)$/.exec(name);
    if (!found) continue;
    const number = Number(found[2]);
    if (!best || number > best.number) best = { text: found[1] ?? "", number, width: (found[2] ?? "").length };
  }
  if (best) return best.text + String(best.number + 1).padStart(best.width, "0");
  const last = names.at(-1);
  return last ? `${last} 2` : "1";
}
