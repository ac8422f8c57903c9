"""What Debian's package does around its files: its scripts as debhelper completes them, each called as dpkg calls it.
What they call of the system is played, with a memory; no systemd, no root and no build is needed."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
UNIT = "imprint-station.service"

# Each notes how it was called. `memory` is a folder: passwd has "name:x:number", group as well, `active` is there while
# the station runs.
PLAYED = {
    "systemctl": f"""
case " $* " in
*" is-active "*) [ -e "$memory/active" ] ;;
*" is-enabled "*) echo disabled && exit 1 ;;
*" stop "*) rm -f "$memory/active" ;;
*" start "*|*" restart "*) touch "$memory/active" ;;
*" try-restart "*) if [ -e "$memory/active" ]; then echo "{UNIT}" >> "$memory/restarted"; fi ;;
esac
""",
    # Debian's own passes on all but start and restart of what is not enabled.
    "deb-systemd-invoke": 'if [ "$1" = start ]; then exit 0; fi\nexec systemctl --quiet "$@"\n',
    "deb-systemd-helper": "exit 1\n",
    "getent": 'grep "^$2:" "$memory/$1" || exit 2\n',
    # As adduser 3.134 of Debian 12: a user that is there already is fine if it is a system user.
    "adduser": """
case " $* " in
*" --system "*)
    number=$(grep '^imprint:' "$memory/passwd" | cut -d: -f3)
    if [ -z "$number" ]; then
        echo imprint:x:105: >> "$memory/passwd"
        grep -q '^imprint:' "$memory/group" || echo imprint:x:105: >> "$memory/group"
    elif [ "$number" -ge 1000 ]; then
        echo 'The user `imprint'"'"' already exists, but is not a system user. Exiting.' >&2 && exit 1
    fi ;;
esac
""",
    "addgroup": 'echo imprint:x:106: >> "$memory/group"\n',
    "deluser": """
[ "$(grep '^imprint:' "$memory/passwd" | cut -d: -f3)" -lt 1000 ] || exit 1
sed -i '/^imprint:/d' "$memory/passwd"
sed -i '/^imprint:x:105:/d' "$memory/group"
""",
    "delgroup": """
