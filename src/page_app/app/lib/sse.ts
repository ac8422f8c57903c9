// Server-sent events out of a stream of text, as the HTML standard has them (section 9.2.6, "Interpreting an
// event stream"). The browser's own EventSource tells neither of comments nor of statuses: a line that died
// without a word, and a login that has ended, could not be seen.

export interface Message {
  id: string;
  event: string;
  data: string;
}

export class EventText {
  private rest = "";
  private id = "";
  private event = "";
  private data: string[] = [];
  private skipLineFeed = false;

  // The messages that are whole now.
  take(text: string): Message[] {
    const done: Message[] = [];
    let all = this.rest + text;
    if (this.skipLineFeed && all.startsWith("\n")) all = all.slice(1);
    this.skipLineFeed = false;
    for (;;) {
      const end = all.search(/[\r\n]/);
      if (end < 0) break;
      const line = all.slice(0, end);
      const pair = all[end] === "\r" && all[end + 1] === "\n";
      // A lone \r at the end may be the first half of a line's end.
      if (all[end] === "\r" && end + 1 === all.length) this.skipLineFeed = true;
      all = all.slice(end + (pair ? 2 : 1));
      const message = this.line(line);
      if (message) done.push(message);
    }
    this.rest = all;
    return done;
  }

  private line(line: string): Message | null {
    if (line === "") return this.dispatch();
    if (line.startsWith(":")) return null;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
    else if (field === "id" && !value.includes("\0")) this.id = value;
    return null;
  }

  private dispatch(): Message | null {
    const message = { id: this.id, event: this.event || "message", data: this.data.join("\n") };
    const empty = this.data.length === 0;
    this.event = "";
    this.data = [];
    return empty ? null : message;
  }
}
