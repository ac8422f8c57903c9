#!/usr/bin/python3
"""Records what the ESP32's own ROM loader answers, for rom_recording_test.cpp.

  record_rom.py OUT.json FLASH.bin PORT -- EMULATOR-COMMAND…

The command must start an ESP32 with its real ROM in download mode, UART0 listening on 127.0.0.1:PORT
and FLASH.bin (4 MB) as its flash. It is started anew for each session, and ended by its process id.
"""

import hashlib
import json
import socket
import struct
import subprocess
import sys
import time
import zlib

SYNC, READ, WRITE = 0x08, 0x0A, 0x09
MEM_BEGIN, MEM_DATA, MEM_END = 0x05, 0x07, 0x06
BEGIN, DATA, END = 0x02, 0x03, 0x04
DEFL_BEGIN, DEFL_DATA, DEFL_END = 0x10, 0x11, 0x12
ATTACH, PARAMS, MD5, SLOW = 0x0D, 0x0B, 0x13, 0x0E

PATTERN = bytes(range(256)) * 4
COUNTERS = "".join(f"{i:08d}" for i in range(0x1200)).encode()  # no 32 KB of it are alike


def words(*values):
    return struct.pack(f"<{len(values)}I", *values)


def checksum(data):
    value = 0xEF
    for byte in data:
        value ^= byte
    return value


def slip(packet):
    return b"\xc0" + packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"


def frames(stream):
    found = []
    for piece in stream.split(b"\xc0"):
        piece = piece.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
        if piece[:1] == b"\x01" and len(piece) >= 12:
            found.append(piece.hex())
    return found


class Session:
    """One power-up of the chip."""

    def __init__(self, name, fill=b"\xff"):
        self.record = {"name": name, "fill": fill[0], "steps": [], "flash": []}
        with open(flash_file, "wb") as flash:
            flash.write(fill * (4 << 20))
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                self.socket = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                time.sleep(0.1)
        time.sleep(0.5)
        self.drain(0.3)

    def drain(self, patience=2):
        """Waits for the first byte for at most `patience`, then until nothing came for 0.2 s."""
        received = b""
        self.socket.settimeout(patience)
        try:
            while part := self.socket.recv(65536):
                received += part
                self.socket.settimeout(0.2)
        except TimeoutError:
            pass
        return received

    def raw(self, stream):
        self.socket.settimeout(5)
        self.socket.sendall(stream)
        self.record["steps"].append({"send": stream.hex(), "answer": frames(self.drain())})

    def ask(self, op, data=b"", check=0, length=None, direction=0):
        length = len(data) if length is None else length
        self.raw(slip(struct.pack("<BBHI", direction, op, length, check) + data))

    def block(self, op, data, sequence, check=None, length=None):
        length = len(data) if length is None else length
        check = checksum(data) if check is None else check
        self.ask(op, words(length, sequence, 0, 0) + data, check)

    def deflate(self, offset, data, block=0x400, size=None):
        stream = zlib.compress(data, 9)
        blocks = [stream[i : i + block] for i in range(0, len(stream), block)]
        size = (len(data) + 0x3FF) // 0x400 * 0x400 if size is None else size
        self.ask(DEFL_BEGIN, words(size, len(blocks), block, offset))
        for i, part in enumerate(blocks):
            self.block(DEFL_DATA, part, i)

    def sync(self):
        self.ask(SYNC, b"\x07\x07\x12\x20" + b"\x55" * 32)

    def begin_with_flash(self):
        self.sync()
        self.ask(ATTACH, words(0, 0))

    def end(self, *regions):
        self.sync()
        self.socket.close()
        self.process.kill()
        self.process.wait()
        with open(flash_file, "rb") as flash:
            content = flash.read()
        for start, size in regions:
            digest = hashlib.md5(content[start : start + size]).hexdigest()
            self.record["flash"].append({"at": start, "size": size, "md5": digest})
        sessions.append(self.record)
        print(self.record["name"], [len(step["answer"]) for step in self.record["steps"]], flush=True)


