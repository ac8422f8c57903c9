#!/usr/bin/env python3
"""What becomes of the packages on a computer: a new Debian of the smallest kind gets them from scripts/package, upgrades,
removes and purges them. `make package-test`; needs root and a package source. Prints what was measured.

The system is a folder, with processes and mounts of its own that end with each command. There is no systemd in it:
services neither start nor stop here.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUITE = os.environ.get("IMPRINT_SUITE", "bookworm")  # the tarball's: another Debian
LONGEST = 1800  # seconds for a command; packages may be fetched slowly, on a computer that does much else

# What a package manager remembers, and nobody calls a leftover.
KNOWN = re.compile(r"/(proc|sys|dev|tmp|packages|run)/|/var/(cache|log|lib/(apt|dpkg|systemd))/|/etc/.*-$")

# The command runs as the first process of its own, and takes all others with it when it ends.
INSIDE = """
mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
    exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive \
        sh -c "$1"
"""


def output(*command, **more):
    run = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=LONGEST, **more)
    if run.returncode != 0:
        raise AssertionError(f"{command[-1]}: {run.returncode}\n{run.stdout[-4000:]}")
    return run.stdout


def measured(what, began):
    print(f"  {what}: {time.monotonic() - began:.1f} s", flush=True)


class System:
    """A new Debian in a folder."""

    def __init__(self, folder, suite):
        self.root = folder / suite
        began = time.monotonic()
        sources = output("apt-get", "indextargets", "--format", "deb $(REPO_URI) $(RELEASE) $(COMPONENT)",
                         "Created-By: Packages", "Origin: Debian")
        lines = sorted(set(sources.splitlines()))
        if suite != "bookworm":
            lines = [line.replace(" bookworm ", f" {suite} ") for line in lines if " bookworm " in line]
        output("mmdebstrap", "--quiet", "--variant=minbase", suite, self.root, "-", input="\n".join(lines))
        # A package's own service (Mosquitto's) does not start.
        policy = self.root / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        (self.root / "packages").mkdir()
        self.run("apt-get update -q")
        measured(f"a new {suite}", began)

    def run(self, command):
        return output("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", INSIDE, self.root, command)

    def bring(self, path):
        """A file's path in the system."""
        place = self.root / "packages" / path.name
        place.write_bytes(path.read_bytes())
        return f"/packages/{path.name}"

    def files(self):
        names = set()
        for folder, folders, files in os.walk(self.root):
            inside = "/" + os.path.relpath(folder, self.root) + "/"
            if inside == "/./":
                inside = "/"
            names |= {inside + name for name in folders + files if not KNOWN.match(inside + name + "/")}
        return names

    def kilobytes(self):
        return sum(int(size or 0) for size in self.run("dpkg-query -W -f '${Installed-Size}\\n'").split())


def pack(folder, *options):
    return [pathlib.Path(line) for line in output(ROOT / "scripts/package", "--to", folder, *options).split()]


def setUpModule():
    if os.geteuid() != 0:
        raise unittest.SkipTest("only root makes a system to install into")
    asked = subprocess.run(["apt-get", "update", "-qq", "--error-on=any"], capture_output=True, text=True)
    if asked.returncode != 0 and subprocess.run(["apt-get", "update", "-qq"], capture_output=True).returncode != 0:
        raise unittest.SkipTest("the package sources cannot be reached: " + asked.stderr.strip()[-200:])