[ "$(grep '^imprint:' "$memory/group" | cut -d: -f3)" -lt 1000 ] || exit 1
sed -i '/^imprint:/d' "$memory/group"
""",
    # The users are not there, so that nothing can be given to them.
    "install": 'for last; do :; done\nexec /usr/bin/install -d -m 700 "$last"\n',
    "chown": "",
    "dpkg-statoverride": "exit 1\n",
    "runuser": "echo ledger_missing && exit 1\n",
    "imprint": "",
}


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.made = pathlib.Path(place.name)
        shutil.copytree(ROOT / "packaging/debian", cls.made / "debian")
        (cls.made / "debian/changelog").write_text(
            "imprint (1.2.3) bookworm; urgency=medium\n\n  * A test.\n\n"
            " -- A <a@example.com>  Thu, 01 Jan 2026 00:00:00 +0000\n")
        units = cls.made / "debian/imprint/lib/systemd/system"
        units.mkdir(parents=True)
        shutil.copy(ROOT / "packaging/systemd" / UNIT, units)
        for command in (["make", "-f", "debian/rules", "override_dh_installsystemd"], ["dh_installdeb"]):
            done = subprocess.run(command, cwd=cls.made, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stdout + done.stderr

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name)
        self.memory = self.root / "memory"
        self.state, self.configuration = self.root / "var/lib/imprint", self.root / "etc/imprint"
        programs = self.root / "programs"
        for folder in (self.memory, programs, self.state.parent, self.configuration, self.root / "run/systemd/system"):
            folder.mkdir(parents=True)
        self.users("passwd")
        self.users("group")
        for name, text in PLAYED.items():
            path = programs / name
            path.write_text(f'#!/bin/sh\necho "{name} $*" >> "$memory/calls"\n{text}')
            path.chmod(0o755)
        self.environment = {"PATH": f"{programs}:/usr/bin:/bin", "memory": str(self.memory), "LC_ALL": "C"}
        for name in SCRIPTS:
            text = (self.made / "debian/imprint/DEBIAN" / name).read_text()
            for path in ("/run/systemd/system", "/run/udev/control", "/var/lib/imprint", "/etc/imprint"):
                text = text.replace(path, str(self.root) + path)
            (self.root / name).write_text(text)

    def users(self, table, *lines):
        (self.memory / table).write_text("".join(f"{line}\n" for line in ("root:x:0:", *lines)))

    def names(self, table):
        return [line.split(":")[0] for line in (self.memory / table).read_text().splitlines()]

    def script(self, name, *arguments):
        return subprocess.run(["sh", self.root / name, *arguments], env=self.environment, cwd=self.root,
                              capture_output=True, text=True, timeout=60)

    def worked(self, *words):
        """What was said, without the folder that plays the system."""
        done = self.script(*words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return (done.stdout + done.stderr).replace(str(self.root), "")

    def installed(self):
        self.worked("preinst", "install")
        self.worked("postinst", "configure", "")

    def upgraded(self):
        """In dpkg's order. Says whether the station runs after each."""
        runs = []
        for call in (("prerm", "upgrade", "1.2.4"), ("preinst", "upgrade", "1.2.3", "1.2.4"),
                     ("postrm", "upgrade", "1.2.4"), ("postinst", "configure", "1.2.3")):
            self.worked(*call)
            runs.append((self.memory / "active").exists())
        return runs

    def restarts(self):
        path = self.memory / "restarted"
        return path.read_text().split() if path.exists() else []

    def test_a_station_that_runs_is_started_anew_by_an_upgrade(self):
        self.installed()
        (self.memory / "active").touch()
        self.assertEqual(self.upgraded(), [True] * 4)
        self.assertEqual(self.restarts(), [UNIT])

    def test_a_station_that_does_not_run_is_not_started(self):
        self.installed()
        self.assertFalse((self.memory / "active").exists())
        self.assertEqual(self.upgraded(), [False] * 4)
        self.assertEqual(self.restarts(), [])

    def test_a_removal_stops_the_station(self):
        self.installed()
        (self.memory / "active").touch()
        self.worked("prerm", "remove")
        self.assertFalse((self.memory / "active").exists())

    def test_a_purge_leaves_neither_folders_nor_the_user(self):
        self.installed()
        self.assertTrue(self.state.is_dir())
        self.assertEqual(self.names("passwd"), ["root", "imprint"])
        self.assertIn("a purge deletes both", self.worked("postrm", "remove"))
        self.assertTrue(self.state.is_dir())
        self.assertIn("Deleting /etc/imprint, and /var/lib/imprint", self.worked("postrm", "purge"))
        self.assertFalse(self.state.exists() or self.configuration.exists())
        self.assertEqual((self.names("passwd"), self.names("group")), (["root"], ["root"]))

    def test_a_system_user_that_was_there_is_the_stations(self):
        self.users("passwd", "imprint:x:999:65534:")
        self.installed()
        self.assertEqual(self.names("group"), ["root", "imprint"])
        calls = (self.memory / "calls").read_text()
        for group in ("imprint", "dialout"):
            self.assertIn(f"adduser --quiet imprint {group}\n", calls)
        self.worked("postrm", "purge")
        self.assertEqual((self.names("passwd"), self.names("group")), (["root"], ["root"]))

    def test_an_ordinary_user_of_that_name_is_told_before_anything_is_unpacked(self):
        self.users("passwd", "imprint:x:1000:1000:")
        done = self.script("preinst", "install")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ordinary user imprint (number 1000)", done.stderr)
        self.assertIn("usermod --login NAME imprint", done.stderr)

    def test_a_purge_leaves_an_ordinary_user_of_that_name(self):
        self.users("passwd", "imprint:x:1000:1000:")
        self.users("group", "imprint:x:1000:")
        self.worked("postrm", "purge")
        self.assertEqual((self.names("passwd"), self.names("group")), (["root", "imprint"], ["root", "imprint"]))

    def test_a_link_that_leads_nowhere_is_told_and_not_followed(self):
        disk = self.root / "disk/imprint"
        self.state.symlink_to(disk)
        self.worked("preinst", "install")
        said = self.worked("postinst", "configure", "")
        self.assertIn("is a link to /disk/imprint, which is not there", said)
        self.assertIn("install -d -m 700 -o imprint -g imprint /disk/imprint", said)
        self.assertFalse(disk.exists())
        # What it leads to is not the package's to delete.
        disk.mkdir(parents=True)
        (disk / "ledger.sqlite").touch()
        self.assertIn("stay where /var/lib/imprint led: /disk/imprint", self.worked("postrm", "purge"))
        self.assertFalse(self.state.is_symlink())
        self.assertTrue((disk / "ledger.sqlite").exists())


if __name__ == "__main__":
    unittest.main()
