"""The bill of materials of what was built: whole by SPDX 2.3, complete by what the linker says, the same each time."""

import hashlib
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["BUILD"])
SHIPPED = ("imprint", "resources/imprint_mosquitto.so")

# Of the SPDX licence list (3.20) those that are in question here.
LICENCES = {"Apache-2.0", "BSD-3-Clause", "BSL-1.0", "Bitstream-Vera", "EPL-2.0", "GPL-3.0-or-later", "ISC",
            "LGPL-2.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later", "MIT", "MPL-1.1", "OFL-1.1", "Zlib", "blessing",
            "curl"}
EXCEPTIONS = {"GCC-exception-3.1"}
RELATIONSHIPS = {"DESCRIBES", "CONTAINS", "DYNAMIC_LINK", "RUNTIME_DEPENDENCY_OF"}
DIGITS = {"SHA1": 40, "SHA256": 64, "SHA512": 128}


def make(folder, name, *more, **environment):
    out = folder / name
    done = subprocess.run([sys.executable, "-B", ROOT / "scripts/sbom", "--build", BUILD, "--out", out, *more],
                          capture_output=True, text=True, timeout=300, cwd=folder, env=os.environ | environment)
    return done, out


class Document(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.folder = pathlib.Path(place.name)
        (BUILD / "page_parts.json").unlink(missing_ok=True)  # what is compared below is found out anew
        # The commit's time; a source archive has no commits.
        cls.epoch = {} if (ROOT / ".git").exists() else {"SOURCE_DATE_EPOCH": "1796000000"}
        done, out = make(cls.folder, "first.json", "--third-party", "--check", **cls.epoch)
        cls.third_party = done.stderr
        assert out.is_file() or "THIRD-PARTY.md" in done.stderr, done.stderr
        if not out.is_file():
            done, out = make(cls.folder, "first.json", **cls.epoch)
            assert done.returncode == 0, done.stderr
        cls.text = out.read_bytes()
        cls.document = json.loads(cls.text)
        cls.packages = {package["name"]: package for package in cls.document["packages"]}

    def test_it_has_what_spdx_wants(self):
        document = self.document
        self.assertEqual((document["spdxVersion"], document["dataLicense"], document["SPDXID"]),
                         ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
        version = re.search(r"VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text().split("project(")[1])[1]
        self.assertEqual(document["name"], f"imprint-{version}")
        self.assertRegex(document["documentNamespace"], r"^https://[^#\s]+-[0-9a-f-]{36}$")
        self.assertRegex(document["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        for creator in document["creationInfo"]["creators"]:
            self.assertRegex(creator, r"^(Tool|Organization|Person): \S")
        ids = [one["SPDXID"] for one in [document, *document["packages"], *document["files"]]]
        self.assertEqual(len(ids), len(set(ids)))
        for one in ids:
            self.assertRegex(one, r"^SPDXRef-[A-Za-z0-9.-]+$")
        for package in document["packages"]:
            with self.subTest(package["name"]):
                for field in ("name", "versionInfo", "downloadLocation", "licenseConcluded", "licenseDeclared",
                              "copyrightText"):
                    self.assertTrue(package[field].strip(), field)
                self.assertIs(package["filesAnalyzed"], False)
                for reference in package.get("externalRefs", []):
                    self.assertEqual((reference["referenceCategory"], reference["referenceType"]),
                                     ("PACKAGE-MANAGER", "purl"))
                    self.assertRegex(reference["referenceLocator"], r"^pkg:(deb/debian|npm)/[^@\s]+@[^@\s]+$")
        for one in [*document["packages"], *document["files"]]:
            for checksum in one.get("checksums", []):
                self.assertRegex(checksum["checksumValue"], f"^[0-9a-f]{{{DIGITS[checksum['algorithm']]}}}$")
        for relation in document["relationships"]:
            self.assertIn(relation["relationshipType"], RELATIONSHIPS)
            self.assertIn(relation["spdxElementId"], ids)
            self.assertIn(relation["relatedSpdxElement"], ids)
        self.assertEqual([relation["relatedSpdxElement"] for relation in document["relationships"]
                          if relation["relationshipType"] == "DESCRIBES"], ["SPDXRef-imprint"])
        # Nothing hangs in the air.
        related = {relation[end] for relation in document["relationships"]
                   for end in ("spdxElementId", "relatedSpdxElement")}
        self.assertEqual(related, set(ids))

    def test_each_entry_has_a_licence_of_the_list(self):
        for package in self.document["packages"]:
            for field in ("licenseConcluded", "licenseDeclared"):
                words = package[field].split()
                names = [word for word in words if word not in ("AND", "OR", "WITH")]
                self.assertTrue(names, package["name"])
                self.assertEqual(set(names) - LICENCES - EXCEPTIONS, set(), package["name"])

    def test_each_library_that_is_linked_is_in_it_with_the_version_that_is_installed(self):
        linked = {}
        for package in self.document["packages"]:
            if package.get("comment", "").startswith("linked: "):
                for soname in package["comment"].removeprefix("linked: ").split(", "):
                    linked[soname] = package
        needed = set()
        for name in SHIPPED:
            shown = subprocess.run(["readelf", "-dW", BUILD / name], capture_output=True, text=True, check=True,
                                   env=os.environ | {"LC_ALL": "C"}).stdout
            needed |= set(re.findall(r"\(NEEDED\).*\[(.+?)\]", shown))
        self.assertGreater(len(needed), 15)
        needed = {soname for soname in needed if not soname.startswith("ld-linux")}
        self.assertEqual(set(linked), needed)
        for package in linked.values():
            installed = subprocess.run(["dpkg-query", "-W", "-f", "${Version}\n", package["name"]], capture_output=True,
                                       text=True, check=True).stdout.split()
            self.assertIn(package["versionInfo"], installed)

    def test_what_is_compiled_in_is_in_it(self):
        inside = {name for name, package in self.packages.items() if package.get("comment") == "compiled in"}
        boost = next((name for name in inside if name.startswith("libboost")), "no boost")
        self.assertEqual(inside, {boost, "libcli11-dev", "libtomlplusplus-dev", "nlohmann-json3-dev"})
        lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
        # The page's list of licences, which browsers are given, is of the same packages.
        listed = re.search(r"const parts = \[(.*)\]", (ROOT / "src/page_app/pack.mjs").read_text())[1]
        self.assertEqual({name for name, package in self.packages.items()
                          if package.get("comment") == "in the operators' page"}, set(re.findall(r'"(.+?)"', listed)))
        for name in ("preact", "@fontsource-variable/inter", "esptool-js"):
            self.assertEqual(self.packages[name]["versionInfo"], lock[f"node_modules/{name}"]["version"])
            self.assertEqual(self.packages[name]["checksums"][0]["algorithm"], "SHA512")
        for name in ("vite", "typescript", "playwright-core"):
            self.assertNotIn(name, self.packages)

    def test_it_is_of_these_very_files(self):
        sums = {one["fileName"]: {sum_["algorithm"]: sum_["checksumValue"] for sum_ in one["checksums"]}
                for one in self.document["files"]}
        self.assertEqual(set(sums), {f"./{name}" for name in SHIPPED})
        for name in SHIPPED:
            self.assertEqual(sums[f"./{name}"]["SHA256"], hashlib.sha256((BUILD / name).read_bytes()).hexdigest())

    def test_it_is_the_same_each_time(self):
        done, out = make(self.folder, "second.json", PYTHONHASHSEED="7", LC_ALL="C", TZ="Asia/Tokyo", **self.epoch)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(out.read_bytes(), self.text)

    def test_what_is_packed_is_named_as_it_is_packed(self):
        packages, tree = self.folder / "packages", self.folder / "tree"
        contents = {"usr/bin/imprint": b"stripped", "usr/lib/imprint/imprint_mosquitto.so": b"stripped as well",
                    "usr/lib/imprint/libraries/libone.so.1.2": b"a library", "usr/share/doc/imprint/one.md": b"words"}
        for name, content in contents.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes(content)
        (tree / "DEBIAN").mkdir()
        (tree / "DEBIAN/control").write_text("Package: imprint\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b>\n"
                                             "Description: one\n")
        packages.mkdir()
        subprocess.run(["dpkg-deb", "--build", tree, packages / "imprint_1_all.deb"], check=True, capture_output=True)
        subprocess.run(["tar", "-C", tree, "-cJf", packages / "imprint-1-linux-any.tar.xz", "usr"], check=True)
        (packages / "imprint-1.tar.gz").write_bytes(b"the source: nothing in it is built")
        done, out = make(self.folder, "packed.json", "--packages", packages, **self.epoch)
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(out.read_text())
        sums = {one["fileName"]: one["checksums"][1]["checksumValue"] for one in document["files"]
                if one["fileName"].count("/") > 2}
        archives = {one["name"]: one for one in document["packages"] if "packageFileName" in one}
        self.assertEqual(set(archives), {"imprint_1_all.deb", "imprint-1-linux-any.tar.xz"})
        contents.pop("usr/share/doc/imprint/one.md")
        self.assertEqual(sums, {f"./{archive}/{name}": hashlib.sha256(content).hexdigest()
                                for archive in archives for name, content in contents.items()})
        related = {(one["spdxElementId"], one["relatedSpdxElement"]) for one in document["relationships"]
                   if one["relationshipType"] == "CONTAINS"}
        for name, archive in archives.items():
            self.assertEqual(archive["checksums"][0]["checksumValue"],
                             hashlib.sha256((packages / name).read_bytes()).hexdigest())
            self.assertIn((archive["SPDXID"], "SPDXRef-imprint"), related)
        self.assertEqual(len({one["SPDXID"] for one in document["files"]}), len(document["files"]))

    def test_the_licences_that_are_shipped_are_in_step(self):
        self.assertEqual(self.third_party, "")
        text = (ROOT / "THIRD-PARTY.md").read_text()
        for name, package in self.packages.items():
            if name != "imprint":
                self.assertIn(f"| {name} | ", text)
                self.assertIn(package["licenseConcluded"], text)
        for name in ("libcli11-dev", "nlohmann-json3-dev", "preact", "@fontsource-variable/inter", "esptool-js"):
            own = text.split(f"\n### {name}\n")[1].split("\n### ")[0]
            self.assertGreater(len(own), 900, name)
            self.assertIn("opyright", own)


class Refused(unittest.TestCase):
    """What is not known is told, and not left out."""

    def setUp(self):
        loader = importlib.machinery.SourceFileLoader("sbom", str(ROOT / "scripts/sbom"))
        spec = importlib.util.spec_from_loader("sbom", loader)
        self.sbom = importlib.util.module_from_spec(spec)
        sys.dont_write_bytecode = True
        loader.exec_module(self.sbom)
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)

    def refused(self, *words):
        return self.assertRaisesRegex(self.sbom.Trouble, ".*".join(words))

    def test_a_licence_that_has_no_spdx_name(self):
        self.assertEqual(self.sbom.expression("EPL-2.0 or EDL-1.0", "one"), "EPL-2.0 OR BSD-3-Clause")
        with self.refused("one", "Beerware"):
            self.sbom.expression("Expat and Beerware", "one")

    def test_a_package_without_a_copyright_file(self):
        with self.refused("no-such-package", "copyright"):
            self.sbom.licence_of({"name": "no-such-package", "source": "no-such-source"})

    def test_a_copyright_file_that_says_something_else_than_before(self):
        self.sbom.TOLD["fmtlib"] = ("MIT", "words that are not there")
        with self.refused("libfmt9", "words that are not there"):
            self.sbom.licence_of({"name": "libfmt9", "source": "fmtlib"})

    def test_a_file_of_no_package(self):
        (self.folder / "libown.so").write_text("")
        self.assertEqual(self.sbom.owners([self.folder / "libown.so"]), {})
        self.sbom.linked_libraries = lambda build: {"libown.so.1": str(self.folder / "libown.so")}
        with self.refused("libown.so.1", "no Debian package"):
            self.sbom.entries(BUILD)

    def test_an_npm_package_without_a_licence(self):
        self.sbom.ROOT = self.folder
        (self.folder / "package-lock.json").write_text(json.dumps({"packages": {"node_modules/one": {"version": "1"}}}))
        with self.refused("names no licence of one"):
            self.sbom.npm_entry("one", "in the operators' page")
        with self.refused("does not have two"):
            self.sbom.npm_entry("two", "in the operators' page")

    def test_a_package_without_the_program(self):
        (self.folder / "one").write_text("")
        subprocess.run(["tar", "-C", self.folder, "-cJf", self.folder / "a-linux-b.tar.xz", "one"], check=True)
        with self.refused("a-linux-b.tar.xz", "no program"):
            list(self.sbom.archives(self.folder))

    def test_a_build_that_is_not_there(self):
        with self.refused("imprint", "make build"):
            self.sbom.linked_libraries(self.folder)


if __name__ == "__main__":
    unittest.main()
