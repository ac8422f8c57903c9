"""Command lines in the pages: each `imprint …` held against the table of commands, without running it."""

import re
import shlex

# What stands in the place of something that a person puts in.
PLACEHOLDER = re.compile(r"(…|\.\.\.|^\[options\])$")
EITHER = "¦"


def simple_commands(line):
    """The commands of a shell line: split at &&, ||, ;, | and &, without redirections and comments. One of several
    words (info|flash) stays one word."""
    line = re.sub(r"(?<=\w)\|(?=\w)", EITHER, line)
    words = shlex.shlex(line.rstrip("\\"), posix=True, punctuation_chars="&|;<>()")
    words.whitespace_split = True
    words.commenters = "#"
    command = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word and set(word) <= set("&|;()"):
            if command:
                yield command
            command = []
        elif word and set(word) <= set("<>&"):
            skip = True
            if command and command[-1] in ("1", "2"):
                command.pop()
        else:
            command.append(word)
    if command:
        yield command


def own(words):
    """The words behind `imprint`, or None for another program's line."""
    words = list(words)
    while words and re.match(r"[A-Za-z_]\w*=", words[0]):
        words.pop(0)
    if words[:2] == ["sudo", "-u"]:
        words = words[3:]
    if words and (words[0] == "imprint" or words[0].endswith("build/imprint")):
        return words[1:]
    return None


def trouble(words, table, mentioned=False):
    """What is wrong with the words behind `imprint`; None if nothing is. Where a sentence mentions a command, its last
    option need not have its value, and what may be left out is in brackets."""
    command = table[""]
    words = [word.strip("[]") if mentioned else word for word in words]
    while words:
        word = words.pop(0)
        if PLACEHOLDER.search(word) or word == "COMMAND":
            return None
        if word == "--":
            return None
        if word.startswith("-") and len(word) > 1:
            name, equals, _ = word.partition("=")
            row = command.options().get(name)
            if row is None:
                return f"{command.full_name} has no {name}"
            if row.takes_value and not equals:
                if not words and not mentioned:
                    return f"{name} of {command.full_name} has no value"
                words = words[1:]
        elif word in command.subcommands:
            command = table[f"{command.name} {word}".strip()]
        elif EITHER in word and set(word.split(EITHER)) <= set(command.subcommands):
            return None
        elif not command.arguments:
            return f"{command.full_name} takes no {word.replace(EITHER, '|')!r}"
    return None


def joined(text):
    """The lines of a block, with those that go on behind a backslash as one."""
    return text.replace("\\\n", " ").splitlines()


def troubles(text, table, mentioned=False):
    """What is wrong with a block or a code in a line, as sentences."""
    found = []
    for line in joined(text):
        line = re.sub(r"^\s*[$#] (?=\S)", "", line) if re.match(r"\s*[$#] (sudo |imprint|build/imprint)", line) else line
        if "imprint" not in line:
            continue
        try:
            commands = list(simple_commands(line.replace("<(", "(")))
        except ValueError:  # a quotation that goes over several lines: JSON, a shell's -c
            continue
        for words in commands:
            behind = own(words)
            if behind is None:
                continue
            wrong = trouble(behind, table, mentioned)
            if wrong:
                found.append(f"{wrong}: {line.strip()}")
    return found
