// What this browser remembers. A browser that keeps nothing (a private window) is no error.
import { Store } from "./store.ts";

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It holds until the page is closed.
  }
}

export const sound = new Store(read("imprint.sound") !== "off");
sound.listen(() => write("imprint.sound", sound.get() ? "on" : "off"));

const asked = matchMedia("(prefers-color-scheme: dark)");
const kept = read("imprint.theme");
export const dark = new Store(kept ? kept === "dark" : asked.matches);
let chosen = kept !== null;

function show(): void {
  document.documentElement.dataset["theme"] = dark.get() ? "dark" : "light";
}
dark.listen(show);
show();
asked.addEventListener("change", () => void (chosen || dark.set(asked.matches)));

export function toggleTheme(): void {
  chosen = true;
  dark.set(!dark.get());
  write("imprint.theme", dark.get() ? "dark" : "light");
}

export function toggleSound(): void {
  sound.set(!sound.get());
}
