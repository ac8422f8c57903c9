"""edit_config.py TOML: puts the keys of a guide's block into imprint.toml of this folder, as a reader does it: each in its
section, in the place of the line that has it."""

import pathlib
import re
import sys


def edit(config, block):
    lines = config.split("\n")
    section = ""
    for wanted in block.splitlines():
        if found := re.match(r"\[(.+)\]$", wanted.strip()):
            section = found[1]
            continue
        key = re.match(r"([\w.-]+) *=", wanted.strip())
        if not key:
            continue
        try:
            begin = lines.index(f"[{section}]") + 1
        except ValueError:
            lines += ["", f"[{section}]"]
            begin = len(lines)
        end = next((i for i in range(begin, len(lines)) if lines[i].startswith("[")), len(lines))
        place = next((i for i in range(begin, end) if re.match(rf"#?{re.escape(key[1])} *=", lines[i])), None)
        if place is None:
            lines.insert(begin, wanted)
        else:
            lines[place] = wanted
    return "\n".join(lines)


if __name__ == "__main__":
    path = pathlib.Path("imprint.toml")
    path.write_text(edit(path.read_text(), pathlib.Path(sys.argv[1]).read_text()))
