#!/usr/bin/python3
"""What this version leaves on a station, for test_upgrade.py of all later ones: tests/release/make_data.py [FOLDER].

Run once, after a release, with its own program (IMPRINT, or build/imprint), into data/VERSION. A lot on simulated
boards against the local registry: two boards pass, one does not print its line; then one is retired and one rotated.
What would tell of the computer that it was made on is replaced.
"""

import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import bench  # noqa: E402 (found by the line above)

PLACE = "pci-0000:00:14.0-usb-1."


def version():
    shown = subprocess.run([bench.IMPRINT, "--version"], capture_output=True, text=True, check=True).stdout
    return shown.split()[1]


def worked(outcome, status=0):
    if outcome.status != status:
        sys.exit(str(outcome))
    return outcome


def make_configuration(factory, folder):
    worked(factory.run("init", "new"))
    new = factory.folder / "new"
    text = (new / "imprint.toml").read_text()
    (folder / "imprint.toml").write_text(text)
    (folder / "imprint-policy.json").write_text((new / "imprint-policy.json").read_text())
    # A line that shows a default becomes that default.
    (folder / "every-key.toml").write_text(re.sub(r"^#([a-z_]+ = )", r"\1", text, flags=re.M))


def make_ledger(factory, folder):
    serial = {"identity": {"attributes": {"serial": "{serial}"}}, "station": {"name": "north", "operator": "Ada"}}
    factory.configure(**serial)
    worked(factory.run("lot", "open", "order-17", "--code", "4711", "--target", "5", "--serial", "T-{number:3}",
                       "--allow-firmware", "this"))
    for board in (0, 1):  # one after the other: the serial numbers are theirs in this order
        worked(factory.run("prepare", "--port", factory.port(board), "--lot", "order-17"))
    factory.configure(**serial, verify={"timeout": 2, "console": "never printed"})
    worked(factory.run("prepare", "--port", factory.port(2), "--lot", "order-17"), status=1)
    factory.configure(**serial)
    worked(factory.run("registry", "retire", factory.mac(1), "--reason", "scrapped"))
    worked(factory.run("registry", "rotate", "--port", factory.port(0)))
    worked(factory.run("lot", "pause", "order-17"))
    database = sqlite3.connect(factory.folder / "ledger.sqlite")
    lines = [f"PRAGMA {name} = {database.execute(f'PRAGMA {name}').fetchone()[0]};"
             for name in ("application_id", "user_version")]
    text = "\n".join([*lines, *database.iterdump()]) + "\n"
    database.close()
    host = re.escape(os.uname().nodename)
    text = re.sub(rf"'{host}/[-0-9a-f]{{36}}/", "'station-1/00000000-0000-4000-8000-000000000000/", text)
    text = re.sub(rf"'{host}'", "'station-1'", text).replace(str(factory.folder), "/srv/line")
    (folder / "ledger.sql").write_text(text)


def make_bays(factory, folder):
    links = factory.folder / "by-path"
    links.mkdir()
    setup = factory.popen("station", "setup", "left", "right", "--set", f"station.watch={links}", "--json",
                          stdin=subprocess.PIPE)
    # One socket each time that the program asks for a board.
    for number, line in enumerate(line for line in setup.stdout if '"note"' in line):
        (links / f"{PLACE}{number + 1}").symlink_to(factory.port(number).resolve())
        if number == 1:
            break
    written = factory.folder / "imprint-bays.toml"
    bench.wait_for("the file of bays", lambda: written.exists() and PLACE + "2" in written.read_text())
    factory.stop(setup)
    (folder / "imprint-bays.toml").write_text(written.read_text().replace(f"{links}/", ""))


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "data" / version()
    if folder.exists():
        sys.exit(f"{folder} is there already; what a version left is not made anew")
    factory = bench.Factory(boards=3)
    try:
        made = factory.folder / "made"
        made.mkdir()
        make_configuration(factory, made)
        make_ledger(factory, made)
        make_bays(factory, made)
        shutil.copytree(made, folder)
    finally:
        factory.close()
    print(folder)


main()
