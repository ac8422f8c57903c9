// Which npm packages have a part in the operators' page: prints their names as JSON. Vite itself is asked, which puts
// it together; nothing is written.
import { build } from "vite";

import config from "../src/page_app/vite.config.mjs";

const built = await build({ ...config, configFile: false, build: { ...config.build, write: false } });
const packages = new Set();

function look(path) {
  // Vite's own helpers are modules whose names begin with a NUL byte.
  if (path.startsWith("\0vite/")) packages.add("vite");
  const within = path.replaceAll("\\", "/").split("node_modules/").pop();
  if (within === path) return;
  const [first, second] = within.split("/");
  packages.add(first.startsWith("@") ? `${first}/${second}` : first);
}

for (const { output } of [built].flat())
  for (const part of output) {
    for (const [path, module] of Object.entries(part.modules ?? {}))
      // A style sheet's module renders nothing: what is in it has become an asset.
      if (module.renderedLength > 0 || /\.css$/.test(path)) look(path);
    for (const path of part.originalFileNames ?? []) look(path);
  }
process.stdout.write(`${JSON.stringify([...packages].sort())}\n`);
