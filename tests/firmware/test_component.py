"""The component as others build with it: its CMake function, its action of idf.py, its archive."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import types
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COMPONENT = ROOT / "firmware/components/imprint_identity"
EXAMPLE = ROOT / "firmware/examples/aws_iot"
IMPRINT = os.environ["IMPRINT"]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)


def module_of(path):
    spec = importlib.util.spec_from_file_location(path.parent.name + "_" + path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class CMakeFunction(Case):
    def configured(self, *options):
        keys = self.folder / "keys.bin"
        self.assertEqual(run(IMPRINT, "image", "nvs", "generate-key", "--keyfile", keys).returncode, 0)
        build = self.folder / "build"
        done = run("cmake", "-G", "Ninja", "-S", HERE / "cmake_project", "-B", build, f"-DCOMPONENT={COMPONENT}",
                   f"-DIMPRINT_PROGRAM={IMPRINT}", f"-DKEYS={keys}", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return build

    def inspected(self, image, *options):
        done = run(IMPRINT, "image", "inspect", image, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_folder_becomes_spiffs_and_a_csv_nvs(self):
        build = self.configured()
        built = run("ninja", "-C", build)
        self.assertEqual(built.returncode, 0, built.stdout)
        storage = self.inspected(build / "storage.bin")
        self.assertIn("hello.txt", storage)
        self.assertIn("512", storage)  # with the firmware's settings
        self.assertEqual((build / "storage.bin").stat().st_size, 0x10000)
        self.assertIn("limit", self.inspected(build / "nvs.bin"))
        self.assertNotEqual((build / "nvs.bin").read_bytes(), (build / "old.bin").read_bytes())
        plain = self.folder / "plain.bin"
        done = run(IMPRINT, "image", "nvs", "decrypt", build / "secret.bin", self.folder / "keys.bin", plain)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("limit", self.inspected(plain))
        flashed = (build / "flashed").read_text().splitlines()
        self.assertEqual([line.split()[:2] for line in flashed],
                         [["storage-flash", "storage"], ["flash", "storage"], ["nvs-flash", "nvs"], ["flash", "nvs"],
                          ["old-flash", "old"], ["secret-flash", "secret"]])

    def test_a_partition_that_is_not_there_ends_the_build_and_not_the_configuring(self):
        build = self.configured("-DWITH_FAULT=ON")
        built = run("ninja", "-C", build)
        self.assertNotEqual(built.returncode, 0)
        self.assertIn("the partition table has no partition 'missing'", built.stdout)

    def test_a_csv_that_is_wrong_ends_the_build_with_its_line(self):
        build = self.configured()
        project = self.folder / "project"
        run("cp", "-r", HERE / "cmake_project", project)
        (project / "values.csv").write_text("key,type,encoding,value\napp,namespace,,\nlimit,data,u8,1024\n")
        done = run("cmake", "-G", "Ninja", "-S", project, "-B", build / "other", f"-DCOMPONENT={COMPONENT}",
                   f"-DIMPRINT_PROGRAM={IMPRINT}", f"-DKEYS={self.folder / 'keys.bin'}")
        self.assertEqual(done.returncode, 0, done.stderr)
        built = run("ninja", "-C", build / "other", "imprint_nvs_bin")
        self.assertNotEqual(built.returncode, 0)
        self.assertIn("values.csv, line 3", built.stdout)


class IdfAction(Case):
    """What idf.py does with it: ESP-IDF's tools/idf.py, init_cli and CLI, 5.1 to 6.0."""

    def setUp(self):
        super().setUp()
        self.written = self.folder / "called"
        self.program = self.folder / "imprint"
        self.program.write_text(
            f"#!{sys.executable}\nimport json, os, sys\n"
            "names = ('IMPRINT_FIRMWARE_DIRECTORY', 'IMPRINT_FIRMWARE_ARTIFACTS')\n"
            f"json.dump([sys.argv[1:], os.getcwd(), [os.environ[n] for n in names]], open({str(self.written)!r}, 'w'))\n"
            "sys.exit(1 if '--fail' in sys.argv else 0)\n")
        self.program.chmod(0o755)
        os.environ["IMPRINT_PROGRAM"] = str(self.program)
        self.addCleanup(os.environ.pop, "IMPRINT_PROGRAM")

    def call(self, port=None, **options):
        action = module_of(COMPONENT / "idf_ext.py").action_extensions({}, str(self.folder))["actions"]["imprint-prepare"]
        args = types.SimpleNamespace(port=port, project_dir=str(self.folder), build_dir=str(self.folder / "out"))
        known = {option["names"][-1][2:].replace("-", "_") for option in action["options"]} - {"port"}
        self.assertEqual(known, {"lot", "imprint_args"})
        action["callback"]("imprint-prepare", None, args, **options)
        return json.loads(self.written.read_text())

    def test_it_prepares_with_what_was_just_built(self):
        command, cwd, firmware = self.call(port="/dev/ttyUSB3", lot="order 17", imprint_args="--json --dry-run")
        self.assertEqual(command, ["prepare", "--port", "/dev/ttyUSB3", "--lot", "order 17", "--json", "--dry-run"])
        self.assertEqual(os.path.realpath(cwd), os.path.realpath(self.folder))
        self.assertEqual(firmware, [str(self.folder), str(self.folder / "out")])
        self.assertEqual(self.call()[0], ["prepare"])

    def test_a_run_that_failed_fails_idf_py(self):
        with self.assertRaises(SystemExit) as ended:
            self.call(imprint_args="--fail")
        self.assertIn("imprint prepare ended with 1", str(ended.exception))

    def test_it_builds_first_and_is_there_once(self):
        extension = module_of(COMPONENT / "idf_ext.py")
        first = extension.action_extensions({}, "")
        self.assertEqual(first["actions"]["imprint-prepare"]["dependencies"], ["all"])
        self.assertEqual(extension.action_extensions(first, ""), {})

    def test_the_examples_own_file_finds_it(self):
        self.assertIn("imprint-prepare", module_of(EXAMPLE / "idf_ext.py").action_extensions({}, "")["actions"])


