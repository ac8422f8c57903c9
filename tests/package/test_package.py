"""scripts/package: what the package has, that it runs from where it was unpacked, that lintian has nothing to say, and
that it has the same bytes each time."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = re.search(r"^project\(imprint VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]

# Each file is one of these, and each of these is there.
FILES = [
    r"etc/imprint/imprint\.toml",
    r"lib/systemd/system/imprint-station\.service",
    r"lib/udev/rules\.d/60-imprint\.rules",
    r"usr/bin/imprint",
    r"usr/lib/imprint/imprint_mosquitto\.so",
    r"usr/lib/imprint/stub_flasher/esp[0-9a-z-]+\.json",
    r"usr/share/doc/imprint/(copyright|changelog\.gz|CHANGELOG\.md|station\.md)",
    r"usr/share/doc/imprint/([a-z]+/)?[a-z-]+\.(md|html|png|svg|json)",
    r"usr/share/doc/imprint/licences/[a-z0-9-]+\.txt(\.gz)?",
    r"usr/share/imprint/firmware/(README|CHANGELOG)\.md",
    r"usr/share/imprint/firmware/components/imprint_identity/.+",
    r"usr/share/imprint/firmware/examples/aws_iot/.+",
    r"usr/share/lintian/overrides/imprint",
    r"usr/share/man/man1/imprint[a-z-]*\.1\.gz",
    r"usr/share/man/man5/imprint\.toml\.5\.gz",
    r"usr/share/bash-completion/completions/imprint",
    r"usr/share/zsh/vendor-completions/_imprint",
    r"usr/share/fish/vendor_completions\.d/imprint\.fish",
]


def output(*command, **more):
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, **more)
    if run.returncode != 0:
        raise AssertionError(f"{command}: {run.returncode}\n{run.stdout}{run.stderr}")
    return run.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.folder = pathlib.Path(place.name)
        cls.deb = cls.pack("first")
        cls.tree = cls.folder / "tree"
        output("dpkg-deb", "--extract", cls.deb, cls.tree)

    @classmethod
    def pack(cls, name, **environment):
        path = output(ROOT / "scripts/package", "--only", "deb", "--to", cls.folder / name,
                      env=os.environ | environment, cwd=cls.folder)
        return pathlib.Path(path.strip())

    def test_it_has_all_that_it_should_and_nothing_else(self):
        files = [str(path.relative_to(self.tree)) for path in self.tree.rglob("*") if not path.is_dir()]
        for name in files:
            self.assertTrue(any(re.fullmatch(form, name) for form in FILES), f"{name} is not expected")
        for form in FILES:
            self.assertTrue(any(re.fullmatch(form, name) for name in files), f"there is no {form}")
        self.assertEqual([path for path in self.tree.rglob("*") if path.is_dir() and not any(path.iterdir())], [])

    def test_its_name_and_the_program_have_the_projects_version(self):
        self.assertRegex(self.deb.name, rf"^imprint_{re.escape(VERSION)}_[a-z0-9]+\.deb$")
        self.assertIn(VERSION, output(self.tree / "usr/bin/imprint", "--version"))

    def test_it_asks_for_what_the_program_is_linked_with(self):
        asked = output("dpkg-deb", "--field", self.deb, "Depends")
        for name in ("libc6 (>=", "libssl3", "libsqlite3-0", "libmosquitto1", "libudev1", "ca-certificates"):
            self.assertIn(name, asked)
        self.assertEqual(output("dpkg-deb", "--field", self.deb, "Recommends").strip(), "mosquitto")

    def test_the_program_finds_what_lies_beside_it(self):
        environment = {name: value for name, value in os.environ.items() if name != "IMPRINT_RESOURCES"}
        said = output(self.tree / "usr/bin/imprint", "demo", env=environment, cwd=self.folder)
        self.assertIn("4 passed, 0 failed", said)

    def test_the_configuration_has_all_that_is_written_where_the_service_may_write(self):
        path = self.tree / "etc/imprint/imprint.toml"
        values = tomllib.loads(path.read_text())
        for section, key in (("firmware", "directory"), ("registry", "state"), ("station", "bays_file"),
                             ("ledger", "path"), ("page", "users")):
            self.assertTrue(values[section][key].startswith("/var/lib/imprint/"), key)
        # An unknown key or a wrong value would be an error; that nobody has made a ledger is another one.
        run = subprocess.run([self.tree / "usr/bin/imprint", "ledger", "list", "--config", path],
                             capture_output=True, text=True, timeout=60)
        self.assertIn("ledger_missing", run.stderr)
        self.assertIn("/etc/imprint/imprint.toml", output("dpkg-deb", "--info", self.deb, "conffiles"))

    def test_the_service_names_what_is_there(self):
        unit = (self.tree / "lib/systemd/system/imprint-station.service").read_text()
        for name in re.findall(r"/(?:usr|etc)/[\w./-]+", unit):
            self.assertTrue((self.tree / name[1:]).is_file(), name)

    def test_nothing_in_it_tells_where_it_was_built(self):
        here = str(ROOT).encode() + b"/"
        for path in self.tree.rglob("*"):
            if path.is_file():
                self.assertNotIn(here, path.read_bytes(), path)

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_lintian_has_nothing_to_say(self):
        without = [] if (ROOT / "build/man").is_dir() else ["--suppress-tags=no-manual-page"]
        run = subprocess.run(["lintian", "--allow-root", "--fail-on=error,warning", "--tag-display-limit=0", *without,
                              self.deb], capture_output=True, text=True, timeout=300)
        self.assertEqual(run.stdout.strip(), "")
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_it_has_the_same_bytes_each_time(self):
        again = self.pack("second", TZ="Asia/Tokyo", LC_ALL="C.UTF-8", HOME=str(self.folder))
        self.assertEqual(self.deb.read_bytes(), again.read_bytes())


class Tarball(unittest.TestCase):
    """What its README says, done word for word in a folder. The libraries that it brings lie where the plug-in does."""

    def commands(self, heading):
        readme = (ROOT / "packaging/tarball/README").read_text()
        [block] = re.findall(rf"^{heading}[^\n]*:\n\n((?:    .+\n)+)", readme, re.M)
        return [line.strip() for line in block.splitlines() if "udevadm" not in line]

    def test_what_is_installed_by_its_readme_is_removed_by_it(self):
        with tempfile.TemporaryDirectory() as place:
            root, tree = pathlib.Path(place, "root"), pathlib.Path(place, "tree")
            output(ROOT / "build/imprint", "reference", "write", ROOT / "build", "--date", "2026-11-30")
            output("cmake", "--install", ROOT / "build", "--prefix", tree)
            for folder in ("usr/local", "etc/udev/rules.d"):
                (root / folder).mkdir(parents=True)
            foreign = root / "usr/local/share/man/man1/other.1"
            foreign.parent.mkdir(parents=True)
            foreign.touch()

            def do(heading):
                for line in self.commands(heading):
                    output("sh", "-c", re.sub(r"(?<=\s)/", f"{root}/", line), cwd=tree)
                return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}

            there = do("Install it")
            for name in ("usr/local/bin/imprint", "usr/local/share/man/man1/imprint-prepare.1",
                         "usr/local/share/zsh/site-functions/_imprint", "etc/udev/rules.d/60-imprint.rules"):
                self.assertTrue(name in there, name)
            self.assertEqual(do("Remove it"), {"usr/local/share/man/man1/other.1"})


if __name__ == "__main__":
    unittest.main()
