"""docs/commands.md is what the program says; and what pages say of commands is what there is."""

import importlib.machinery
import importlib.util
import json
import os
import unittest

import command_lines
import command_table
import markdown

IMPRINT = os.environ.get("IMPRINT", str(markdown.ROOT / "build" / "imprint"))


class Commands(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.table = command_table.read(IMPRINT)

    def test_the_reference_is_what_the_program_says(self):
        path = markdown.ROOT / "scripts" / "command_reference"
        loader = importlib.machinery.SourceFileLoader("command_reference", str(path))
        reference = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
        loader.exec_module(reference)
        self.assertEqual((markdown.ROOT / "docs" / "commands.md").read_text(), reference.page(self.table),
                         "docs/commands.md is made anew by scripts/command_reference")

    def test_every_command_and_option_in_a_page_exists(self):
        wrong = []
        for path in markdown.pages():
            if path.name == "CHANGELOG.md":  # of what was, too
                continue
            page = markdown.read(path)
            texts = [(fence.line, fence.content, False) for fence in page.fences]
            texts += [(line, code, True) for line, code in page.code()]
            # A block that is indented, as Markdown has it too.
            texts += [(line, text, False) for line, text in page.prose if text.startswith("    ")]
            for line, text, mentioned in texts:
                wrong += [f"{path.relative_to(markdown.ROOT)}:{line}: {found}"
                          for found in command_lines.troubles(text, self.table, mentioned)]
        self.assertEqual(wrong, [])

    def test_every_example_of_the_help_exists(self):
        wrong = {command.full_name: found for command in self.table.values()
                 if (found := command_lines.troubles("\n".join(command.examples), self.table))}
        self.assertEqual(wrong, {})


HELP = """Boards by hand.

Usage: imprint board flash [options] FILE…

Arguments:
  FILE  what is written; several may
        follow each other

Options:
  -p, --port PORT   a board's serial port
  --force           all the same
  --format F:{a,b}  one of them

Example:
  imprint board flash app.bin
"""


class Reader(unittest.TestCase):
    """The reader that the others trust."""

    def setUp(self):
        root = command_table.Command("", sections={"Commands": [command_table.Row("board", "")]})
        board = command_table.Command("board", sections={"Commands": [command_table.Row("flash", ""),
                                                                      command_table.Row("info", "")]})
        self.table = {"": root, "board": board, "board flash": command_table.parse("board flash", HELP),
                      "board info": command_table.Command("board info")}

    def test_a_help_page_is_read(self):
        command = self.table["board flash"]
        self.assertEqual(command.arguments[0].meaning, "what is written; several may follow each other")
        self.assertEqual(sorted(command.options()), ["--force", "--format", "--port", "-p"])
        self.assertTrue(command.options()["-p"].takes_value)
        self.assertTrue(command.options()["--format"].takes_value)
        self.assertFalse(command.options()["--force"].takes_value)
        self.assertEqual(command.examples, ["imprint board flash app.bin"])

    def test_the_programs_own_table_is_read(self):
        option = {"names": ["-p", "--port"], "label": "-p, --port PORT", "meaning": "a port", "group": "Options",
                  "variable": "PORT"}
        file = {"names": ["FILE"], "label": "FILE", "meaning": "a file", "group": "Options"}
        table = command_table.from_json(json.dumps({"commands": [
            {"path": "imprint", "meaning": "all", "usage": "", "commands": ["imprint board"], "arguments": [],
             "options": [], "examples": []},
            {"path": "imprint board", "meaning": "one", "usage": "imprint board [options] FILE", "commands": [],
             "arguments": [file], "options": [option], "examples": [{"line": "imprint board x", "purpose": "why"}]}]}))
        self.assertEqual(table[""].subcommands, ["board"])
        board = table["board"]
        self.assertEqual([row.label for row in board.arguments], ["FILE"])
        self.assertEqual(board.options()["-p"].meaning, "a port [PORT]")
        self.assertEqual(board.examples, ["imprint board x  # why"])
        self.assertEqual(command_lines.troubles("imprint board --prot", table),
                         ["imprint board has no --prot: imprint board --prot"])

    def assert_wrong(self, line, *words):
        found = command_lines.troubles(line, self.table)
        self.assertTrue(found, line)
        for word in words:
            self.assertIn(word, found[0])

    def test_what_is_not_there_is_found(self):
        self.assert_wrong("imprint bord info", "bord")
        self.assert_wrong("imprint board flash --prot x a.bin", "--prot")
        self.assert_wrong("imprint board info a.bin", "a.bin")
        self.assert_wrong("cd x && sudo -u me imprint board flash \\\n  --no a", "--no")
        self.assert_wrong("A=1 build/imprint board flash --port", "no value")
        self.assert_wrong("$ imprint boards | head", "boards")
        self.assert_wrong("imprint board info|falsh", "falsh")

    def test_what_is_there_passes(self):
        for line in ("imprint board flash -p /dev/ttyUSB0 --force a.bin b.bin > log 2>&1 &", "imprint board info|flash",
                     "imprint board …", "imprint: connected as {mac}", "imprint board flash --format=a a.bin # why",
                     "git clone x imprint && cd imprint"):
            self.assertEqual(command_lines.troubles(line, self.table), [], line)

    def test_a_sentence_may_leave_values_out_and_the_rest_has_to_be_right(self):
        for line in ("imprint board flash --port", "imprint board flash [--force]"):
            self.assertEqual(command_lines.troubles(line, self.table, mentioned=True), [], line)
        self.assertTrue(command_lines.troubles("imprint board flash [--farce]", self.table, mentioned=True))


if __name__ == "__main__":
    unittest.main()
