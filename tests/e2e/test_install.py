"""scripts/install: what `make demo` fetches, and what only the tests do. With an npm and a dpkg that write down what they
are asked for: nothing is installed here."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

NPM = """#!/bin/sh
echo "$@" >> asked
mkdir -p node_modules/esptool-js
case " $* " in *" --include=dev "*) mkdir -p node_modules/aws-iot-device-sdk-v2 ;; esac
touch node_modules/.package-lock.json
"""


class Install(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        shutil.copytree(ROOT / "packaging", self.folder / "packaging")
        (self.folder / "scripts").mkdir()
        shutil.copy2(ROOT / "scripts" / "install", self.folder / "scripts")
        for name in ("package.json", "package-lock.json"):
            shutil.copy2(ROOT / name, self.folder)
        (self.folder / "bin").mkdir()
        for name, text in {"npm": NPM, "dpkg-query": "#!/bin/sh\nprintf installed\n"}.items():
            (self.folder / "bin" / name).write_text(text)
            (self.folder / "bin" / name).chmod(0o755)

    def asked_by(self, *parts):
        """What npm was asked for by one run."""
        asked = self.folder / "asked"
        asked.unlink(missing_ok=True)
        environment = os.environ | {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}
        run = subprocess.run([self.folder / "scripts" / "install", *parts], env=environment, capture_output=True,
                             text=True, timeout=60)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return asked.read_text() if asked.exists() else ""

    def test_the_demo_fetches_no_more_than_the_stub_flashers(self):
        self.assertIn("--omit=dev", self.asked_by())
        self.assertEqual(self.asked_by(), "")
        self.assertEqual(self.asked_by("bench"), "")

    def test_the_tests_fetch_the_rest_once_and_nobody_takes_it_away(self):
        self.asked_by()
        self.assertIn("--include=dev", self.asked_by("test"))
        self.assertEqual(self.asked_by("test", "check"), "")
        self.assertEqual(self.asked_by(), "")
        os.utime(self.folder / "node_modules" / ".package-lock.json", (0, 0))
        self.assertIn("--include=dev", self.asked_by())


if __name__ == "__main__":
    unittest.main()
