// How a board stands, as a sign and a word.
import { boardVerdicts, standings } from "../texts.ts";
import { Sign, type SignName } from "./sign.tsx";

const signs: Record<string, SignName> = {
  passed: "pass", failed: "fail", error: "wait", aborted: "stop", stopped: "stop", running: "work", killed: "stop",
  retired: "off",
};

export function Verdict({ word }: { word: string }) {
  const sign = signs[word];
  const text = standings[word] ?? (boardVerdicts as Record<string, string>)[word] ?? word;
  return <span class={`verdict ${word}`}>{sign && <Sign name={sign} />} {text}</span>;
}
