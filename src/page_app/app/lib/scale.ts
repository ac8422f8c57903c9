// A scale from 0 to at least `most`, with marks at round figures: 1, 2 or 5 times a power of ten.
export function marks(most: number, wanted: number, whole = false): number[] {
  const rough = Math.max(most, whole ? 1 : 1e-9) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  if (whole) step = Math.max(1, Math.round(step));
  const all = [0];
  while ((all.at(-1) ?? 0) < most - step * 1e-6 || all.length < 2) all.push(all.length * step);
  return all;
}
