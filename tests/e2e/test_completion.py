"""Completion in the real shells, the manual pages under the real formatters."""

import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import time
import unittest

from bench import IMPRINT, PATIENCE, Factory, FactoryTest, wait_for

ESCAPES = re.compile(r"\x1b(\[[0-9;?>=]*[A-Za-z]|[()=>][A-Z0-9]?|\][^\x07]*\x07)")

# What is typed before the tab, and the words that the command has been given then. All three shells have to agree.
CASES = [
    ("pre", ["prepare"]),
    ("registry pol", ["registry", "policy"]),
    ("prepare --dry", ["prepare", "--dry-run"]),
    ("ledger list --outcome pas", ["ledger", "list", "--outcome", "passed"]),
    ("ledger list --outcome=pas", ["ledger", "list", "--outcome=passed"]),
    ("prepare --port /dev/ttyIMP", ["prepare", "--port", "/dev/ttyIMPRINT7"]),
    ("prepare -p /dev/ttyIMP", ["prepare", "-p", "/dev/ttyIMPRINT7"]),
    ("prepare --lot order", ["prepare", "--lot", "order-17"]),
    ("lot show two", ["lot", "show", "two words"]),
    ("lot show back", ["lot", "show", "back\\slash\\:"]),
    ("lot open new --chip esp32h", ["lot", "open", "new", "--chip", "esp32h2"]),
    ("prepare --set identity.thing_t", ["prepare", "--set", "identity.thing_type="]),
    ("prepare --set identity.key=r", ["prepare", "--set", "identity.key=rsa-2048"]),
    ("prepare --config my", ["prepare", "--config", "my config.toml"]),
    ("prepare --config=my", ["prepare", "--config=my config.toml"]),
    ("prepare --port bays/b", ["prepare", "--port", "bays/bay0"]),
    ("prepare --set ledger.path=my", ["prepare", "--set", "ledger.path=my config.toml"]),
    ("registry serve --state sta", ["registry", "serve", "--state", "state/"]),
]

# In bash, whose quotes the program itself has to keep to: a lot's name never becomes a command.
IN_QUOTES = [
    ("lot show 'quo", ["lot", "show", "quote';touch made-by-a-lot #"]),
    ("lot show 'quote'\\'';tou", ["lot", "show", "quote';touch made-by-a-lot #"]),
    ('lot show "quo', ["lot", "show", "quote';touch made-by-a-lot #"]),
    ("lot show quo", ["lot", "show", "quote';touch made-by-a-lot #"]),
    ('lot show "hist', ["lot", "show", "history!imprint"]),
    ("lot show hist", ["lot", "show", "history!imprint"]),
]

# The command is not run, only told what it was given; the shell's own script asks the program itself.
TELL = r"""
imprint() {
    if [ "$1" = complete ]; then command imprint "$@"; return; fi
    printf '%s\0' "$@" > told.new && mv told.new told
}
"""


class Terminal:
    """A shell at a terminal, as somebody sits before it."""

    def __init__(self, command, folder, environment):
        self.shown = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def read(self):
        while select.select([self.terminal], [], [], 0.02)[0]:
            self.shown += os.read(self.terminal, 65536).decode(errors="replace")
        return ESCAPES.sub("", self.shown)

    def wait_for(self, text):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if text in self.read():
                return
        raise AssertionError(f"{text!r} was never shown:\n{self.read()}")