class Example(Case):
    def test_its_partition_table_is_one(self):
        table = self.folder / "table.bin"
        done = run(IMPRINT, "image", "partition-table", "--flash-size", "4MB", EXAMPLE / "partitions.csv", table)
        self.assertEqual(done.returncode, 0, done.stderr)
        shown = run(IMPRINT, "image", "inspect", table, "--json")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        for name in ("otadata", "slots", "ota_0", "ota_1", "coredump", "storage"):
            self.assertIn(f'"{name}"', shown.stdout)

    def test_each_setting_that_it_uses_is_one_of_its_menu(self):
        menu = set(re.findall(r"^ *config (EXAMPLE_\w+)", (EXAMPLE / "main/Kconfig.projbuild").read_text(), re.M))
        used = set()
        for path in (EXAMPLE / "main").glob("*"):
            if path.suffix in {".cpp", ".h", ".txt"}:
                used |= set(re.findall(r"\bCONFIG_(EXAMPLE_\w+)", path.read_text()))
        self.assertEqual(used - menu, set())
        self.assertEqual(menu - used, {"EXAMPLE_NETWORK_WIFI"})  # one of two: the other is asked for
        tried = set(re.findall(r"CONFIG_(EXAMPLE_\w+)", (HERE / "esp_idf/common/sdkconfig.h").read_text()))
        self.assertEqual(tried, menu - {"EXAMPLE_NETWORK_WIFI", "EXAMPLE_NETWORK_EMULATED"})


class Archive(Case):
    def packed(self, *options):
        done = run(ROOT / "scripts/pack_component", self.folder, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return Path(done.stdout.strip())

    def test_it_has_what_the_registry_and_a_build_want(self):
        archive = self.packed()
        with tarfile.open(archive) as tar:
            names = tar.getnames()
            texts = {name: tar.extractfile(name).read().decode() for name in names}
        for name in ("CMakeLists.txt", "idf_component.yml", "LICENSE", "README.md", "CHANGELOG.md", "Kconfig",
                     "project_include.cmake", "idf_ext.py", "include/imprint_identity.h",
                     "examples/aws_iot/README.md", "examples/aws_iot/partitions.csv",
                     "examples/aws_iot/sdkconfig.defaults", "examples/aws_iot/main/Kconfig.projbuild"):
            self.assertIn(name, names)
        # Each source that is compiled is in it, and nothing that is not the component's.
        for folder in ("core", "idf"):
            for path in (COMPONENT / folder).glob("*.cpp"):
                self.assertIn(f"{folder}/{path.name}", texts["CMakeLists.txt"])
                self.assertIn(f"{folder}/{path.name}", names)
        self.assertEqual({name.split("/")[0] for name in names},
                         {"CMakeLists.txt", "idf_component.yml", "LICENSE", "README.md", "CHANGELOG.md", "Kconfig",
                          "project_include.cmake", "idf_ext.py", "include", "core", "idf", "examples"})
        version = archive.stem.removeprefix("imprint_identity_")
        self.assertIn(f'version: "{version}"', texts["idf_component.yml"])
        self.assertIn("license: Apache-2.0", texts["idf_component.yml"])
        self.assertIn("Apache License", texts["LICENSE"])
        self.assertIn('override_path: "../../../"', texts["examples/aws_iot/main/idf_component.yml"])
        for name, text in texts.items():
            if name.endswith(".md"):
                self.assertNotIn("](../", text, name)

    def test_it_is_the_same_each_time_and_says_where_it_is_from(self):
        first = self.packed().read_bytes()
        self.assertEqual(self.packed().read_bytes(), first)
        archive = self.packed("--url", "https://example.com", "--repository", "https://example.com/imprint")
        with tarfile.open(archive) as tar:
            self.assertIn('url: "https://example.com"', tar.extractfile("idf_component.yml").read().decode())
            self.assertIn("](https://example.com/imprint/", tar.extractfile("README.md").read().decode())


if __name__ == "__main__":
    unittest.main()