def registers():
    s = Session("registers")
    s.sync()
    s.sync()
    s.ask(0xD0)
    s.ask(READ, words(0x40001000))
    s.ask(0xD1)
    s.ask(0x14)
    s.ask(READ, words(0x40001000, 1))
    s.ask(READ, b"")
    s.ask(READ, words(0x40001000), length=2)
    s.ask(READ, words(0x40001000), length=100)
    s.ask(READ, words(0x40001000), direction=1)
    s.ask(WRITE, words(0x3FF42080, 0x12345678, 0xFFFFFFFF, 0))
    s.ask(READ, words(0x3FF42080))
    s.ask(WRITE, words(0x3FF42080, 0xFFFFFFFF, 0xFF00, 0))
    s.ask(READ, words(0x3FF42080))
    s.ask(WRITE, words(0x3FF42080, 1, 0xFFFFFFFF, 0, 0x3FF42084, 2, 0xFFFFFFFF, 0))
    s.ask(READ, words(0x3FF42084))
    s.ask(ATTACH, words(0))
    s.ask(SYNC, b"\0" * 36)
    s.ask(SYNC, b"\x07\x07\x12\x20")
    magic = slip(struct.pack("<BBHI", 0, READ, 4, 0) + words(0x40001000))
    s.raw(b"\xc0\xc0" + magic + b"noise" + magic + magic)
    s.end()


def ram():
    s = Session("ram")
    s.sync()
    s.block(MEM_DATA, b"abcd", 0)
    s.ask(MEM_BEGIN, words(0x800, 2, 0x400, 0x40090000))
    s.block(MEM_DATA, PATTERN, 1)
    s.block(MEM_DATA, PATTERN, 0)
    s.ask(READ, words(0x40090000))
    s.block(MEM_DATA, PATTERN, 0)
    s.block(MEM_DATA, PATTERN, 1, check=0)
    s.block(MEM_DATA, PATTERN, 1)
    s.ask(MEM_BEGIN, words(0x400, 1))
    s.sync()
    s.ask(MEM_BEGIN, words(0x1800, 1, 0x1800, 0x40090000))
    s.block(MEM_DATA, COUNTERS[:0x1800], 0)
    s.ask(READ, words(0x400917FC))
    s.ask(MEM_BEGIN, words(0x1801, 1, 0x1801, 0x40090000))
    s.ask(MEM_END, words(1, 0))
    s.end()


def plain_flash():
    s = Session("flash", b"\x00")
    s.sync()
    s.block(DATA, b"abcd", 0)
    s.begin_with_flash()
    s.ask(BEGIN, words(0x800, 2, 0x400, 0x10000, 0))
    s.ask(BEGIN, words(0x800, 2, 0x400))
    s.ask(BEGIN, words(0x4000, 1, 0x4000, 0x10000))
    s.ask(BEGIN, words(0x800, 2, 0x400, 0x10000))
    s.block(DATA, PATTERN, 0)
    s.block(DATA, PATTERN, 1)
    s.ask(MD5, words(0x10000, 0x800, 0, 0))
    s.ask(MD5, words(0x10001, 5, 0, 0))
    s.ask(BEGIN, words(0x500, 2, 0x400, 0x20000))
    s.block(DATA, PATTERN, 0)
    s.block(DATA, PATTERN[:0x100], 1)
    s.block(DATA, PATTERN, 2)
    s.sync()
    s.ask(SLOW, words(0x20000, 64))
    s.ask(SLOW, words(0x20010, 16))
    s.ask(BEGIN, words(0x11000, 0x44, 0x400, 0x40000))
    s.ask(BEGIN, words(0, 0, 0x400, 0x60000))
    s.end((0xF000, 0x4000), (0x1F000, 0x4000), (0x3F000, 0x14000), (0x60000, 0x1000))


def resend():
    s = Session("a block after a checksum error")
    s.begin_with_flash()
    s.ask(BEGIN, words(0x800, 2, 0x400, 0x10000))
    s.block(DATA, PATTERN, 0, check=0)
    s.block(DATA, PATTERN, 0)
    s.block(DATA, PATTERN, 1)
    s.block(DATA, PATTERN, 3)
    s.sync()
    s.block(DATA, PATTERN[:0x200], 2)
    s.end((0x10000, 0x1000))