class Completion(FactoryTest):
    @classmethod
    def setUpClass(cls):
        cls.factory = Factory(boards=0, registry=False)
        cls.addClassCleanup(cls.factory.close)
        folder = cls.folder = cls.factory.folder
        (folder / "imprint.toml").write_text(
            '[station]\nports = ["/dev/ttyIMPRINT7"]\n[ledger]\npath = "ledger.sqlite"\n')
        (folder / "my config.toml").write_text("")
        (folder / "state").mkdir()
        (folder / "status.txt").write_text("no folder")
        (folder / "bays").mkdir()
        (folder / "bays" / "bay0").write_text("")
        for lot in ("order-17", "two words", "quote';touch made-by-a-lot #", "history!imprint", "back\\slash\\:"):
            outcome = cls.factory.run("lot", "open", lot)
            if outcome.status != 0:
                raise AssertionError(outcome)
        cls.made = folder / "made"
        subprocess.run([IMPRINT, "reference", "write", cls.made, "--date", "2026-11-30"], check=True)
        # The program under its own name, as it is installed.
        (folder / "bin").mkdir()
        (folder / "bin" / "imprint").symlink_to(IMPRINT)

    def environment(self, **more):
        return self.factory.environment(PATH=f"{self.folder / 'bin'}:{os.environ['PATH']}", TERM="vt100", PS1="$ ",
                                        **more)

    def files(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.name != "told")

    def ask_terminal(self, terminal, cases=CASES):
        before = self.files()
        told = self.folder / "told"
        for typed, words in cases:
            with self.subTest(typed=typed):
                told.unlink(missing_ok=True)
                terminal.type(f"imprint {typed}\t")
                terminal.type("\r")
                try:
                    wait_for("the command", told.exists)
                except AssertionError as late:
                    raise AssertionError(f"{late}\n{terminal.read()[-2000:]}") from late
                self.assertEqual(told.read_bytes().decode().split("\0")[:-1], words)
        self.assertEqual(self.files(), before)

    def terminal(self, command, **more):
        terminal = Terminal(command, self.folder, self.environment(**more))
        self.addCleanup(terminal.close)
        return terminal

    def test_bash(self):
        script = self.made / "completions" / "bash" / "imprint"
        (self.folder / "bashrc").write_text(f"{TELL}\n. {shlex.quote(str(script))}\n"
                                            "bind 'set enable-bracketed-paste off'\nPS1='READY '\n")
        terminal = self.terminal(["bash", "--noprofile", "--rcfile", "bashrc", "-i"])
        terminal.wait_for("READY ")
        self.ask_terminal(terminal, CASES + IN_QUOTES)
        terminal.type("imprint registry policy \t\t")
        terminal.wait_for("versions")

    def test_bash_finds_it_by_the_programs_name(self):
        """As bash-completion loads it from where a package puts it."""
        place = self.folder / "home" / ".local" / "share" / "bash-completion" / "completions"
        place.mkdir(parents=True)
        shutil.copy(self.made / "completions" / "bash" / "imprint", place)
        loaded = subprocess.run(
            ["bash", "--norc", "-c", ". /usr/share/bash-completion/bash_completion; "
             "_completion_loader imprint; complete -p imprint"],
            capture_output=True, text=True, env=self.environment(), timeout=PATIENCE)
        self.assertIn("-F _imprint imprint", loaded.stdout, loaded.stderr)
        shutil.rmtree(self.folder / "home" / ".local")

    def test_zsh(self):
        """Loaded by compinit from a folder of functions, as packages have it."""
        (self.folder / "zsh").mkdir()
        (self.folder / "zsh" / ".zshrc").write_text(
            f"{TELL}\nfpath=({shlex.quote(str(self.made / 'completions' / 'zsh'))} $fpath)\n"
            "autoload -Uz compinit\ncompinit -u -D\nunset zle_bracketed_paste\n"
            "setopt no_auto_remove_slash\nPS1='READY '\n")
        terminal = self.terminal(["zsh", "-d", "-i"], ZDOTDIR=self.folder / "zsh")
        terminal.wait_for("READY ")
        self.ask_terminal(terminal)
        terminal.type("imprint registry policy \t")
        terminal.wait_for("versions")
        terminal.wait_for("-- ")  # with what each means

    def test_fish(self):
        script = self.made / "completions" / "fish" / "imprint.fish"
        before = self.files()
        asked = "\n".join(f"echo '?'; complete -C {shlex.quote('imprint ' + typed)}" for typed, _ in CASES)
        answer = subprocess.run(["fish", "--no-config", "-c", f"source {shlex.quote(str(script))}\n{asked}"],
                                capture_output=True, text=True, cwd=self.folder, env=self.environment(),
                                timeout=PATIENCE)
        self.assertEqual(answer.stderr, "")
        answers = answer.stdout.split("?\n")[1:]
        self.assertEqual(len(answers), len(CASES))
        for (typed, words), lines in zip(CASES, answers, strict=True):
            with self.subTest(typed=typed):
                offered = [line.split("\t")[0].replace("\\ ", " ") for line in lines.splitlines()]
                self.assertEqual(offered, words[-1:])
        self.assertIn("\tPrepare boards: identity", answers[0])
        # Of its own accord fish writes its history and its variables, into its own folders.
        self.assertEqual([name for name in self.files() if not name.startswith("home/")],
                         [name for name in before if not name.startswith("home/")])

    def complete(self, *words, folder=None):
        return subprocess.run([IMPRINT, "complete", *words], capture_output=True, text=True, timeout=PATIENCE,
                              cwd=folder or self.folder, env=self.environment())

    def test_each_shells_script_is_printed(self):
        for shell, file in (("bash", "bash/imprint"), ("zsh", "zsh/_imprint"), ("fish", "fish/imprint.fish")):
            printed = self.factory.run("completion", shell)
            self.assert_status(printed, 0)
            self.assertEqual(printed.output, (self.made / "completions" / file).read_text())
        self.assert_status(self.factory.run("completion", "tcsh"), 2)

    def test_whatever_is_wrong_nothing_is_said(self):
        broken = self.folder / "broken"
        broken.mkdir()
        self.addCleanup(shutil.rmtree, broken)
        (broken / "imprint.toml").write_text("[station\n")
        (broken / "imprint-ledger.sqlite").write_text("no ledger")
        for words in ([], ["words"], ["bash"], ["bash", "x"], ["nonsense", "x"], ["words", ""], ["--help"], ["words", "--help"],
                      ["words", "prepare", "--lot", ""], ["words", "prepare", "--config", "none.toml", "--lot", ""],
                      ["words", "lot", "show", ""], ["words", "\x1b", "\x1b"], ["words", "prepare", "--port", ""]):
            with self.subTest(words=words):
                answer = self.complete(*words, folder=broken)
                self.assertEqual((answer.returncode, answer.stderr), (0, ""))
                self.assertNotIn("error", answer.stdout.splitlines()[:1])
        self.assertEqual(sorted(path.name for path in broken.iterdir()), ["imprint-ledger.sqlite", "imprint.toml"])


