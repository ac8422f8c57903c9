"""A private key is in the board, in the archive when there is one, and nowhere else."""

import base64
import json
import os
import pathlib
import threading
import unittest

from bench import FactoryTest


def traces_of(pem):
    """What of a key could be found again: lines of its PEM, its bytes, their hex."""
    lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
    raw = base64.b64decode("".join(lines))
    # Past the public half and the frame: for an EC key (SEC1) the scalar is at offset 7, 32 bytes.
    scalar = raw[7:39]
    return [lines[0].encode(), scalar, scalar.hex().encode(), base64.b64encode(scalar)[:40]]


class Secrets(FactoryTest):
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
