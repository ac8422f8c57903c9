// Figures, times and addresses as people read them. Thin and no-break spaces keep a figure and its unit together.

export function macText(mac: string): string {
  return mac.length === 12 ? (mac.match(/../g) ?? []).join(":") : mac;
}

// What somebody has typed, as the ledger has it: 12 hex digits, or nothing.
export function readMac(text: string): string | null {
  const digits = text.trim().toLowerCase().replace(/[:-]/g, "");
  return /^[0-9a-f]{12}$/.test(digits) ? digits : null;
}

const counts = new Intl.NumberFormat("en-US");
export function count(n: number): string {
  return counts.format(n);
}

export function percentText(share: number): string {
  const percent = share * 100;
  // 99.96 % is not all of them.
  const shown = share < 1 ? Math.min(percent, 99.9) : 100;
  return `${shown.toFixed(1).replace(/\.0$/, "")}\u00a0%`;
}

export function secondsText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)}\u00a0s`;
  return durationText(seconds);
}

// Of a step: the cloud's are short.
export function stepText(seconds: number): string {
  return seconds < 0.1 ? `${Math.round(seconds * 1000)}\u00a0ms` : secondsText(seconds);
}

export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}\u00a0s`;
  const minutes = Math.round(whole / 60);
  if (whole < 3600) return `${Math.floor(whole / 60)}\u00a0min ${String(whole % 60).padStart(2, "0")}\u00a0s`;
  return `${Math.floor(minutes / 60)}\u00a0h ${String(minutes % 60).padStart(2, "0")}\u00a0min`;
}

// As a stop watch has it: no longer than it must be, and always as wide.
export function stopWatch(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}\u00a0s`;
  const two = (n: number): string => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${two(whole % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

// How long something still takes: no more exact than it is known.
export function roughly(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return `${minutes}\u00a0min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.round(hours / 24)}\u00a0days`;
  return `${hours}\u00a0h ${String(Math.round((minutes % 60) / 10) * 10 % 60).padStart(2, "0")}\u00a0min`;
}

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const short = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

function dated(format: Intl.DateTimeFormat, time: string | undefined): string {
  const at = Date.parse(time ?? "");
  return Number.isNaN(at) ? "" : format.format(at);
}

export const clockText = (time: string | undefined): string => dated(clock, time);
export const shortTime = (time: string | undefined): string => dated(short, time);
export const whenText = (time: string | undefined): string =>
  time && !Number.isNaN(Date.parse(time)) ? `${dated(day, time)}, ${dated(clock, time)}` : "";

export function sizeText(bytes: number): string {
  const mega = bytes / (1024 * 1024);
  return mega >= 1 && Number.isInteger(mega) ? `${mega}\u00a0MB` : `${counts.format(bytes)} bytes`;
}

const chips: Record<string, string> = {
  esp32: "ESP32", esp32s2: "ESP32-S2", esp32s3: "ESP32-S3", esp32c2: "ESP32-C2", esp32c3: "ESP32-C3",
  esp32c5: "ESP32-C5", esp32c6: "ESP32-C6", esp32c61: "ESP32-C61", esp32h2: "ESP32-H2", esp32p4: "ESP32-P4",
};
export const chipKeys = Object.keys(chips);
export function chipText(chip: string): string {
  return chips[chip] ?? chip;
}
