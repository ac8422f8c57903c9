"""The project's Markdown pages, as far as tests look into them: headings, links, fenced blocks, code in a line."""

import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
ELSEWHERE = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "RELEASING.md", "SECURITY.md",
             "THIRD-PARTY.md"]


def pages():
    """All pages of the repository by their paths."""
    found = [ROOT / name for name in ELSEWHERE]
    found += [path for path in (ROOT / "docs").rglob("*.md") if "node_modules" not in path.parts]
    # What is to be in the next changelog is no page yet.
    found += (path for path in (ROOT / "firmware").rglob("*.md") if "changes" not in path.parts)
    return sorted(path for path in found if "build" not in path.relative_to(ROOT).parts)


def guides():
    return sorted((ROOT / "docs" / "guides").glob("*.md"))


@dataclasses.dataclass
class Fence:
    line: int  # of its first line of content, from 1
    info: str  # behind the opening mark: "sh not-run needs an account"
    content: str

    @property
    def language(self):
        return self.info.split(" ")[0]

    @property
    def marks(self):
        return self.info.partition(" ")[2]


@dataclasses.dataclass
class Page:
    fences: list
    prose: list  # (line, text) outside of fences

    def headings(self):
        return [(number, found[1]) for number, text in self.prose if (found := re.match(r"#{1,6} +(.+?)\s*#*$", text))]

    def anchors(self):
        """As git hosts make them; one that is there already gets a number."""
        seen = {}
        names = set()
        for _, heading in self.headings():
            name = slug(plain(heading))
            count = seen.get(name, 0)
            seen[name] = count + 1
            names.add(f"{name}-{count}" if count else name)
        return names

    def links(self):
        """(line, target) of links and images outside of code."""
        return [(number, target) for number, text in self.prose
                for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text))]

    def code(self):
        """(line, text) of each code in a line."""
        # In a table a bar is written with a backslash before it.
        return [(number, code.replace("\\|", "|")) for number, text in self.prose
                for _, code in re.findall(r"(`+)(.+?)\1", text)]


def without_code(text):
    return re.sub(r"(`+).+?\1", "``", text)


def plain(heading):
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("**", "")


def slug(heading):
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def parse(text):
    fences, prose = [], []
    fence = mark = None
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r"(\s*)(`{3,}|~{3,})(.*)$", line)
        if fence is None and found:
            mark, indent = found[2], len(found[1])
            fence = Fence(number + 1, found[3].strip(), "")
        elif fence is not None and found and found[2].startswith(mark) and not found[3].strip():
            fences.append(fence)
            fence = None
        elif fence is not None:
            fence.content += line[min(indent, len(line) - len(line.lstrip())):] + "\n"
        else:
            prose.append((number, line))
    if fence is not None:
        raise ValueError(f"the fence of line {fence.line - 1} does not end")
    return Page(fences, prose)


def read(path):
    return parse(path.read_text())
