#!/usr/bin/python3
"""The whole process that builds a board's credential image of 0xF0000 bytes, as a script calls it:
median of 101 runs, on whatever disk the temporary folder is."""

import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

runs = 101
program = sys.argv[1]
with tempfile.TemporaryDirectory() as folder:
    files = pathlib.Path(folder, "files")
    files.mkdir()
    for name, size in (("certificate.pem.crt", 1224), ("private.pem.key", 1679), ("aws-root-ca.pem", 1188)):
        (files / name).write_bytes(b"x" * size)

    def median_ms(*arguments):
        times = []
        for _ in range(runs):
            start = time.monotonic()
            subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL)
            times.append(time.monotonic() - start)
        return statistics.median(times) * 1000

    image = median_ms("image", "spiffs", "0xF0000", files, pathlib.Path(folder, "image.bin"))
    print(f"imprint image spiffs 0xF0000   {image:6.1f} ms")
    print(f"imprint --version              {median_ms('--version'):6.1f} ms")
