// Builds the site into build/site: node build.mjs. `scripts/docs` installs what this needs.
import { symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vitepress";

import { stage } from "./stage.mjs";

const here = dirname(fileURLToPath(import.meta.url));
try {
  const pages = resolve(here, "../../build/site-pages");
  stage(pages);
  // What a page becomes imports Vue, and looks for it from where the page lies.
  symlinkSync(join(here, "node_modules"), join(pages, "node_modules"));
  await build(here);
} catch (error) {
  console.error(`The site was not built. ${error.message}`);
  process.exit(1);
}
