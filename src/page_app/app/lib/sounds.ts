// What is heard across the room: two rising notes, two low ones, one in the middle. Made by the browser, so that
// there are no files.
import { sound } from "./preferences.ts";

export type Sound = "pass" | "fail" | "wait";

interface Note {
  pitch: number;  // Hz
  at: number;     // seconds
  length: number;
  wave: OscillatorType;
}

const notes: Record<Sound, Note[]> = {
  pass: [
    { pitch: 784, at: 0, length: 0.09, wave: "sine" },
    { pitch: 1175, at: 0.09, length: 0.16, wave: "sine" },
  ],
  fail: [
    { pitch: 196, at: 0, length: 0.22, wave: "square" },
    { pitch: 156, at: 0.26, length: 0.34, wave: "square" },
  ],
  wait: [{ pitch: 523, at: 0, length: 0.14, wave: "triangle" }],
};
const rank: Sound[] = ["wait", "pass", "fail"];

let audio: AudioContext | null = null;
let due: Sound | null = null;

// Browsers allow sound once somebody has touched the page.
function wake(): void {
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
}

export function startSounds(): void {
  for (const touch of ["keydown", "pointerdown"]) addEventListener(touch, wake, { passive: true });
}

function note(context: AudioContext, { pitch, at, length, wave }: Note): void {
  const begin = context.currentTime + at;
  const voice = context.createOscillator();
  const volume = context.createGain();
  voice.type = wave;
  voice.frequency.value = pitch;
  // No click at either end.
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(wave === "square" ? 0.12 : 0.3, begin + 0.01);
  volume.gain.linearRampToValueAtTime(0, begin + length);
  voice.connect(volume).connect(context.destination);
  voice.start(begin);
  voice.stop(begin + length + 0.02);
}

// Several boards at once make one sound, that of the worst.
export function play(what: Sound): void {
  if (!sound.get()) return;
  if (due !== null) {
    if (rank.indexOf(what) > rank.indexOf(due)) due = what;
    return;
  }
  due = what;
  setTimeout(() => {
    const now = due;
    due = null;
    if (now && audio?.state === "running") for (const each of notes[now]) note(audio, each);
  }, 120);
}
