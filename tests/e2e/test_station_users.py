"""Who may log in to the station's page, as `imprint station user` has it."""

import json
import os
import pathlib
import pty
import select
import subprocess
import tempfile
import termios
import time
import unittest

from bench import IMPRINT, PATIENCE

SECRET = "correct-canary-battery"


class StationUsers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="imprint-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.users = self.folder / "imprint-users.txt"

    def user(self, *words, typed=""):
        done = subprocess.run([IMPRINT, "station", "user", *words], cwd=self.folder, input=typed, text=True,
                              capture_output=True, timeout=PATIENCE)
        self.assertNotIn(SECRET, done.stdout + done.stderr)
        return done

    def code(self, *words, typed=""):
        done = self.user(*words, "--json", typed=typed)
        return json.loads(done.stdout.splitlines()[-1]).get("code"), done.returncode

    def test_users_come_and_go(self):
        done = self.user("add", "anna", "--role", "engineer", "--json", typed=SECRET + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        event = json.loads(done.stdout)
        self.assertEqual((event["event"], event["name"], event["role"], event["change"]),
                         ("page_user", "anna", "engineer", "added"))
        self.assertEqual(self.user("add", "bert", typed=SECRET).returncode, 0)
        self.assertEqual(self.users.stat().st_mode & 0o777, 0o600)
        text = self.users.read_text()
        self.assertIn("anna engineer $argon2id$v=19$m=65536,t=2,p=1$", text)
        self.assertNotIn(SECRET, text)
        self.assertEqual([line.split() for line in self.user("list").stdout.splitlines()],
                         [["user", "role"], ["anna", "engineer"], ["bert", "operator"]])
        self.assertIn("has a new password", self.user("password", "bert", typed=SECRET + "2\n").stdout)
        self.assertNotEqual(self.users.read_text().split("bert")[1], text.split("bert")[1])
        self.assertEqual(self.user("remove", "anna").returncode, 0)
        self.assertNotIn("anna", self.users.read_text())

    def test_what_is_wrong_is_one_error(self):
        self.assertEqual(self.user("add", "anna", typed=SECRET + "\n").returncode, 0)
        self.assertEqual(self.code("add", "anna", typed=SECRET + "\n"), ("user_exists", 2))
        self.assertEqual(self.code("add", "an na", typed=SECRET + "\n"), ("user_invalid", 2))
        self.assertEqual(self.code("add", "bert", typed="short\n"), ("user_invalid", 2))
        self.assertEqual(self.code("add", "bert", typed=""), ("user_invalid", 2))
        self.assertEqual(self.code("add", "bert", typed=f"{SECRET}\n{SECRET}\n"), ("user_invalid", 2))
        self.assertEqual(self.code("remove", "bert"), ("user_unknown", 2))
        self.assertEqual(self.code("password", "bert", typed=SECRET + "\n"), ("user_unknown", 2))
        self.users.chmod(0o640)
        self.assertEqual(self.code("list"), ("secret_exposed", 3))
        self.users.chmod(0o600)
        self.users.write_text("anna\n")
        self.assertEqual(self.code("list"), ("users_damaged", 3))

    def test_a_repository_does_not_get_the_file(self):
        subprocess.run(["git", "init", "-q", "."], cwd=self.folder, check=True)
        self.assertEqual(self.code("add", "anna", typed=SECRET + "\n"), ("git_would_track", 3))
        (self.folder / ".gitignore").write_text("/imprint-users.txt*\n")
        self.assertEqual(self.user("add", "anna", typed=SECRET + "\n").returncode, 0)

    def at_terminal(self, *answers):
        """What the terminal shows of `user add anna`, and its exit code; each answer follows a question."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execv(IMPRINT, [IMPRINT, "station", "user", "add", "anna"])
        self.addCleanup(os.close, terminal)
        self.terminal = terminal
        shown, left = "", list(answers)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                shown += os.read(terminal, 4096).decode()
            except OSError:  # its other end is gone
                break
            if left and shown.count(": ") > len(answers) - len(left):
                os.write(terminal, left.pop(0).encode())
        return shown, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def test_a_terminal_shows_nothing_of_it(self):
        shown, status = self.at_terminal(SECRET + "\n", SECRET + "\n")
        self.assertEqual(status, 0, shown)
        self.assertIn("New password of anna: ", shown)
        self.assertIn("Once more: ", shown)
        self.assertNotIn(SECRET, shown)
        self.assertIn("anna operator $argon2id$", self.users.read_text())

    def test_two_that_differ_are_none(self):
        shown, status = self.at_terminal(SECRET + "\n", SECRET + "x\n")
        self.assertEqual(status, 2, shown)
        self.assertIn("differ", shown)
        self.assertFalse(self.users.exists())

    def test_an_interrupt_leaves_the_terminal_as_it_was(self):
        shown, status = self.at_terminal("\x03")
        self.assertEqual(status, 130, shown)
        self.assertTrue(termios.tcgetattr(self.terminal)[3] & termios.ECHO)
        self.assertFalse(self.users.exists())


if __name__ == "__main__":
    unittest.main(warnings="ignore")
