"""The guides' commands, run in order by one shell, on simulated boards and a local registry.

A fence says by its info string what becomes of it:

    ```sh                       is run; a command that fails fails the test
    ```sh exit=5                ends with 5
    ```sh until="2 passed"      runs until it says so, and is ended by ^C then
    ```sh not-run REASON        is read only; its commands and options have to exist (test_commands.py)
    ```console                  each line behind "$ " is run; the other lines are what it says, but for numbers
    ```toml                     is put into imprint.toml

What a reader has and the test has not stands in for it: a registry in place of the account, simulated boards behind
/dev/ttyUSB0 and /dev/ttyUSB1, and a firmware for them in place of the project's own."""

import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import unittest

import markdown
from edit_config import edit

sys.path.insert(0, str(markdown.ROOT / "tests" / "e2e"))
from bench import Factory, IMPRINT, wait_for  # noqa: E402

PATIENCE = 120  # seconds for all commands of a guide
HERE = pathlib.Path(__file__).resolve().parent
MARK = "@@@"  # a line that begins so is the test's own

# Waits for what a program in the background makes when it is ready, and for what it says; both bounded by PATIENCE.
SHELL = f"""set -euo pipefail
there() {{ until [ -e "$1" ]; do sleep 0.05; done; }}
ended() {{ [ "$1" = "$2" ] || {{ echo "{MARK} exit $1 and not $2"; exit 1; }}; }}
until_it_says() {{
    local words=$1 status=0 from
    from=$(wc -c < "$OUTPUT")
    bash -c "$2" & local job=$!
    until tail -c +"$((from + 1))" "$OUTPUT" | grep -qF -- "$words"; do
        kill -0 $job 2> /dev/null || {{ echo "{MARK} it ended and did not say: $words"; exit 1; }}
        sleep 0.05
    done
    kill -INT $job
    wait $job || status=$?
    ended $status 0
}}
"""


