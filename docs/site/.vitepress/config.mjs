import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { groups, guides } from "../contents.mjs";
import { slug } from "../slug.mjs";

const build = resolve(dirname(fileURLToPath(import.meta.url)), "../../../build");
const base = process.env.BASE || "/";
if (!/^\/(.*\/)?$/.test(base)) throw new Error(`BASE is ${base}: a path that begins and ends with / is meant`);

const entries = (list, under = "") => list.map(([name, text]) => ({ text, link: `/${under}${name}.html` }));

export default {
  lang: "en",
  title: "Imprint",
  description: "AWS IoT identities for ESP32 boards, on the production line",
  base,
  srcDir: resolve(build, "site-pages"),
  outDir: resolve(build, "site"),
  cacheDir: resolve(build, "site-cache"),
  // Pages are files with their names in links: any server of files will do.
  cleanUrls: false,
  lastUpdated: false,
  head: [["link", { rel: "icon", type: "image/svg+xml", href: `${base}icon.svg` }]],
  markdown: {
    // {mac} behind a word is text here, no attribute.
    attrs: { disable: true },
    anchor: { slugify: slug },
    headers: { slugify: slug },
    toc: { slugify: slug },
    // An address is a link where a page makes it one: those in errors and examples are forms.
    linkify: false,
    // A block of code that is indented looks, and is moved sideways, as one between fences.
    config: (md) => {
      md.renderer.rules.code_block = (...block) => md.renderer.rules.fence(...block);
    },
  },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    logo: "/icon.svg",
    search: { provider: "local" },
    outline: { level: [2, 3] },
    nav: [
      { text: "Guides", items: entries(guides, "guides/") },
      { text: "Commands", link: "/commands.html" },
      { text: "Configuration", link: "/configuration.html" },
      { text: "Errors", link: "/errors.html" },
    ],
    sidebar: [
      { text: "Guides", items: entries(guides, "guides/") },
      ...groups.map(([text, list]) => ({ text, collapsed: false, items: entries(list) })),
    ],
  },
};
