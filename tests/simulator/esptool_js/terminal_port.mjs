// A serial port for esptool-js (it expects a Web Serial one) on a pseudo-terminal: rate and modem
// lines are set with stty, as transport/pty_lines.h describes them.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import tty from "node:tty";

export class TerminalPort {
  constructor(path) {
    this.path = path;
    this.lines = { dtr: false, rts: false };
  }

  stty(...settings) {
    execFileSync("stty", ["-F", this.path, ...settings.map(String)]);
  }

  async open({ baudRate }) {
    this.fd = fs.openSync(this.path, fs.constants.O_RDWR | fs.constants.O_NOCTTY | fs.constants.O_NONBLOCK);
    this.stty(baudRate, "raw", "-echo");
    this.input = new tty.ReadStream(fs.openSync(this.path, fs.constants.O_RDONLY | fs.constants.O_NOCTTY));
    this.readable = new ReadableStream({
      start: (controller) => {
        this.input.on("data", (data) => controller.enqueue(new Uint8Array(data)));
        this.input.on("error", () => {});
      },
    });
    this.writable = new WritableStream({ write: (data) => this.writeAll(data) });
  }

  async writeAll(data) {
    for (let sent = 0; sent < data.length; ) {
      try {
        sent += fs.writeSync(this.fd, data, sent);
      } catch (error) {
        if (error.code !== "EAGAIN") throw error;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  }

  async setSignals({ dataTerminalReady, requestToSend }) {
    if (dataTerminalReady !== undefined) this.lines.dtr = dataTerminalReady;
    if (requestToSend !== undefined) this.lines.rts = requestToSend;
    this.stty("rprnt", 0x80 | (this.lines.dtr ? 1 : 0) | (this.lines.rts ? 2 : 0));
  }

  async setBaudRate(baud) {
    this.stty(baud);
  }

  getInfo() {
    return {};
  }

  async close() {
    this.input.destroy();
    fs.closeSync(this.fd);
  }
}
