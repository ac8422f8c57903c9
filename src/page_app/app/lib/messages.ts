// The one line at the foot of the page: what was said last. Screen readers read it out.
import type { Said } from "../api.ts";
import { Refusal } from "../api.ts";
import { mends, texts } from "../texts.ts";
import { Store } from "./store.ts";

export interface Message {
  level: Said["level"];
  text: string;
}

export const message = new Store<Message | null>(null);

export function say(text: string, level: Said["level"] = "info"): void {
  message.set({ text, level });
}

export function sayOf(said: Said): void {
  const bay = said.bay && !said.text.toLowerCase().startsWith(`bay ${said.bay}`.toLowerCase()) ? `${texts.bay} ${said.bay}: ` : "";
  say(bay + said.text, said.level);
}

// The station's reasons and hints are parts of a line in a terminal.
function sentenceOf(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");
}

// The station's own reason is more exact than a sentence for its code; what helps comes after it.
export function refusalText(error: unknown): string {
  if (!(error instanceof Refusal)) return String(error);
  const sentence = mends[error.code];
  if (!error.reason) return sentence ?? error.code;
  return [error.reason, sentence ?? error.mend].filter(Boolean).map(sentenceOf).join(" ");
}

export function sayRefusal(error: unknown): void {
  say(refusalText(error), "error");
}
