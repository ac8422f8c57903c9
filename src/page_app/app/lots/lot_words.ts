// A lot as a form has it: a text a field, as the options of `imprint lot open` are.
import type { Lot } from "../api.ts";
import { chipText, sizeText } from "../lib/format.ts";
import { lotTexts } from "../texts.ts";

export interface LotWords {
  name: string;
  code: string;
  target: string;
  chip: string;
  least_revision: string;
  most_revision: string;
  flash_size: string;
  firmware: string;
  serial: string;
  first_number: string;
  failed_serial: string;
  golden: string;
}

export const noWords: LotWords = {
  name: "", code: "", target: "", chip: "any", least_revision: "", most_revision: "", flash_size: "any",
  firmware: "any", serial: "", first_number: "", failed_serial: "keep", golden: "",
};

export function wordsOf(lot: Lot): LotWords {
  const mega = lot.flash_size / (1024 * 1024);
  return {
    name: lot.name,
    code: lot.code === lot.name ? "" : lot.code,
    target: lot.target > 0 ? String(lot.target) : "",
    chip: lot.chip || "any",
    least_revision: lot.least_revision,
    most_revision: lot.most_revision,
    flash_size: lot.flash_size > 0 ? `${mega}MB` : "any",
    firmware: lot.firmware || "any",
    serial: lot.serial_template,
    first_number: "",
    failed_serial: lot.failed_serial || "keep",
    golden: lot.golden.join("\n"),
  };
}

// What is allowed in the lot, and how it is scanned, a few words each.
export function rulesOf(lot: Lot): string[] {
  const { least_revision: from, most_revision: to } = lot;
  return [
    lot.code && lot.code !== lot.name ? lotTexts.code(lot.code) : "",
    lot.chip && chipText(lot.chip),
    from || to ? lotTexts.revisions(from, to) : "",
    lot.flash_size > 0 ? sizeText(lot.flash_size) : "",
    lot.firmware && lotTexts.firmware(lot.firmware.slice(0, 8)),
    lot.serial_template && lotTexts.serials(lot.serial_template),
  ].filter(Boolean);
}

// What an emptied field is called by the station.
const emptied: Partial<Record<keyof LotWords, string>> = {
  target: "0", least_revision: "any", most_revision: "any", serial: "none",
};

function list(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

// What is sent: of a new lot all that is said, of another one what differs.
export function bodyOf(words: LotWords, before: LotWords | null): Record<string, string | string[]> {
  const body: Record<string, string | string[]> = {};
  const former = before ?? noWords;
  for (const key of Object.keys(words) as (keyof LotWords)[]) {
    const word = words[key].trim();
    if (word === former[key].trim()) continue;
    if (key === "golden") body[key] = list(word);
    else body[key] = word === "" && before ? emptied[key] ?? before.name : word;
  }
  if (before) delete body["name"];
  return body;
}

const options: [RegExp, keyof LotWords][] = [
  [/lot's name/, "name"],
  [/--target|\btarget\b/, "target"],
  [/--chip|\bchip\b/, "chip"],
  [/--revision-from|least_revision/, "least_revision"],
  [/--revision-to|most_revision|\brevision\b/, "most_revision"],
  [/--flash-size|flash_size/, "flash_size"],
  [/--allow-firmware|\bfirmware\b/, "firmware"],
  [/--first-number|first_number/, "first_number"],
  [/--failed-serial|failed_serial/, "failed_serial"],
  [/--golden|\bgolden\b/, "golden"],
  [/--serial|\bserial\b/, "serial"],
  [/--code|\bcode\b/, "code"],
];
const codes: Record<string, keyof LotWords> = {
  lot_exists: "name", lot: "name", serial_template: "serial", bad_mac: "golden", bad_size: "flash_size",
  firmware_missing: "firmware",
};

// The field that an error of the station is about, if it is about one.
export function fieldOf(code: string, reason: string): keyof LotWords | null {
  const known = codes[code];
  if (known) return known;
  if (code !== "bad_usage" && code !== "bad_request") return null;
  return options.find(([pattern]) => pattern.test(reason))?.[1] ?? null;
}
