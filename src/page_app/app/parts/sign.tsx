// Signs beside colours: each verdict has a shape of its own.

export type SignName = "pass" | "fail" | "wait" | "stop" | "off" | "work";

const shapes: Record<SignName, string> = {
  pass: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20M7 12.5l3.5 3.5L17 9",
  fail: "M3 3h18v18H3zM8 8l8 8M16 8l-8 8",
  wait: "M5 2.5h14M5 21.5h14M6.5 3c0 5 5.5 6 5.5 9s-5.5 4-5.5 9M17.5 3c0 5-5.5 6-5.5 9s5.5 4 5.5 9",
  stop: "M8 2h8l6 6v8l-6 6H8l-6-6V8zM8 12h8",
  off: "M12 2.5v9M6.5 6a8.5 8.5 0 1 0 11 0",
  work: "M12 2a10 10 0 1 1-10 10",
};

export function Sign({ name }: { name: SignName }) {
  return (
    <svg class={`sign ${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}