def limits():
    s = Session("limits")
    s.begin_with_flash()
    s.ask(BEGIN, words(0x800, 2, 0x400, 0x300000))
    s.block(DATA, PATTERN, 0)
    s.sync()
    s.ask(MD5, words(0x300000, 0x800, 0, 0))
    s.sync()
    s.ask(BEGIN, words(0x1001, 5, 0x400, 0x1FF000))
    s.block(DATA, PATTERN, 0)
    s.sync()
    s.ask(BEGIN, words(0x800, 2, 0x400, 0x20800))
    s.block(DATA, PATTERN, 0)
    s.sync()
    s.ask(PARAMS, words(0, 4 << 20))
    s.sync()
    s.ask(PARAMS, words(0, 4 << 20, 0x10000, 0x1000, 0x100, 0xFFFF))
    s.ask(BEGIN, words(0x800, 2, 0x400, 0x300000))
    s.block(DATA, PATTERN, 0)
    s.block(DATA, PATTERN, 1)
    s.ask(MD5, words(0x300000, 0x800, 0, 0))
    s.end((0x1FE000, 0x3000), (0x20000, 0x2000), (0x2FF000, 0x4000))


def flash_end():
    for complete in (False, True):
        s = Session(f"FLASH_END {'complete' if complete else 'too early'}")
        s.begin_with_flash()
        s.ask(BEGIN, words(0x800, 2, 0x400, 0x10000))
        s.block(DATA, PATTERN, 0)
        if complete:
            s.block(DATA, PATTERN, 1)
        s.ask(END, words(1))
        s.record["left"] = True
        s.end()


def deflated():
    s = Session("deflated", b"\xa5")
    s.begin_with_flash()
    s.deflate(0x20000, PATTERN * 2)
    s.deflate(0x30000, COUNTERS[:3000], block=0x100)
    s.ask(DEFL_END, words(1))
    s.deflate(0x40000, COUNTERS[:0x8400])
    s.deflate(0x60000, PATTERN * 2, block=70)
    s.ask(MD5, words(0x60000, 0x800, 0, 0))
    s.end((0x1F000, 0x10000), (0x30000, 0x10000), (0x40000, 0x18000), (0x60000, 0x10000))

    s = Session("deflated, a whole window")
    s.begin_with_flash()
    s.deflate(0x20000, COUNTERS[:0x8000])
    s.end((0x20000, 0x18000))

    s = Session("deflated, what an earlier stream left behind")
    s.begin_with_flash()
    s.deflate(0x20000, COUNTERS[:0x8400])
    s.deflate(0x40000, COUNTERS[:0x100])
    s.end((0x20000, 0x10000), (0x40000, 0x10000))

    s = Session("deflated, at the limit")
    s.begin_with_flash()
    s.deflate(0x1FF000, PATTERN)
    s.end((0x1F8000, 0x10000))

    stream = zlib.compress(PATTERN * 2, 9)

    def broken(name, *blocks, announced=1, size=0x800):
        s = Session("deflated, " + name)
        s.begin_with_flash()
        s.ask(DEFL_BEGIN, words(size, announced, 0x400, 0x20000))
        for sequence, data, check in blocks:
            s.block(DEFL_DATA, data, sequence, check)
        s.end((0x20000, 0x10000))

    broken("no zlib header", (0, b"\x12" * 100, None))
    broken("an invalid block type", (0, b"\x78\x9c\x07" + b"\xff" * 50, None))
    broken("wrong Adler-32", (0, stream[:-1] + bytes([stream[-1] ^ 0xFF]), None))
    broken("cut short", (0, stream[:200], None))
    broken("empty", (0, b"", None))
    broken("wrong sequence", (1, stream[:100], None), (0, stream, None))
    broken("wrong checksum", (0, stream, 0), (0, stream, None))
    broken("longer than announced", (0, stream, None), size=0x400)
    broken("more after its end", (0, stream, None), (1, stream[:20], None), announced=2)


output, flash_file, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
command = sys.argv[5:]
sessions = []
for scenario in (registers, ram, plain_flash, resend, limits, flash_end, deflated):
    scenario()
with open(output, "w", encoding="utf-8") as file:
    json.dump(sessions, file, indent=1)
    file.write("\n")
