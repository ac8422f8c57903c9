"""pyserial's own RFC 2217 client as a host of a board: into the loader and out of it.

    rfc2217_client.py URL     says what it finds, a line each; status 0 when all of it was as it should be"""

import sys
import time

import serial
import serial.rfc2217

PATIENCE = 20  # seconds that anything may take
DOWNLOAD, FLASH = b"waiting for download", b"_BOOT)"


def reset(port, loader):
    """DTR pulls IO0, RTS pulls EN; again, and longer, where the board did not see it in time."""
    deadline = time.monotonic() + PATIENCE
    hold = 0.1
    while time.monotonic() < deadline:
        port.dtr, port.rts = False, True
        time.sleep(hold)
        port.reset_input_buffer()
        # With the properties 50 ms pass between the two, and EN has risen before IO0 is low.
        for line in (serial.rfc2217.SET_CONTROL_DTR_ON if loader else serial.rfc2217.SET_CONTROL_DTR_OFF,
                     serial.rfc2217.SET_CONTROL_RTS_OFF):
            port.rfc2217_send_subnegotiation(serial.rfc2217.SET_CONTROL, line)
        time.sleep(hold)
        port.dtr = port.rts = False
        if (DOWNLOAD if loader else FLASH) in read_until(port, DOWNLOAD if loader else FLASH, 1):
            return True
        hold += 0.1
    return False


def read_until(port, wanted, patience=PATIENCE):
    deadline = time.monotonic() + patience
    seen = b""
    while wanted not in seen and time.monotonic() < deadline:
        seen += port.read(max(1, port.in_waiting))
    return seen


def sync(port):
    """SYNC, and the frame that answers it."""
    request = b"\0\x08\x24\0\0\0\0\0\x07\x07\x12\x20" + b"\x55" * 32
    port.write(b"\xc0" + request + b"\xc0")
    return b"\xc0\x01\x08" in read_until(port, b"\xc0\x01\x08")


def read_mark(port):
    """READ_REG with an address of FFs, which telnet doubles."""
    port.write(b"\xc0\0\x0a\x04\0\0\0\0\0\xff\xff\xff\x3f\xc0")
    return b"\x01\x0a" in read_until(port, b"\x01\x0a")


port = serial.serial_for_url(sys.argv[1], baudrate=115200, timeout=0.2, do_not_open=True)
port.dtr = port.rts = False
port.open()
steps = [
    ("boots", lambda: reset(port, loader=False)),
    ("loader", lambda: reset(port, loader=True)),
    ("sync", lambda: sync(port)),
    ("ff", lambda: read_mark(port)),
]
good = True
for name, step in steps:
    done = step()
    print(name, "yes" if done else "no", flush=True)
    good = good and done
port.close()
sys.exit(0 if good else 1)
