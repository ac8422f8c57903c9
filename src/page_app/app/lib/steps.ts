// The rows of a time line. A board's regions are written side by side, and each has an effect of its own in the
// record: what has one name and overlaps is one row.
import type { Step } from "../api.ts";

export function rowsOf(steps: Step[]): Step[] {
  const rows: Step[] = [];
  for (const step of [...steps].sort((a, b) => a.start - b.start)) {
    const same = rows.find((row) => row.name === step.name && row.cloud === step.cloud && step.start <= row.end);
    if (same) same.end = Math.max(same.end, step.end);
    else rows.push({ ...step });
  }
  return rows;
}
