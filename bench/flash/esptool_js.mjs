// The peer: Espressif's esptool-js does the same job on the same simulated board.
//   node esptool_js.mjs PORT OFFSET FILE [OFFSET FILE]…
// prints the seconds from the first touch of the port to the last proof.
import {ESPLoader, Transport} from 'esptool-js';
import crypto from 'node:crypto';
import fs from 'node:fs';

import {TerminalPort} from '../../tests/simulator/esptool_js/terminal_port.mjs';

const [port, ...pairs] = process.argv.slice(2);
const fileArray = [];
for (let i = 0; i < pairs.length; i += 2)
    fileArray.push(
        {address: Number(pairs[i]), data: new Uint8Array(fs.readFileSync(pairs[i + 1]))});
const terminal = {
    clean() {},
    writeLine() {},
    write() {}
};
const print = console.log;
console.log = () => {};

const start = process.hrtime.bigint();
const loader =
    new ESPLoader({transport: new Transport(new TerminalPort(port)), baudrate: 921600, terminal});
await loader.main();
await loader.writeFlash({
    fileArray,
    flashMode: 'keep',
    flashFreq: 'keep',
    flashSize: 'keep',
    eraseAll: false,
    compress: true,
    calculateMD5Hash: (bytes) => crypto.createHash('md5').update(bytes).digest('hex'),
});
print(Number(process.hrtime.bigint() - start) / 1e9);
process.exit(0);
