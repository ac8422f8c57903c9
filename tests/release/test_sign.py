"""scripts/sign, with a key that is made here: what was signed is verified, and nothing else is."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Sign(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.keys = self.make_key("keys")
        self.dist = self.folder / "dist"
        self.dist.mkdir()
        (self.dist / "imprint.deb").write_bytes(bytes(range(256)) * 64)
        (self.dist / "imprint.spdx.json").write_text("{}\n")

    def run_script(self, *arguments):
        return subprocess.run([sys.executable, "-B", ROOT / "scripts/sign", *arguments], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)

    def make_key(self, name):
        done = self.run_script("--make-key", self.folder / name, "--no-password")
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.folder / name

    def sign(self):
        done = self.run_script("--key", self.keys / "imprint.key", self.dist)
        self.assertEqual(done.returncode, 0, done.stderr)

    def verify(self, *more, public=None):
        return self.run_script("--verify", "--public", public or self.keys / "imprint.pub", *more, self.dist)

    def assert_refused(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_what_was_signed_is_verified_with_and_without_the_script(self):
        self.sign()
        done = self.verify()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 files", done.stdout)
        # As docs/releases.md tells it.
        by_hand = subprocess.run(["minisign", "-Vm", "SHA256SUMS", "-p", self.keys / "imprint.pub"], cwd=self.dist,
                                 capture_output=True, text=True, timeout=60)
        self.assertEqual(by_hand.returncode, 0, by_hand.stdout + by_hand.stderr)
        self.assertIn("Trusted comment: imprint ", by_hand.stdout)
        sums = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=self.dist, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(sums.returncode, 0, sums.stderr)

    def test_a_flipped_bit_is_refused_wherever_it_is(self):
        self.sign()
        for name in ("imprint.deb", "SHA256SUMS", "SHA256SUMS.minisig"):
            path = self.dist / name
            whole = path.read_bytes()
            # In a signature file: within the signature, and within the trusted comment.
            places = [len(whole) // 2]
            if name.endswith(".minisig"):
                places = [whole.index(b"\n") + 40, whole.index(b"imprint ", whole.index(b"trusted comment: imp")) + 9]
            for place in places:
                with self.subTest(name=name, place=place):
                    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:])
                    self.assert_refused(self.verify(), name.removesuffix(".minisig"))
            path.write_bytes(whole)
        self.assertEqual(self.verify().returncode, 0)

    def test_what_was_added_taken_away_or_exchanged_is_refused(self):
        self.sign()
        (self.dist / "more.deb").write_text("more")
        self.assert_refused(self.verify(), "more.deb", "nobody has signed")
        (self.dist / "more.deb").unlink()
        spared = (self.dist / "imprint.spdx.json").rename(self.folder / "spared")
        self.assert_refused(self.verify(), "lacks imprint.spdx.json")
        (self.dist / "imprint.spdx.json").symlink_to(spared)
        self.assert_refused(self.verify(), "imprint.spdx.json")

    def test_another_key_and_another_version_are_refused(self):
        self.sign()
        other = self.make_key("other")
        self.assert_refused(self.verify(public=other / "imprint.pub"), "SHA256SUMS")
        self.assert_refused(self.verify("--release", "0.0.9"), "not as imprint 0.0.9")

    def test_a_release_without_its_signature_proves_nothing(self):
        self.assert_refused(self.verify(), "SHA256SUMS")
        self.sign()
        (self.dist / "SHA256SUMS.minisig").unlink()
        self.assert_refused(self.verify(), "SHA256SUMS.minisig")

    def test_the_secret_key_is_for_its_owner_alone_and_is_not_written_over(self):
        key = self.keys / "imprint.key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        before = key.read_bytes()
        self.assert_refused(self.run_script("--make-key", self.keys, "--no-password"), "has a key already")
        self.assertEqual(key.read_bytes(), before)
        os.chmod(key, 0o644)
        self.assert_refused(self.run_script("--key", key, self.dist), "others may read")
        self.assertFalse((self.dist / "SHA256SUMS").exists())

    def test_nothing_to_sign_is_told(self):
        for folder, word in ((self.folder / "nowhere", "no folder"), (self.folder / "empty", "is empty")):
            (self.folder / "empty").mkdir(exist_ok=True)
            self.assert_refused(self.run_script("--key", self.keys / "imprint.key", folder), word)
        (self.dist / "inner").mkdir()
        self.assert_refused(self.run_script("--key", self.keys / "imprint.key", self.dist), "inner is no file")


if __name__ == "__main__":
    unittest.main()
