// pack.mjs OUT.cpp OUT.d: builds app/ with Vite and writes its files as the source behind assets.h; and, as make
// and ninja read it, which files and folders it is made from.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import config from "./vite.config.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [out, dependencies] = process.argv.slice(2);

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

// The licences of what is built in go along with it.
const parts = ["preact", "@fontsource-variable/inter"];

async function vite() {
  try {
    return await import("vite");
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    console.error("The operators' page is built with Vite, which is not installed: scripts/install brings it.");
    process.exit(1);
  }
}

function files(folder, under = "") {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(folder, `${under}/${entry.name}`) : [`${under}/${entry.name}`]);
}

// A folder is among them: it changes when a file comes or goes.
function sources(folder) {
  return [folder, ...readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(join(folder, entry.name)) : [join(folder, entry.name)])];
}

function licences() {
  const modules = join(here, "../../node_modules");
  return parts.map((name) => {
    const { version } = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
    return `${name} ${version}\n\n${readFileSync(join(modules, name, "LICENSE"), "utf8").trim()}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

// A literal of bytes: three octal digits each, so that none runs into the next character.
function literal(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 96) {
    let text = "";
    for (const byte of bytes.subarray(at, at + 96)) {
      if (byte === 0x22 || byte === 0x5c) {
        text += `\\${String.fromCharCode(byte)}`;
        continue;
      }
      const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x3f;
      text += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
    }
    lines.push(`    "${text}"`);
  }
  return lines.length ? lines.join("\n") : '    ""';
}

function asset(path, body) {
  const type = types[extname(path)];
  if (!type) throw new Error(`${path}: pack.mjs knows no content type for it`);
  const digest = createHash("sha256").update(body).digest("hex").slice(0, 32);
  // Vite writes its digest between the name and the ending, and only under assets/.
  const immutable = path.startsWith("/assets/");
  return `    {"${path}", "${type}",\n     std::string_view(\n${literal(body)},\n     ${body.length}),\n` +
    `     "\\"${digest}\\"", ${immutable}},\n`;
}

const folder = mkdtempSync(join(tmpdir(), "imprint-page-"));
try {
  const { build } = await vite();
  // Vite itself would put a copy of a configuration file into node_modules.
  await build({ ...config, configFile: false, build: { ...config.build, outDir: folder } });
  writeFileSync(join(folder, "licences.txt"), licences());
  const all = files(folder).sort();
  writeFileSync(out, [
    "// Made by src/page_app/pack.mjs.\n",
    '#include "page_app/assets.h"\n\n',
    "namespace imprint::page_app {\n\nnamespace {\n\nusing std::string_view;\n\n",
    `constexpr Asset packed[] = {\n${all.map((path) => asset(path, readFileSync(join(folder, path)))).join("")}};\n\n`,
    "}  // namespace\n\n",
    "std::span<const Asset> assets() {\n    return packed;\n}\n\n}  // namespace imprint::page_app\n",
  ].join(""));
  const inputs = sources(join(here, "app")).map((path) => path.replaceAll(" ", "\\ "));
  writeFileSync(dependencies, `${out.replaceAll(" ", "\\ ")}: ${inputs.join(" \\\n  ")}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
