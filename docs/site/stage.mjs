// Lays the pages of the repository out as those of the site, in FOLDER: stage(FOLDER). Links from page to page become
// the site's; a link to another file takes that file along. What leads nowhere is an error.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { elsewhere, groups, guides } from "./contents.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

// docs/ without this folder; each file by its path in the repository.
function documents(folder = "docs") {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (path === "docs/site") return [];
    return entry.isDirectory() ? documents(path) : [path];
  });
}

function pagesOf(paths) {
  const pages = new Map(Object.entries(elsewhere));
  for (const path of paths) {
    if (path.endsWith(".md")) pages.set(path, path.slice("docs/".length, -".md".length));
  }
  return pages;
}

function checkContents(pages) {
  const listed = new Set(["index", ...guides.map(([name]) => `guides/${name}`),
    ...groups.flatMap(([, entries]) => entries.map(([name]) => name))]);
  const there = new Set(pages.values());
  const lost = [...there].filter((name) => !listed.has(name));
  const missing = [...listed].filter((name) => !there.has(name));
  if (lost.length) throw new Error(`docs/site/contents.mjs does not list: ${lost.join(", ")}`);
  if (missing.length) throw new Error(`docs/site/contents.mjs lists pages that are not there: ${missing.join(", ")}`);
}

// Applies `change` to each link's target outside of code.
function withLinks(text, change) {
  let fence = null;
  return text.split("\n").map((line) => {
    const mark = line.match(/^\s*(```+|~~~+)/)?.[1];
    if (mark && !fence) {
      fence = mark;
      return line;
    }
    if (fence) {
      if (mark?.startsWith(fence)) fence = null;
      return line;
    }
    return line.split(/(`+[^`]*`+)/).map((part) => (part.startsWith("`") ? part :
      part.replace(/\]\(([^)\s]+)\)/g, (_, target) => `](${change(target)})`))).join("");
  }).join("\n");
}

// Whether most of a page are tables of three columns or more. They need the place of the outline beside them.
function isWideTable(text) {
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  const cells = (row) => row.replace(/`[^`]*`/g, "").split("|").length - 2;
  return rows.join("\n").length > text.length / 2 && rows.some((row) => cells(row) >= 3);
}

// docs/index.md is the start page: its heading and first paragraph on top, its list of guides as cards.
function startPage(text) {
  const [, title, lead, rest] = text.match(/^# (.+)\n\n([^\n]+)\n\n([\s\S]*)$/);
  const cards = [];
  const body = rest.replace(/^- \[([^\]]+)\]\(([^)]+)\): (.+)\n/gm, (line, name, link, words) => {
    cards.push({ title: name, details: words[0].toUpperCase() + words.slice(1), link });
    return "";
  });
  if (cards.length !== guides.length) throw new Error("docs/index.md: its list has to name each guide once");
  const front = {
    layout: "home",
    title,
    titleTemplate: false,
    hero: {
      name: title,
      tagline: lead,
      actions: [
        { theme: "brand", text: guides[0][1], link: cards[0].link },
        { theme: "alt", text: "All commands", link: "/commands.html" },
      ],
    },
    features: cards,
  };
  return `---\n${JSON.stringify(front)}\n---\n\n<div class="vp-doc start">\n\n${body}\n</div>\n`;
}

export function stage(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "public"), { recursive: true });
  cpSync(join(root, "src/page_app/app/icon.svg"), join(folder, "public/icon.svg"));
  const paths = documents();
  const pages = pagesOf(paths);
  checkContents(pages);
  for (const path of paths) {
    if (/\.(svg|png)$/.test(path)) cpSync(join(root, path), join(folder, path.slice("docs/".length)));
  }
  for (const [path, name] of pages) {
    const text = withLinks(readFileSync(join(root, path), "utf8"), (target) => {
      if (/^[a-z]+:/.test(target) || target.startsWith("#")) return target;
      const [file, anchor] = target.split("#");
      const there = normalize(join(dirname(path), file));
      const page = pages.get(there);
      const anchored = anchor ? `#${anchor}` : "";
      if (page !== undefined) return `/${page}.html${anchored}`;
      if (!existsSync(join(root, there)) || statSync(join(root, there)).isDirectory()) {
        throw new Error(`${path} links to ${target}, which is no file of the repository`);
      }
      if (/\.(svg|png)$/.test(there) && there.startsWith("docs/")) {
        const image = relative(dirname(name), there.slice("docs/".length));
        return image.startsWith(".") ? image : `./${image}`;
      }
      // A browser shows a .txt, and does not know what to do with a source file.
      const shown = /\.(json|csv)$/.test(there) ? there : `${there}.txt`;
      cpSync(join(root, there), join(folder, "public/files", shown));
      return `/files/${shown}`;
    });
    const place = join(folder, `${name}.md`);
    mkdirSync(dirname(place), { recursive: true });
    const front = isWideTable(text) ? "---\naside: false\n---\n\n" : "";
    writeFileSync(place, name === "index" ? startPage(text) : front + text);
  }
  return pages;
}
