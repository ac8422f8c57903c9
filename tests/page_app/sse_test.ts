import assert from "node:assert/strict";
import { test } from "node:test";

import { EventText } from "../../src/page_app/app/lib/sse.ts";

const stream = "retry: 1000\n\nevent: snapshot\nid: a-1\ndata: {\"x\":1}\n\n:\n\nevent: change\nid: a-2\ndata: one\ndata: two\n\n";

test("messages come with their event and id", () => {
  assert.deepEqual(new EventText().take(stream), [
    { id: "a-1", event: "snapshot", data: "{\"x\":1}" },
    { id: "a-2", event: "change", data: "one\ntwo" },
  ]);
});

test("where the stream is cut makes no difference", () => {
  const whole = new EventText().take(stream);
  for (const ending of ["\n", "\r\n", "\r"]) {
    const text = stream.replaceAll("\n", ending);
    for (let size = 1; size < 9; ++size) {
      const reader = new EventText();
      const found = [];
      for (let at = 0; at < text.length; at += size) found.push(...reader.take(text.slice(at, at + size)));
      // A last \r may be half of a line's end: what follows shows it.
      found.push(...reader.take(":\n"));
      assert.deepEqual(found, whole, `${JSON.stringify(ending)} in pieces of ${size}`);
    }
  }
});

test("a comment and an id alone are no message", () => {
  assert.deepEqual(new EventText().take(": alive\n\nid: 7\n\n"), []);
});

test("an id stays until another comes", () => {
  const ids = new EventText().take("id: 1\ndata: a\n\ndata: b\n\n").map((message) => message.id);
  assert.deepEqual(ids, ["1", "1"]);
});

test("a message that is not whole is not told", () => {
  const reader = new EventText();
  assert.deepEqual(reader.take("event: change\ndata: half"), []);
  assert.deepEqual(reader.take("\n"), []);
  assert.equal(reader.take("\n").length, 1);
});