class Installation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.folder = pathlib.Path(place.name)
        print(flush=True)
        began = time.monotonic()
        cls.deb, cls.tarball = pack(cls.folder / "this")
        [cls.former] = pack(cls.folder / "former", "--only", "deb", "--version", "0.0.9")
        measured("three packages", began)
        cls.system = System(cls.folder, "bookworm")

    def setUp(self):
        # Each begins without it, also after one that has failed.
        self.system.run("apt-get purge -y -q imprint || true")

    def gone(self):
        """Nothing of the package's is left in the system."""
        self.assertEqual([name for name in self.system.files() if "imprint" in name], [])
        self.assertNotIn("imprint", self.system.run("cat /etc/passwd /etc/group /etc/shadow"))
        self.assertEqual(self.system.run("dpkg-query -W -f '${Package} ${db:Status-Abbrev}\\n'").count("imprint"), 0)

    def test_1_from_the_package_to_four_boards(self):
        system = self.system
        kilobytes = system.kilobytes()
        began = time.monotonic()
        deb = system.bring(self.deb)
        system.run(f"apt-get install -y -q {deb}")
        measured("apt install", began)
        self.assertIn("4 passed, 0 failed", system.run("imprint demo"))
        measured("from apt install to four boards", began)
        print(f"  on disk with what it depends on: {(system.kilobytes() - kilobytes) / 1024:.0f} MB")

        self.assertRegex(system.run("id imprint"), r"dialout")
        self.assertEqual(system.run("stat -c '%U:%G %a' /etc/imprint /var/lib/imprint").split("\n")[:2],
                         ["root:imprint 750", "imprint:imprint 700"])
        # Nobody has set it up yet.
        self.assertFalse((system.root / "etc/systemd/system/multi-user.target.wants/imprint-station.service").exists())

        system.run("apt-get purge -y -q imprint && apt-get autoremove -y -q --purge")
        self.gone()

    def test_2_without_what_it_recommends_it_is_a_station(self):
        system = self.system
        system.run("apt-get autoremove -y -q --purge")
        kilobytes = system.kilobytes()
        system.run(f"apt-get install -y -q --no-install-recommends {system.bring(self.deb)}")
        print(f"  on disk as a station without mosquitto: {(system.kilobytes() - kilobytes) / 1024:.0f} MB")
        self.assertIn("broker_missing", system.run("timeout 60 imprint registry serve --state /tmp/registry 2>&1 || true"))
        system.run("apt-get purge -y -q imprint")
        self.gone()

    def test_3_an_upgrade_keeps_configuration_and_ledger_and_copies_the_ledger(self):
        system = self.system
        as_station = "cd / && runuser -u imprint -- imprint"
        configured = "--config /etc/imprint/imprint.toml"
        system.run(f"apt-get install -y -q --no-install-recommends {system.bring(self.former)}")
        with (system.root / "etc/imprint/imprint.toml").open("a") as file:
            file.write("# ours\n")
        # Before there is a ledger there is nothing to copy, and nothing is said of it.
        self.assertNotIn("ledger", system.run(f"dpkg -i {system.bring(self.former)}"))
        system.run(f"{as_station} lot open order-17 {configured}")

        said = system.run(f"apt-get install -y -q --no-install-recommends {system.bring(self.deb)}")
        copy = "/var/lib/imprint/backups/ledger-of-0.0.9.sqlite"
        self.assertIn(f"The ledger was copied to {copy}.", said)
        self.assertEqual(system.run(f"stat -c '%U %a' {copy}").strip(), "imprint 600")
        self.assertIn("order-17", system.run(f"{as_station} lot list {configured}"))
        self.assertIn("order-17", system.run(f"{as_station} lot list {configured} --ledger {copy}"))
        self.assertIn("# ours", system.run("cat /etc/imprint/imprint.toml"))

        # A ledger that cannot be read stops no upgrade, and is told.
        ledger = system.root / "var/lib/imprint/ledger.sqlite"
        ledger.write_bytes(b"no database at all" * 100)
        said = system.run(f"dpkg -i {system.bring(self.deb)} 2>&1")
        self.assertIn("No copy of the ledger was made", said)
        self.assertIn("database_damaged", said)

        # The copy is made as the station's user: what root alone may read gets no copy that the user may read.
        secret = system.root / "root/secret"
        secret.write_text("only for root")
        secret.chmod(0o600)
        ledger.unlink()
        ledger.symlink_to("/root/secret")
        system.run(f"dpkg -i {system.bring(self.deb)}")
        self.assertEqual(system.run("grep -rl 'only for root' /var/lib/imprint/backups || true"), "")

        said = system.run("apt-get remove -y -q imprint")
        self.assertIn("a purge deletes both", said)
        self.assertFalse((system.root / "usr/bin/imprint").exists())
        for name in ("etc/imprint/imprint.toml", copy[1:]):
            self.assertTrue((system.root / name).exists(), name)
        self.assertIn("Deleting /etc/imprint", system.run("apt-get purge -y -q imprint"))
        self.gone()

    def test_4_the_tarball_needs_nothing_of_the_system_but_mosquitto(self):
        system = self.system if SUITE == "bookworm" else System(self.folder, SUITE)
        system.run("apt-get autoremove -y -q --purge")
        output("tar", "-xJf", self.tarball, "-C", system.root / "packages")
        program = f"/packages/{self.tarball.name.removesuffix('.tar.xz')}/bin/imprint"
        self.assertIn("imprint", system.run(f"{program} --version"))
        self.assertIn("broker_missing", system.run(f"timeout 60 {program} registry serve --state /tmp/registry 2>&1 || true"))
        system.run("apt-get install -y -q --no-install-recommends mosquitto")
        self.assertIn("4 passed, 0 failed", system.run(f"{program} demo"))


@unittest.skipUnless((ROOT / "build-arm64/imprint").exists() and shutil.which("qemu-aarch64"),
                     "nothing was built for arm64: make package ARCH=arm64")
class Arm64(unittest.TestCase):
    """What `make package ARCH=arm64` has built, run by an emulator of that processor."""

    def test_it_makes_the_same_images_as_this_computer(self):
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            [deb] = pack(folder, "--arch", "arm64")
            self.assertEqual(output("dpkg-deb", "--field", deb, "Architecture").strip(), "arm64")
            depends = output("dpkg-deb", "--field", deb, "Depends")
            self.assertRegex(depends, r"libgcc-s1, .*libssl3 .*libstdc\+\+6, .*libzint2\.11")
            self.assertNotRegex(depends, r"lib32|:arm64|cross")
            output("dpkg-deb", "--extract", deb, folder / "tree")
            emulated = ["qemu-aarch64", "-L", ROOT / "build-arm64/sysroot", folder / "tree/usr/bin/imprint"]
            here = [ROOT / "build/imprint"]
            self.assertEqual(output(*emulated, "--version"), output(*here, "--version"))
            files = folder / "files"
            files.mkdir()
            (files / "certificate.pem.crt").write_bytes(bytes(range(256)) * 5)
            (files / "größe.txt").write_text("ä")
            for program, image in ((emulated, "arm64.bin"), (here, "here.bin")):
                output(*program, "image", "spiffs", "0x10000", files, folder / image)
            self.assertEqual((folder / "arm64.bin").read_bytes(), (folder / "here.bin").read_bytes())
            self.assertIn("certificate.pem.crt", output(*emulated, "image", "inspect", folder / "here.bin"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