class Guide(Factory):
    """A folder as the guide's reader has it: the project in my-project, built; nothing of Imprint's yet."""

    FIRST = "246f28a1b2c3"  # the MAC that the pages have in their examples

    def __init__(self):
        super().__init__(boards=2)
        for path in ("policy.json", "imprint.toml"):
            (self.folder / path).unlink()
        self.project.rename(self.folder / "my-project")
        self.ports = self.folder / "dev"
        self.ports.mkdir()
        for i in range(2):
            (self.ports / f"ttyUSB{i}").symlink_to(self.port(i))
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "imprint").symlink_to(IMPRINT)

    def start_boards(self):
        self.boards_process = self.spawn("simulate", "board", "--count", self.boards, "--dir", self.bays,
                                         "--mac", self.FIRST, log="boards.log")
        wait_for("the boards", lambda: all(self.port(i).exists() for i in range(self.boards)), self.boards_process)

    def here(self, text):
        """A guide's text with this folder's own ports."""
        return text.replace("/dev/ttyUSB", f"{self.ports}/ttyUSB")

    def follow(self, page):
        """Runs all of it; gives status, and output with a line of MARK before each block or command."""
        script = SHELL
        for number, fence in enumerate(page.fences):
            script += self.lines_of(number, fence)
        path = self.folder / "guide.sh"
        path.write_text(script)
        output = self.folder / "guide.out"
        environment = self.aws_environment()
        environment.update(PATH=f"{self.folder}/bin:{os.environ['PATH']}", OUTPUT=str(output),
                           IMPRINT_REGISTRY_PROVIDER="local", IMPRINT_REGISTRY_STATE=str(self.state),
                           IMPRINT_STATION_WATCH=str(self.bays), IMPRINT_PAGE_LISTEN="127.0.0.1:0")
        with open(output, "wb") as sink:
            shell = subprocess.Popen(["bash", path], stdout=sink, stderr=sink, stdin=subprocess.DEVNULL,
                                     cwd=self.folder / "my-project", env=environment, start_new_session=True)
            try:
                status = shell.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                status = f"none in {PATIENCE} s"
            finally:
                # What the guide has left in the background is in the shell's own session.
                try:
                    os.killpg(shell.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                shell.wait()
        return status, output.read_text(errors="replace")

    def lines_of(self, number, fence):
        mark = f'echo "{MARK} {fence.line}"\n'
        if fence.marks.startswith("not-run"):
            return ""
        if fence.language == "toml":
            block = self.folder / f"block-{number}.toml"
            block.write_text(self.here(fence.content))
            return f"{mark}/usr/bin/python3 -B {HERE}/edit_config.py {block}\n"
        if fence.language == "console":
            lines = ""
            for offset, line in enumerate(fence.content.splitlines()):
                if line.startswith("$ "):
                    lines += f'echo "{MARK} {fence.line + offset}"\n{self.here(line[2:])}\n'
            return lines
        if fence.language != "sh":
            return ""
        content = self.here(fence.content)
        if found := re.fullmatch(r"exit=(\d+)", fence.marks):
            return f"{mark}status=0\n(\n{content}) || status=$?\nended $status {found[1]}\n"
        if found := re.fullmatch(r'until="(.+)"', fence.marks):
            return f"{mark}until_it_says {shlex.quote(found[1])} {shlex.quote('exec ' + content.strip())}\n"
        if fence.marks:
            raise ValueError(f"line {fence.line}: no such mark: {fence.marks}")
        return mark + content + self.waits(content)

    @staticmethod
    def waits(content):
        lines = ""
        for line in content.splitlines():
            if not line.rstrip().endswith("&"):
                continue
            if found := re.search(r"registry serve --state (\S+)", line):
                lines += f"there {found[1]}/registry.json\n"
            elif found := re.search(r"simulate board .*--dir (\S+)", line):
                lines += f"there {found[1]}/bay0\n"
        return lines


def masked(line):
    """Without what is another one in each run."""
    line = re.sub(r"\b(?=[0-9a-f]*\d)[0-9a-f]{6,}\b", "#", line)
    return re.sub(r"\s+", " ", re.sub(r"\d+([.:]\d+)*", "0", line)).strip()


def differences(page, output, here):
    """Lines of the console blocks that the commands did not print, in that order."""
    said = {}
    for part in re.split(rf"^{MARK} ", output, flags=re.M)[1:]:
        number, _, text = part.partition("\n")
        said[int(number.split()[0])] = text
    wrong = []
    for fence in page.fences:
        if fence.language != "console" or fence.marks.startswith("not-run"):
            continue
        rest = iter(())
        for offset, line in enumerate(fence.content.splitlines()):
            if line.startswith("$ "):
                rest = iter([masked(text.replace(here, "/dev/")) for text in
                             said.get(fence.line + offset, "").splitlines()])
            elif line.strip() not in ("", "…") and masked(line) not in rest:
                wrong.append(f"line {fence.line + offset} was not said: {line}")
    return wrong


class Guides(unittest.TestCase):
    maxDiff = None

    def follow(self, name):
        page = markdown.read(markdown.ROOT / "docs" / "guides" / f"{name}.md")
        guide = Guide()
        self.addCleanup(guide.close)
        status, output = guide.follow(page)
        self.assertEqual(status, 0, f"docs/guides/{name}.md, the last line that begins with {MARK} says where:\n"
                                    f"{output[-6000:]}")
        self.assertEqual(differences(page, output, f"{guide.ports}/"), [], output[-6000:])

    def test_first_board(self):
        self.follow("first-board")

    def test_line(self):
        self.follow("line")

    def test_own_ca(self):
        self.follow("own-ca")

    def test_rotate(self):
        self.follow("rotate")

    def test_prepare_sh(self):
        self.follow("prepare-sh")

    def test_when_a_board_fails(self):
        self.follow("when-a-board-fails")

    def test_keys_and_threats(self):
        self.follow("keys-and-threats")


class Text(unittest.TestCase):
    def test_every_guide_is_followed_and_runs_something(self):
        for path in markdown.guides():
            self.assertTrue(hasattr(Guides, "test_" + path.stem.replace("-", "_")), path.name)
            fences = [fence for fence in markdown.read(path).fences if fence.language in ("sh", "console") and
                      not fence.marks.startswith("not-run")]
            self.assertTrue(fences, path.name)

    def test_what_is_not_run_says_why(self):
        for path in markdown.guides():
            for fence in markdown.read(path).fences:
                if fence.marks.startswith("not-run"):
                    self.assertGreater(len(fence.marks.split()), 2, f"{path.name}:{fence.line}")

    def test_every_code_of_an_error_that_a_guide_names_is_one(self):
        codes = set(re.findall(r"^\| `(\w+)` \|", (markdown.ROOT / "docs" / "errors.md").read_text(), re.M))
        self.assertGreater(len(codes), 100)
        page = markdown.read(markdown.ROOT / "docs" / "guides" / "when-a-board-fails.md")
        named = {code for _, line in page.prose if line.startswith("|")
                 for code in re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", line.split("|")[2])}
        self.assertGreater(len(named), 10)
        self.assertEqual(named - codes, set())


class Runner(unittest.TestCase):
    """What the others trust."""

    def test_a_line_that_was_not_said_is_found(self):
        page = markdown.parse("```console\n$ a\nPASS bay0, 1.2 s\n…\ndone\n```\n")
        self.assertEqual(differences(page, f"{MARK} 2\nfirst\nPASS bay3, 0.7 s\nx\ndone\n", "/x/"), [])
        self.assertEqual(len(differences(page, f"{MARK} 2\nFAIL bay0, 1.2 s\ndone\n", "/x/")), 2)
        self.assertEqual(len(differences(page, f"{MARK} 2\ndone\nPASS bay0, 1.2 s\n", "/x/")), 1)

    def test_a_key_goes_where_its_section_is(self):
        config = "[a]\n#key = 1\n\n[b]\nkey = 2\n"
        self.assertEqual(edit(config, "[b]\nkey = 3\n[c]\nnew = 4\n"),
                         "[a]\n#key = 1\n\n[b]\nkey = 3\n\n\n[c]\nnew = 4")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
