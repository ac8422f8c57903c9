"""A private key is in the board, in the archive when there is one, and nowhere else."""

import base64
import json
import os
import pathlib
import pty
import re
import signal
import sqlite3
import threading
import unittest

from bench import FactoryTest


def traces_of(pem):
    """What of a key could be found again: lines of its PEM, its bytes, their hex."""
    lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
    raw = base64.b64decode("".join(lines))
    # Past the public half and the frame: for an EC key (SEC1) the scalar is at offset 7, 32 bytes; an
    # RSA key's private numbers begin behind its modulus.
    start = 7 if len(raw) < 400 else 700
    scalar = raw[start:start + 32]
    return [lines[start // 48].encode(), scalar, scalar.hex().encode(), base64.b64encode(scalar)[:40]]


def memory_of(pid):
    """What a core dump of the process would hold: each of its writable regions."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if not found:
                continue
            start, end = (int(text, 16) for text in found.groups())
            try:
                memory.seek(start)
                yield line.strip(), memory.read(end - start)
            except OSError:
                continue


class Secrets(FactoryTest):
    def assert_not_in_memory(self, process, traces, what):
        """The process has done with the key and goes on: it has wiped each copy that it had."""
        found = [f"{name} of the key in {region}" for region, content in memory_of(process.pid)
                 for name, trace in zip(("a line of the PEM", "the scalar", "its hex", "its base64"), traces)
                 if trace in content]
        self.assertEqual(found, [], what)

    def run_and_look(self, factory, key_file, *command):
        """A second port at which nobody answers keeps the process going once the board has passed."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        # Else nobody but root may look into it.
        process = factory.popen(*command, "--port", factory.port(0), "--port", os.ttyname(slave), "--json",
                                environment=factory.environment(IMPRINT_DEBUG="1"))
        before = []
        try:
            for line in process.stdout:
                if '"step":"verify"' in line:
                    # The board is about to boot with the key, and the process still holds it.
                    process.send_signal(signal.SIGSTOP)
                    before = [content for _, content in memory_of(process.pid)]
                    process.send_signal(signal.SIGCONT)
                if '"board_passed"' in line:
                    traces = traces_of(key_file.read_text())
                    self.assertTrue(any(traces[0] in content for content in before),
                                    "what is looked for was there to be found")
                    self.assert_not_in_memory(process, traces, command)
                    self.assertIsNone(process.poll(), "the process was still there")
                    return traces
            self.fail("the board did not pass")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def test_a_process_that_has_done_with_a_key_has_wiped_it_from_its_memory(self):
        factory = self.factory()
        factory.configure(credentials={"archive": "aws_credentials"})
        key_file = factory.folder / "aws_credentials" / f"{factory.mac()}.private.pem.key"
        former = self.run_and_look(factory, key_file, "prepare")
        rotated = self.run_and_look(factory, key_file, "registry", "rotate")
        self.assertNotEqual(former, rotated)

    def test_a_key_that_came_from_elsewhere_is_wiped_as_well(self):
        for name in ("aws-keys", "minted"):
            with self.subTest(issue=name):
                factory = self.factory()
                factory.make_authority()
                own_ca = {"certificate": "ca.pem", "key": "ca.key"}
                if name == "minted":
                    (factory.folder / "macs.txt").write_text(factory.mac() + "\n")
                    factory.configure(identity={"issue": "own-ca"}, identity__ca=own_ca)
                    self.assert_status(factory.run("registry", "mint", "minted", "--list", "macs.txt"), 0)
                factory.configure(identity={"issue": name, "minted": "minted"}, identity__ca=own_ca,
                                  credentials={"archive": "aws_credentials"})
                self.run_and_look(factory, factory.folder / "aws_credentials" / f"{factory.mac()}.private.pem.key",
                                  "prepare")

    def test_other_ways_to_a_key_tell_nothing_of_it_either(self):
        factory = self.factory()
        factory.make_authority()
        factory.configure(identity={"issue": "own-ca"}, identity__ca={"certificate": "ca.pem", "key": "ca.key"})
        (factory.folder / "macs.txt").write_text("246f28100000\n")
        told = b""
        for command in (["prepare", "--port", factory.port(0)], ["registry", "rotate", "--stage", "images", factory.mac()],
                        ["registry", "mint", "minted", "--list", "macs.txt", "--images"],
                        ["registry", "export", "minted", "out.csv"], ["registry", "register", "minted"]):
            done = factory.run("-v", *command, "--json")
            self.assert_status(done, 0)
            told += (done.output + done.errors).encode()
        self.assertNotIn(b"PRIVATE KEY", told)
        with sqlite3.connect(factory.folder / "minted" / "identities.sqlite") as database:
            keys = [row[0] for row in database.execute("SELECT private_key_pem FROM identities")]
        keys.append((factory.folder / "ca.key").read_text().split("-----END EC PARAMETERS-----")[-1])
        for key in keys:
            for trace in traces_of(key):
                self.assertNotIn(trace, told)
        # Whatever holds a key is its owner's alone.
        holding = [path for path in factory.folder.rglob("*")
                   if path.is_file() and not path.is_symlink() and b"PRIVATE KEY-----" in path.read_bytes()]
        for path in holding:
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)
        named = {path.relative_to(factory.folder).parts[0] for path in holding}
        self.assertEqual(named, {"ca.key", "images", "minted", "registry", "bays"})

    def test_the_key_is_nowhere_but_in_files_for_its_owner_alone(self):
        factory = self.factory()
        factory.configure(credentials={"archive": "aws_credentials"})
        arguments = set()
        done = threading.Event()

        def watch_arguments():
            while not done.is_set():
                for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                    try:
                        arguments.add(process.read_bytes())
                    except OSError:
                        pass

        watcher = threading.Thread(target=watch_arguments)
        watcher.start()
        try:
            outcome = factory.run("-v", "prepare", "--json", "--port", factory.port(0))
        finally:
            done.set()
            watcher.join()
        self.assert_status(outcome, 0)
        key_file = factory.folder / "aws_credentials" / f"{factory.mac()}.private.pem.key"
        self.assertEqual(key_file.stat().st_mode & 0o777, 0o600)
        traces = traces_of(key_file.read_text())
        secret = [line.partition("=")[2].strip() for line in (factory.state / "credentials").read_text().splitlines()
                  if line.startswith("aws_secret_access_key")][0].encode()

        told = (outcome.output + outcome.errors).encode()
        for trace in [*traces, secret]:
            self.assertNotIn(trace, told)
            self.assertFalse([line for line in arguments if trace in line])
        # Every file of the factory: the key may be in the archive and in the board's own flash.
        allowed = {key_file}
        searched = 0
        for path in factory.folder.rglob("*"):
            if not path.is_file() or path.is_symlink() or path in allowed:
                continue
            content = path.read_bytes()
            searched += 1
            for trace in traces:
                if trace in content:
                    self.assertTrue(path.suffix == ".flash", f"the key is in {path}")
                    self.assertEqual(path.stat().st_mode & 0o077, 0, path)
            if secret in content:
                self.assertEqual(path.stat().st_mode & 0o077, 0, f"the AWS secret is open to others in {path}")
        self.assertGreater(searched, 5)
        # Nothing was left in the temporary folder.
        for path in pathlib.Path("/tmp").glob("imprint*"):
            if path.is_file():
                self.assertFalse(any(trace in path.read_bytes() for trace in traces), path)

    def test_without_an_archive_the_key_is_only_in_the_board(self):
        factory = self.factory()
        self.assert_status(factory.prepare(), 0)
        holding = []
        for path in factory.folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and b"PRIVATE KEY-----" in path.read_bytes():
                holding.append(path.relative_to(factory.folder))
        allowed = [path for path in holding if path.suffix == ".flash" or path.parts[0] == "registry"]
        self.assertEqual(holding, allowed)
        for path in holding:
            self.assertEqual((factory.folder / path).stat().st_mode & 0o077, 0, path)
        # The registry's folder holds its authority's key and its broker's, none of the board's.
        self.assertTrue(all(path.parts[0] != "registry" or path.parts[1] in ("ca", "broker") for path in holding),
                        holding)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
