"""What former versions left on a station is read by this one: configuration, bays, ledger. Each version that was
released has its folder under data/."""

import csv
import io
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import tomllib
import unittest

IMPRINT = os.environ["IMPRINT"]
DATA = pathlib.Path(__file__).resolve().parent / "data"
VERSIONS = sorted(path.name for path in DATA.iterdir() if path.is_dir())
SERIALS = [("T-001", "246f28000000"), ("T-002", "246f28000001"), ("T-003", "246f28000002")]


def flat(table, prefix=""):
    """The keys of a configuration file as the program names them. A table may be a value itself."""
    found = {}
    for name, value in table.items():
        if isinstance(value, dict) and value:
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


class Upgrade(unittest.TestCase):
    def test_what_each_released_version_left_is_here(self):
        self.assertIn("0.1.0", VERSIONS)

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)

    def station(self, version, configuration="imprint.toml"):
        """A station's folder as that version left it."""
        folder = self.folder / version
        folder.mkdir()
        for name in ("imprint-policy.json", "imprint-bays.toml"):
            shutil.copy(DATA / version / name, folder)
        shutil.copy(DATA / version / configuration, folder / "imprint.toml")
        with sqlite3.connect(folder / "imprint-ledger.sqlite") as database:
            database.executescript((DATA / version / "ledger.sql").read_text())
        database.close()
        return folder

    def run_in(self, folder, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "IMPRINT_"))}
        environment |= {"HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true", "NO_COLOR": "1"}
        return subprocess.run([IMPRINT, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    def events(self, folder, *arguments):
        done = self.run_in(folder, *arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def values_of(self, folder):
        """What `imprint doctor` says of the configuration: key -> (value, where it came from)."""
        done = self.run_in(folder, "doctor", "--values", "--json")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        checks = {event["name"]: event for event in events if event["event"] == "check"}
        self.assertEqual(checks["config"]["health"], "ok", done.stdout)
        self.assertEqual(checks["ledger"]["health"], "ok", done.stdout)
        return {event["key"]: (event["value"], event["origin"]) for event in events if event["event"] == "config_value"}

    def test_the_configuration_that_init_wrote_is_read(self):
        for version in VERSIONS:
            folder = self.station(version)
            values = self.values_of(folder)
            self.assertIn("imprint.toml", values["identity.thing_type"][1])
            # The bays of `imprint station setup` beside it.
            bays, origin = values["station.bays"]
            self.assertIn("imprint-bays.toml", origin)
            for place in ("pci-0000:00:14.0-usb-1.1", "pci-0000:00:14.0-usb-1.2"):
                self.assertIn(place, bays)

    def test_every_key_that_there_was_is_still_one(self):
        for version in VERSIONS:
            folder = self.station(version, "every-key.toml")
            values = self.values_of(folder)
            keys = flat(tomllib.loads((DATA / version / "every-key.toml").read_text()))
            self.assertGreater(len(keys), 70)
            for key in keys:
                self.assertNotEqual(values[key][1], "default", key)

    def test_the_ledger_is_read_and_nothing_of_it_is_lost(self):
        for version in VERSIONS:
            folder = self.station(version)
            before = (folder / "imprint-ledger.sqlite").read_bytes()
            self.check_boards(folder)
            self.assertEqual((folder / "imprint-ledger.sqlite").read_bytes(), before, "reading changes nothing")

    def test_the_ledger_is_worked_with(self):
        for version in VERSIONS:
            folder = self.station(version)
            [lot] = self.events(folder, "lot", "resume", "order-17")
            self.assertEqual((lot["state"], lot["passed"], lot["target"]), ("open", 2, 5))
            effects = self.asked(version, "SELECT * FROM effects")
            self.assertGreater(len(effects), 30)
            self.events(folder, "lot", "open", "order-18", "--serial", "U-{number}")
            lots = {lot["name"]: lot for lot in self.events(folder, "lot", "list")}
            self.assertEqual(set(lots), {"order-17", "order-18"})
            self.check_boards(folder)
            with sqlite3.connect(folder / "imprint-ledger.sqlite") as database:
                self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
                serials = database.execute("SELECT serial, mac FROM serials ORDER BY serial").fetchall()
                kept = database.execute("SELECT * FROM effects WHERE id <= ?", [len(effects)]).fetchall()
            database.close()
            self.assertEqual(serials, SERIALS)
            # A later version may have more to say of each.
            self.assertEqual([effect[:len(effects[0])] for effect in kept], effects)

    def asked(self, version, query):
        """What the ledger holds that the version left, before anybody has opened it."""
        with sqlite3.connect(":memory:") as database:
            database.executescript((DATA / version / "ledger.sql").read_text())
            return database.execute(query).fetchall()

    def check_boards(self, folder):
        attempts = {event["attempt"]: event for event in self.events(folder, "ledger", "list")}
        self.assertEqual(sorted((one["mac"], one["verdict"], one["certificate_state"]) for one in attempts.values()),
                         [("246f28000000", "passed", "gone"), ("246f28000000", "passed", "proven"),
                          ("246f28000001", "passed", "gone"), ("246f28000002", "failed", "inactive")])
        self.assertEqual({event["lot"] for event in attempts.values()}, {"order-17"})
        exported = self.run_in(folder, "ledger", "export")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        rows = {row["mac"]: row for row in csv.DictReader(io.StringIO(exported.stdout))}
        self.assertEqual(set(rows), {"246f28000000", "246f28000001", "246f28000002"})
        self.assertEqual((rows["246f28000001"]["serial"], rows["246f28000002"]["serial"]), ("T-002", "T-003"))
        self.assertEqual({row["operator"] for row in rows.values()}, {"Ada"})
        runs = self.events(folder, "ledger", "runs")
        [[last]] = self.asked(folder.name, "SELECT max(id) FROM runs")
        self.assertEqual({run["version"] for run in runs if run["run"] <= last}, {folder.name})


if __name__ == "__main__":
    unittest.main()
