// Espressif's own loader client, esptool-js, against a simulated board:
//   node flash.mjs PORT BUILD_DIRECTORY stub|rom
// writes what build/flasher_args.json lists, compares it with what the chip then holds, and prints
// one line for each thing that it found. Exit code 0 when all is as it must be.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { ESPLoader, Transport } from "esptool-js";

import { TerminalPort } from "./terminal_port.mjs";

const [port, build, mode] = process.argv.slice(2);
const verbose = process.env.VERBOSE === "1";
const terminal = {
  clean() {},
  writeLine: (line) => verbose && console.error(line),
  write: (text) => verbose && process.stderr.write(text),
};
const md5 = (bytes) => crypto.createHash("md5").update(bytes).digest("hex");

const { flash_files } = JSON.parse(fs.readFileSync(path.join(build, "flasher_args.json")));
const files = Object.entries(flash_files)
  .map(([offset, file]) => ({ address: Number(offset), data: new Uint8Array(fs.readFileSync(path.join(build, file))) }))
  .sort((a, b) => a.address - b.address);

const quiet = console.log;
if (!verbose) console.log = () => {}; // esptool-js traces the end of its reader there
const transport = new Transport(new TerminalPort(port));
const loader = new ESPLoader({ transport, baudrate: mode === "stub" ? 921600 : 115200, terminal });
const say = (text) => quiet.call(console, text);

const options = {
  fileArray: files,
  flashMode: "keep",
  flashFreq: "keep",
  flashSize: "keep",
  eraseAll: false,
  compress: true,
  calculateMD5Hash: md5,
};

async function with_the_stub() {
  say(`chip ${await loader.main()}`);
  say(`mac ${await loader.chip.readMac(loader)}`);
  say(`flash ${await loader.detectFlashSize()}`);
  assert.ok(loader.IS_STUB, "the stub runs");
  say(`stub runs at ${loader.baudrate}`); // 115200 where the change of rate failed
  await loader.writeFlash(options); // compares the MD5 of each region itself
  for (const { address, data } of files) {
    const read = await loader.readFlash(address, data.length);
    assert.deepEqual(Buffer.from(read), Buffer.from(data), `what was read from 0x${address.toString(16)}`);
    say(`read 0x${address.toString(16)} ${data.length}`);
  }
  await loader.after("hard_reset");
}

// On a busy machine a block's answer may take longer than the time of a real chip, and the ROM refuses
// one that is sent again.
const flash_block = loader.flashDeflBlock.bind(loader);
loader.flashDeflBlock = (data, sequence, timeout) => flash_block(data, sequence, Math.max(timeout ?? 0, 60_000));

async function with_the_rom() {
  await loader.detectChip();
  say(`chip ${await loader.chip.getChipDescription(loader)}`);
  say(`mac ${await loader.chip.readMac(loader)}`);
  loader.FLASH_WRITE_SIZE = loader.chip.FLASH_WRITE_SIZE;
  // esptool-js sends the stub's four bytes; the ROM's form has eight.
  await loader.checkCommand("attach", loader.ESP_SPI_ATTACH, new Uint8Array(8));
  // The MD5 that the ROM gives is text, which esptool-js takes for bytes: compared here.
  await loader.writeFlash({ ...options, calculateMD5Hash: undefined });
  for (const { address, data } of files) {
    const text = Buffer.from(await loader.flashMd5sum(address, data.length), "hex").toString();
    assert.equal(text, md5(data), `the MD5 at 0x${address.toString(16)}`);
    say(`md5 0x${address.toString(16)} ${data.length}`);
  }
}

try {
  await (mode === "stub" ? with_the_stub() : with_the_rom());
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
