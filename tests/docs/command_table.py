"""The program's commands with their arguments and options: from its own table as JSON, or, where a build does not tell
that, from what `--help` prints."""

import dataclasses
import json
import re
import subprocess

COMMON = "Common options"
CONFIGURATION = "Configuration"


@dataclasses.dataclass
class Row:
    """An argument, an option or a subcommand: how it is written, and what it is for."""

    label: str
    meaning: str

    @property
    def names(self):
        """Those of an option: -p and --port of "-p, --port PORT"."""
        return [word for word in re.split(r", | ", self.label) if word.startswith("-")]

    @property
    def takes_value(self):
        return not self.label.split(", ")[-1].startswith("-") or " " in self.label.split(", ")[-1]


@dataclasses.dataclass
class Command:
    name: str  # without "imprint": "board flash", empty for the program itself
    meaning: str = ""
    usage: str = ""
    sections: dict = dataclasses.field(default_factory=dict)  # heading → rows
    examples: list = dataclasses.field(default_factory=list)

    @property
    def full_name(self):
        return f"imprint {self.name}".strip()

    @property
    def subcommands(self):
        return [row.label for row in self.sections.get("Commands", [])]

    @property
    def arguments(self):
        return self.sections.get("Arguments", [])

    def options(self):
        """Each option's row by each of its names."""
        return {name: row for heading, rows in self.sections.items() if heading not in ("Commands", "Arguments")
                for row in rows for name in row.names}


def parse(name, text):
    """What one help page says. Its form is made in src/cli/help.cpp."""
    command = Command(name)
    head, *blocks = text.rstrip("\n").split("\n\n")
    command.meaning = " ".join(line.strip() for line in head.splitlines())
    for block in blocks:
        first, *lines = block.splitlines()
        if first.startswith("Usage: "):
            command.usage = " ".join([first.removeprefix("Usage: "), *(line.strip() for line in lines)])
            continue
        heading = first.rstrip(":")
        if heading == "Example":
            command.examples = [line.strip() for line in lines]
            continue
        rows = command.sections.setdefault(heading, [])
        for line in lines:
            if line.startswith("   "):
                rows[-1].meaning += " " + line.strip()
            else:
                label, _, meaning = line.strip().partition("  ")
                rows.append(Row(label, meaning.strip()))
    return command


def from_json(text):
    """What `imprint reference json` prints, as far as it is about commands."""
    table = {}
    rows = json.loads(text)["commands"]
    meanings = {row["path"]: row["meaning"] for row in rows}
    for row in rows:
        name = row["path"].removeprefix("imprint").strip()
        command = table[name] = Command(name, row["meaning"], row["usage"])
        for child in row["commands"]:
            command.sections.setdefault("Commands", []).append(Row(child.rsplit(" ", 1)[1], meanings[child]))
        for option in row["arguments"] + row["options"]:
            heading = "Arguments" if option in row["arguments"] else option["group"]
            variable = f" [{option['variable']}]" if "variable" in option else ""
            command.sections.setdefault(heading, []).append(Row(option["label"], option["meaning"] + variable))
        command.examples = [example["line"] + (f"  # {example['purpose']}" if "purpose" in example else "")
                            for example in row["examples"]]
    return table


def read(imprint):
    """All commands by their names, in the order of the help: a group before what is in it."""
    told = subprocess.run([imprint, "reference", "json"], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)
    if told.returncode == 0:
        return from_json(told.stdout)
    table = {}

    def walk(name):
        done = subprocess.run([imprint, *name.split(), "--help"], capture_output=True, text=True, timeout=60, check=True,
                              stdin=subprocess.DEVNULL)
        command = table[name] = parse(name, done.stdout)
        for child in command.subcommands:
            walk(f"{name} {child}".strip())

    walk("")
    return table
