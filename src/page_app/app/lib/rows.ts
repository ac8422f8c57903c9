// Up and down lead from line to line, in lists whose lines have a data-row.
import { focusScan } from "./focus.ts";

export function firstRow(): HTMLElement | null {
  return document.querySelector<HTMLElement>(".tile[tabindex='0'], main [data-row]") ??
    document.querySelector<HTMLElement>("main a[href], main button:not([disabled]), main select");
}

export function walkRows(event: KeyboardEvent): boolean {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return false;
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
  const at = rows.findIndex((row) => row === event.target);
  if (at < 0) return false;
  const next = rows[at + (event.key === "ArrowUp" ? -1 : 1)];
  if (next) next.focus();
  else if (event.key === "ArrowDown") focusScan();
  return true;
}
