// run.mjs: the page's logic under Node's own test runner. esbuild comes with Vite, and makes of each test one file
// that Node 18 can read.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const { build } = createRequire(join(here, "../../package.json"))("esbuild");

const folder = mkdtempSync(join(tmpdir(), "imprint-page-tests-"));
try {
  const tests = readdirSync(here).filter((name) => name.endsWith("_test.ts")).sort();
  await build({
    entryPoints: tests.map((name) => join(here, name)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { IMPRINT_SOURCE: JSON.stringify(join(here, "../..")) },
    logLevel: "warning",
  });
  const files = tests.map((name) => join(folder, name.replace(/\.ts$/, ".mjs")));
  // Files one after the other, in this process's output.
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
