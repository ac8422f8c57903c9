// Keys that do the same on every page.
import { dialogIsOpen, focusScan, isEditable } from "./focus.ts";
import { toggleSound, toggleTheme } from "./preferences.ts";
import { go } from "./router.ts";
import { walkRows } from "./rows.ts";

export const pageKeys: Record<string, string> = { F1: "/help", F2: "/lots", F3: "/boards", F6: "/settings" };

function isLetter(event: KeyboardEvent): boolean {
  return event.key.length === 1 && event.key !== " ";
}

function scanThrough(): void {
  const dialog = document.querySelector<HTMLDialogElement>("dialog[open][data-scan-through]");
  if (!dialog) return;
  dialog.close();
  focusScan();
}

function press(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return false;
  if (event.key === "F4") return toggleSound(), true;
  if (event.key === "F9") return toggleTheme(), true;
  if (dialogIsOpen()) {
    if (isLetter(event) && !isEditable(event.target)) scanThrough();
    return false;
  }
  if (walkRows(event)) return true;
  const page = pageKeys[event.key];
  if (page) return go(page), true;
  if (event.key === "Escape") {
    go("/");
    setTimeout(focusScan, 0);
    return true;
  }
  // The letter itself arrives in the field: it has the focus before the browser writes it.
  if (isLetter(event) && !isEditable(event.target)) focusScan();
  return false;
}

export function startKeys(): void {
  addEventListener("keydown", (event) => {
    if (!event.defaultPrevented && press(event)) event.preventDefault();
  });
}
