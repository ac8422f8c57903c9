#!/usr/bin/env python3
"""Many boards at once beside a lone one, by the built program: many_boards.py IMPRINT [BOARDS]

The boards are simulated in another process, at the speed of a real wire and a real flash. What is
measured is the flashing program alone: when each board was done, its CPU time and its memory."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime

IMPRINT = str(pathlib.Path(sys.argv[1]).resolve())
BOARDS = int(sys.argv[2]) if len(sys.argv) > 2 else 32


def flash(folder, count, run=0):
    """Seconds until each blank board was proven, the process's CPU seconds and its peak memory in MiB."""
    bays = folder / f"bays{count}-{run}"
    boards = subprocess.Popen([IMPRINT, "simulate", "board", "--count", str(count), "--dir", str(bays), "--timing",
                               "w25q32", "--no-network"], stdout=subprocess.DEVNULL)
    try:
        ports = [bays / f"bay{i}" for i in range(count)]
        while not all(port.exists() for port in ports):
            time.sleep(0.05)
        arguments = [word for port in ports for word in ("--port", str(port))]
        log = folder / f"events{count}"
        began = time.time()
        with log.open("wb") as sink:
            process = subprocess.Popen([IMPRINT, "board", "flash", "--json", *arguments, "--flasher-args",
                                        str(folder / "project" / "build" / "flasher_args.json")], stdout=sink)
            _, status, used = os.wait4(process.pid, 0)
        if status != 0:
            raise SystemExit(f"flashing {count} boards failed:\n{log.read_text()[-2000:]}")
        events = [json.loads(line) for line in log.read_text().splitlines()]
        done = [datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp() - began
                for event in events if event["event"] == "board_flashed"]
        assert len(done) == count, len(done)
        return done, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    finally:
        boards.send_signal(signal.SIGTERM)
        boards.wait()


def main():
    with tempfile.TemporaryDirectory(prefix="imprint-bench") as name:
        folder = pathlib.Path(name)
        subprocess.run([IMPRINT, "simulate", "firmware", str(folder / "project")], check=True,
                       stdout=subprocess.DEVNULL)
        lone = sorted(flash(folder, 1, run)[0][0] for run in range(3))[1]
        done, cpu, memory = flash(folder, BOARDS)
        print(f"one board            {lone:7.3f} s")
        print(f"{BOARDS} boards at once    {min(done):7.3f} to {max(done):.3f} s, the last {max(done) / lone:.3f} of a "
              f"lone one (bar 1.05)")
        print(f"                     {cpu:.2f} s of CPU, {cpu / max(done):.2f} of a core (bar 1); peak memory "
              f"{memory:.0f} MiB (bar 64)")


main()