class Manual(FactoryTest):
    @classmethod
    def setUpClass(cls):
        cls.factory = Factory(boards=0, registry=False)
        cls.addClassCleanup(cls.factory.close)
        subprocess.run([IMPRINT, "reference", "write", cls.factory.folder, "--date", "2026-11-30"], check=True)
        cls.pages = sorted((cls.factory.folder / "man").iterdir())

    def test_each_command_of_the_help_has_a_page(self):
        listed = self.factory.run("--help").output.split("Commands:")[1].split("\n\n")[0]
        commands = re.findall(r"^  ([a-z]+) ", listed, re.M)
        self.assertIn("prepare", commands)
        names = {page.name for page in self.pages}
        self.assertIn("imprint.toml.5", names)
        for command in commands:
            self.assertIn(f"imprint-{command}.1", names)

    def test_mandoc_finds_nothing_to_complain_of(self):
        lint = subprocess.run(["mandoc", "-T", "lint", *self.pages], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((lint.returncode, lint.stdout, lint.stderr), (0, "", ""))

    def test_groff_warns_of_nothing(self):
        # One process for all pages: a formatter starts slowly.
        set_ = subprocess.run(["groff", "-Tutf8", "-man", "-ww", "-z", *self.pages], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual((set_.returncode, set_.stderr), (0, ""))

    def test_man_shows_a_page_as_it_is_meant(self):
        page = self.factory.folder / "man" / "imprint-registry-policy-check.1"
        shown = subprocess.run(["man", "--warnings", "-l", page], capture_output=True, text=True, timeout=PATIENCE,
                               env=self.factory.environment(MANWIDTH="80", MAN_KEEP_FORMATTING="", PAGER="cat"))
        self.assertEqual(shown.stderr, "")
        self.assertLessEqual(max(map(len, shown.stdout.splitlines())), 80)
        for part in ("imprint-registry-policy-check - ", "--action ACTION", "EXIT STATUS", "SEE ALSO"):
            self.assertIn(part, shown.stdout)

    def test_whatis_finds_the_name_and_what_it_is(self):
        folder = self.factory.folder / "pages" / "man1"
        folder.mkdir(parents=True)
        shutil.copy(self.factory.folder / "man" / "imprint-prepare.1", folder)
        found = subprocess.run(["lexgrog", folder / "imprint-prepare.1"], capture_output=True, text=True,
                               timeout=PATIENCE)
        self.assertIn("imprint-prepare - prepare boards", found.stdout)


if __name__ == "__main__":
    unittest.main()
