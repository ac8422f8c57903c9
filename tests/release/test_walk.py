"""scripts/release on a scratch copy of the project: each step is looked at, and turns red when what it is for is not
so. All parts are real but `make test`, which is the test that runs this one."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["BUILD"])
STEPS = ("clean", "branch", "version", "changes", "upgrade", "documents", "tests", "packages", "sbom", "signatures", "tag")
# What scripts/release reads, and what scripts/sbom does; the sources themselves would only take time.
PARTS = ("CMakeLists.txt", "CHANGELOG.md", "LICENSE", "RELEASING.md", "THIRD-PARTY.md", "package.json",
         "package-lock.json", ".gitignore", "changes", "firmware", "packaging", "scripts", "src/page_app",
         "tests/release/data")


def versions_of(changelog):
    return re.findall(r"^## (\S+)", changelog.read_text(), re.M)


class Scratch(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name) / "project"
        self.dist = self.folder / "dist"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        self.environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
                             "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
                             "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com"}
        self.folder.mkdir()
        for part in PARTS:
            (self.folder / part).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, self.folder / part, ignore=shutil.ignore_patterns("__pycache__", "build"))
            else:
                shutil.copy2(ROOT / part, self.folder / part)
        # What others add to be packed takes its time, and has tests of its own.
        for packer in (self.folder / "scripts").glob("pack_*"):
            if packer.name not in ("pack_component", "pack_source"):
                packer.unlink()
        self.write("Makefile", "test:\n\t@test ! -e fails\n")
        self.git("init", "-q", "-b", "main")
        (self.folder / ".git/info/exclude").write_text("node_modules\n")
        (self.folder / "node_modules").symlink_to(ROOT / "node_modules")
        self.commit("scratch")
        self.version = re.search(r"^project\(imprint VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]

    def git(self, *arguments):
        done = subprocess.run(["git", *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True,
                              check=True, timeout=60)
        return done.stdout.strip()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def release(self, *arguments):
        return subprocess.run([sys.executable, "-B", "scripts/release", *map(str, arguments)], cwd=self.folder,
                              env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)

    def worked(self, *arguments):
        done = self.release(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def check(self, *steps):
        """step -> (ok or todo, what is said)."""
        done = self.release("--check", "--build", BUILD, *steps)
        found = {}
        for line in done.stdout.splitlines():
            state, name, text = line.split(None, 2)
            found[name] = state, text
        self.assertEqual(list(found), list(steps or STEPS), done.stdout + done.stderr)
        self.assertEqual(done.returncode, 0 if all(state == "ok" for state, _ in found.values()) else 1, done.stdout)
        return found

    def assert_ok(self, step):
        state, text = self.check(step)[step]
        self.assertEqual(state, "ok", text)

    def assert_todo(self, step, *words):
        state, text = self.check(step)[step]
        self.assertEqual(state, "todo", text)
        for word in words:
            self.assertIn(word, text)

    def joined(self):
        """The scratch project with all its fragments joined, as a release begins."""
        self.write("changes/scratch.md", "Scratch is new.\n")
        self.worked("--join", "--again")
        self.commit("joined")


class Fragments(Scratch):
    def test_those_of_the_project_have_the_form_and_are_joined_above_all_others(self):
        log = self.folder / "CHANGELOG.md"
        before = log.read_text()
        fragments = {path.stem: path.read_text().strip() for path in (self.folder / "changes").glob("*.md")
                     if path.name != "README.md"}
        self.worked("--join", "--again")
        text = log.read_text()
        section = text.split("\n## ")[1]
        self.assertTrue(section.startswith(f"{self.version} (") or not fragments, section[:60])
        for name, words in fragments.items():
            self.assertIn("- " + " ".join(words.split("\n")) + "\n", section, name)
        # Nothing of what was there is lost.
        for line in before.splitlines():
            if not line.startswith(f"## {self.version}"):
                self.assertIn(line, text)
        self.assertEqual([path.name for path in (self.folder / "changes").iterdir()], ["README.md"])
        self.assertIn("no fragments", self.worked("--join"))

    def test_a_new_version_has_a_section_of_its_own(self):
        self.joined()
        former = versions_of(self.folder / "CHANGELOG.md")
        self.worked("--set-version", "99.1.0")
        self.assert_todo("changes", "99.1.0")
        self.write("changes/b.md", "The second,\nin two lines.\n")
        self.write("changes/a.md", "The first.\n")
        self.assert_todo("changes", "2 fragments", "--join")
        self.worked("--join")
        text = (self.folder / "CHANGELOG.md").read_text()
        self.assertRegex(text, r"\n\n## 99\.1\.0 \(\d{4}-\d\d-\d\d\)\n\n- The first\.\n- The second, in two lines\.\n\n## ")
        self.assertEqual(versions_of(self.folder / "CHANGELOG.md"), ["99.1.0", *former])
        self.assert_ok("changes")
        # A section with a date is closed, but for somebody who says so.
        self.write("changes/late.md", "Late.\n")
        done = self.release("--join")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--again", done.stderr)
        self.assertTrue((self.folder / "changes/late.md").exists())
        self.worked("--join", "--again")
        self.assertIn("\n\n- Late.\n- The first.\n", (self.folder / "CHANGELOG.md").read_text())
        self.assertEqual(versions_of(self.folder / "CHANGELOG.md"), ["99.1.0", *former])

    def test_the_components_go_to_its_own(self):
        self.joined()
        before = (self.folder / "CHANGELOG.md").read_text()
        self.worked("--set-component-version", "98.0.0")
        self.write("firmware/changes/part.md", "A part.\n")
        self.assert_todo("changes", "firmware/changes")
        self.worked("--join")
        self.assertEqual(versions_of(self.folder / "firmware/CHANGELOG.md")[0], "98.0.0")
        self.assertEqual((self.folder / "CHANGELOG.md").read_text(), before)
        self.assert_ok("changes")
        # What is packed for its registry goes by the same two places.
        packed = subprocess.run([sys.executable, "-B", "scripts/pack_component", self.folder], cwd=self.folder,
                                capture_output=True, text=True, timeout=60)
        self.assertIn("imprint_identity_98.0.0.tgz", packed.stdout, packed.stderr)

    def test_what_is_no_fragment_is_refused_and_nothing_is_joined(self):
        self.joined()
        before = (self.folder / "CHANGELOG.md").read_text()
        for name, text, word in (("empty.md", "\n", "is empty"), ("two.md", "One.\n\nTwo.\n", "more than one paragraph"),
                                 ("list.md", "- One.\n", "more than one paragraph"), ("name.txt", "One.\n", "NAME.md"),
                                 ("head.md", "## 1.0.0\n", "more than one paragraph"), ("end.md", "One\n", "full stop")):
            with self.subTest(name):
                self.write(f"changes/{name}", text)
                self.write("changes/good.md", "Good.\n")
                done = self.release("--join", "--again")
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(f"changes/{name}", done.stderr)
                self.assertIn(word, done.stderr)
                self.assertEqual((self.folder / "CHANGELOG.md").read_text(), before)
                self.assertTrue((self.folder / "changes/good.md").exists())
                self.assert_todo("changes", f"changes/{name}")
                (self.folder / "changes" / name).unlink()

    def test_where_one_changelog_is_closed_nothing_goes_into_the_other(self):
        self.joined()
        self.worked("--set-version", "99.1.0")
        before = (self.folder / "CHANGELOG.md").read_text()
        self.write("changes/new.md", "New.\n")
        self.write("firmware/changes/late.md", "Late.\n")
        self.assertIn("firmware/CHANGELOG.md", self.release("--join").stderr)
        self.assertEqual((self.folder / "CHANGELOG.md").read_text(), before)
        self.assertTrue((self.folder / "changes/new.md").exists())


class Version(Scratch):
    def test_it_is_in_one_place_and_only_grows(self):
        self.worked("--set-version", "99.0.1")
        self.assertEqual(self.git("diff", "--numstat"), "1\t1\tCMakeLists.txt")
        for wrong, word in (("99.0.1", "not newer"), ("1.0.0", "not newer"), ("100", "no version"), ("v100.0.0", "no version"),
                            ("100.0.0-rc1", "no version"), ("100.01.0", "no version")):
            done = self.release("--set-version", wrong)
            self.assertEqual((done.returncode, word in done.stderr), (1, True), wrong + done.stderr)

    def test_the_program_has_it_and_nothing_else_writes_it_down(self):
        shown = subprocess.run([BUILD / "imprint", "--version"], capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual(shown.stdout, f"imprint {self.version}\n")
        self.assertNotIn("version", json.loads((ROOT / "package.json").read_text()))
        pattern = re.compile(rf"imprint[^\n]{{0,20}}?(?<![\d.]){re.escape(self.version)}(?![\d.])", re.I)
        places = [ROOT / "Makefile", ROOT / "CMakePresets.json", ROOT / "README.md"]
        for folder in ("cmake", "scripts", "src"):
            places += [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        self.assertGreater(len(places), 500)
        for path in places:
            self.assertIsNone(pattern.search(path.read_text(errors="replace")), path)

    def test_one_that_was_released_is_not_released_again(self):
        self.joined()
        self.git("tag", "-a", f"v{self.version}", "-m", "it")
        self.assert_ok("version")
        self.commit("more")
        self.assert_todo("version", "has been released")
        self.git("tag", "-d", f"v{self.version}")
        log = self.folder / "CHANGELOG.md"
        log.write_text(log.read_text().replace("\n## ", "\n## 99.0.0 (2020-01-01)\n\n- Newer.\n\n## ", 1))
        self.assert_todo("version", "not newer than 99.0.0")
        self.assert_todo("changes", "begins with 99.0.0")


class Walk(Scratch):
    def walk(self, *more):
        return self.release("--build", BUILD, "--run-tests", *more)

    def assert_stops(self, done, step, *words):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        last = done.stdout.splitlines()[-1]
        self.assertRegex(last, rf"^todo +{step} ")
        for word in words:
            self.assertIn(word, last)

    def test_it_goes_from_a_fragment_to_a_tag_and_each_step_turns_red_again(self):
        # It stops at what only a person can do.
        self.write("left.txt", "left")
        self.assert_stops(self.walk(), "clean", "left.txt")
        (self.folder / "left.txt").unlink()
        self.git("checkout", "-q", "-b", "side")
        self.assert_stops(self.walk(), "branch", "side")
        self.git("checkout", "-q", "main")
        self.joined()
        # In the place of packages that take a minute.
        self.write("scripts/pack_small", '#!/bin/sh\ncd "$(mktemp -d)" && mkdir -p one/bin && echo stripped > one/bin/imprint\n'
                   'tar --sort=name --mtime=@0 -cJf "$1/imprint-1-linux-any.tar.xz" one && rm -r "$PWD"\n')
        (self.folder / "scripts/pack_small").chmod(0o755)
        self.write("fails", "")
        self.commit("tests that fail")
        self.assert_stops(self.walk(), "tests", "make test")
        self.git("rm", "-q", "fails")
        self.commit("tests that do not")
        self.assert_stops(self.release("--build", BUILD), "tests", "--run-tests")
        self.write("dist/left.tar.gz", "of another release")
        self.assert_stops(self.walk(), "packages", "left.tar.gz")
        shutil.rmtree(self.dist)
        self.assert_stops(self.walk(), "signatures", "imprint.pub")

        keys = self.folder.parent / "keys"
        subprocess.run([sys.executable, "-B", "scripts/sign", "--make-key", keys, "--no-password"], cwd=self.folder,
                       check=True, capture_output=True, timeout=60)
        shutil.copy(keys / "imprint.pub", self.folder)
        self.commit("the public key")
        # Another commit than was packed: nothing of the former one is released with it.
        self.assert_todo("tests", "has not passed on this commit")
        self.assert_todo("packages", "this commit")
        shutil.rmtree(self.dist)
        self.assert_stops(self.walk("--key", keys / "imprint.key"), "tag", "--tag")
        done = self.walk("--tag")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual({name: state for name, (state, _) in self.check().items()}, dict.fromkeys(STEPS, "ok"))
        self.assertEqual(self.git("tag", "--points-at", "HEAD"), f"v{self.version}")
        self.assertEqual(sorted(path.name for path in self.dist.iterdir()),
                         sorted(["imprint-1-linux-any.tar.xz", "SHA256SUMS", "SHA256SUMS.minisig", f"imprint-{self.version}.spdx.json",
                                 f"imprint-{self.version}.tar.gz",
                                 f"imprint_identity_{versions_of(self.folder / 'firmware/CHANGELOG.md')[0]}.tgz"]))

        bill = json.loads((self.dist / f"imprint-{self.version}.spdx.json").read_text())
        self.assertIn("./imprint-1-linux-any.tar.xz/one/bin/imprint", [one["fileName"] for one in bill["files"]])

        # A flipped byte, of a package and of the bill of materials.
        package = self.dist / f"imprint-{self.version}.tar.gz"
        whole = package.read_bytes()
        package.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
        self.assert_todo("packages", package.name)
        self.assert_todo("signatures", package.name)
        package.write_bytes(whole)
        bill = self.dist / f"imprint-{self.version}.spdx.json"
        text = bill.read_text()
        [digest] = {one["checksumValue"] for one in json.loads(text)["files"][0]["checksums"]
                    if one["algorithm"] == "SHA256"}
        bill.write_text(text.replace(digest, "0" * 64))
        self.assert_todo("sbom", "another")
        bill.write_text(text)
        self.assert_ok("signatures")

        # A tag that is on another commit, or is a name alone.
        self.git("tag", "-d", f"v{self.version}")
        self.git("tag", f"v{self.version}")
        self.assert_todo("tag", "no tag")
        self.git("tag", "-d", f"v{self.version}")
        self.git("tag", "-a", f"v{self.version}", "-m", "it", "HEAD~1")
        self.assert_todo("tag", "another commit")

    def test_what_is_not_the_same_twice_is_not_packed(self):
        self.joined()
        self.write("scripts/pack_time", "#!/bin/sh\ndate +%N > \"$1/time.txt\"\n")
        (self.folder / "scripts/pack_time").chmod(0o755)
        self.commit("a package with the time in it")
        self.assert_stops(self.walk(), "packages", "time.txt", "not the same bytes")
        self.assertEqual(list(self.dist.iterdir()), [])

    def test_documents_and_former_versions_are_looked_at(self):
        self.joined()
        self.assert_ok("upgrade")
        log = self.folder / "CHANGELOG.md"
        log.write_text(log.read_text() + "\n## 0.0.9 (2020-01-01)\n\n- Former.\n")
        self.assert_todo("upgrade", "0.0.9")
        steps = self.folder / "RELEASING.md"
        text = steps.read_text()
        steps.write_text(text.replace("## 4. changes", "## 4. other"))
        self.assert_todo("documents", "the same steps")
        steps.write_text(text)
        self.write("THIRD-PARTY.md", (self.folder / "THIRD-PARTY.md").read_text().replace("| preact |", "| react |"))
        self.assert_todo("documents", "THIRD-PARTY.md")

    def test_a_program_of_another_version_is_not_described(self):
        self.worked("--set-version", "99.0.0")
        self.assert_todo("sbom", f"imprint {self.version}", "99.0.0", "make build")


if __name__ == "__main__":
    unittest.main()
