"""A terminal server: pyserial's own RFC 2217 code in front of a pseudo-terminal.

    rfc2217_server.py TERMINAL [HIGHEST [plays]]     prints the port that it listens on, and serves one client after the other

Rate and modem lines go through the terminal's settings, as transport/pty_lines.h describes them. Rates above HIGHEST are
refused. With "plays" it has the manners of Espressif's esp_rfc2217_server: it confirms no change of DTR and RTS, and
passes none on but DTR's release. DTR asserted starts a reset into the loader, RTS released without DTR one into the
program; both are played here, beside what else goes on."""

import os
import select
import socket
import sys
import termios
import threading
import time
import tty

import serial.rfc2217


HIGHEST = int(sys.argv[2]) if len(sys.argv) > 2 else 4_000_000
PLAYS = "plays" in sys.argv[3:]


class Terminal:
    """What PortManager expects of a serial port."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd)
        self._baudrate, self._dtr, self._rts = 115200, False, False
        self.bytesize, self.parity, self.stopbits = 8, "N", 1
        self.xonxoff = self.rtscts = self.break_condition = False
        self.cts = self.dsr = self.cd = self.ri = False
        self.apply()

    def apply(self):
        settings = termios.tcgetattr(self.fd)
        settings[6][termios.VREPRINT] = bytes([0x80 | self._dtr | self._rts << 1])
        speed = getattr(termios, f"B{self._baudrate}", None)
        if speed is None or self._baudrate > HIGHEST:
            raise ValueError(f"no rate of {self._baudrate}")
        settings[4] = settings[5] = speed
        termios.tcsetattr(self.fd, termios.TCSANOW, settings)

    def get(name):
        return property(lambda self: getattr(self, name), lambda self, value: (setattr(self, name, value), self.apply()))

    baudrate, dtr, rts = get("_baudrate"), get("_dtr"), get("_rts")

    def reset_input_buffer(self):
        termios.tcflush(self.fd, termios.TCIFLUSH)

    def reset_output_buffer(self):
        termios.tcflush(self.fd, termios.TCOFLUSH)

    def write(self, data):
        while data:
            try:
                data = data[os.write(self.fd, data):]
            except BlockingIOError:
                select.select([], [self.fd], [])


class PlayingManager(serial.rfc2217.PortManager):
    into_loader = False

    def play(self, *steps):
        def run():
            for dtr, rts, hold in steps:
                self.serial._dtr, self.serial._rts = dtr, rts
                self.serial.apply()
                time.sleep(hold)

        threading.Thread(target=run, daemon=True).start()

    def _telnet_process_subnegotiation(self, option):
        control = option[2:3]
        if option[:2] != serial.rfc2217.COM_PORT_OPTION + serial.rfc2217.SET_CONTROL:
            return super()._telnet_process_subnegotiation(option)
        if control == serial.rfc2217.SET_CONTROL_DTR_OFF:
            self.into_loader = False
            self.serial.dtr = False
        elif control == serial.rfc2217.SET_CONTROL_DTR_ON:
            if not self.into_loader:
                self.play((True, True, 0), (False, True, 0.1), (True, False, 0.05), (False, False, 0))
            self.into_loader = True
        elif control == serial.rfc2217.SET_CONTROL_RTS_OFF:
            if not self.into_loader:
                self.play((False, True, 0.1), (False, False, 0))
        elif control != serial.rfc2217.SET_CONTROL_RTS_ON:
            return super()._telnet_process_subnegotiation(option)


class Connection:
    def __init__(self, client):
        self.client = client

    def write(self, data):
        self.client.sendall(data)


terminal = Terminal(sys.argv[1])
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if PLAYS:
        terminal.dtr = terminal.rts = True
    manager = (PlayingManager if PLAYS else serial.rfc2217.PortManager)(terminal, Connection(client))
    try:
        while True:
            ready, _, _ = select.select([client, terminal.fd], [], [])
            if client in ready:
                data = client.recv(4096)
                if not data:
                    break
                terminal.write(b"".join(manager.filter(data)))
            if terminal.fd in ready:
                client.sendall(b"".join(manager.escape(os.read(terminal.fd, 4096))))
    except (ConnectionError, BrokenPipeError):
        pass
    client.close()
