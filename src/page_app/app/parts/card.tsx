import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

// A part of a page, with its heading.
export function Card({ title, children, kind }: { title: string; children: ComponentChildren; kind?: string }) {
  const id = useId();
  return (
    <section class={`card ${kind ?? ""}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

export function Fact({ name, value, mono }: { name: string; value: ComponentChildren; mono?: boolean }) {
  if (value === undefined || value === null || value === "" || value === false) return null;
  return <><dt>{name}</dt><dd class={mono ? "mono" : ""}>{value}</dd></>;
}
