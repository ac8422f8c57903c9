"""Stands between Imprint and the local registry, passes requests on, and does one of them wrong."""

import contextlib
import re
import select
import socket
import threading
import time

# What can happen to a request. The first word says when: before it is carried out, or after.
FAULTS = ["refused", "throttled", "failing", "lost", "cut", "slow", "killed-before", "killed-after"]


def read_message(connection):
    """One HTTP message with a Content-Length, or without a body; empty: the other side has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    missing = (int(length[1]) if length else 0) - len(body)
    while missing > 0:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
        missing -= len(part)
    return data


def operation_of(message):
    """ "POST /things/{}": method and path with the names taken out."""
    method, target = message.split(b" ", 2)[:2]
    path = target.decode().split("?")[0]
    path = re.sub(r"/[0-9a-f]{64}\b", "/{id}", path)
    path = re.sub(r"^/(things|thing-types|thing-groups|policies|target-policies|attached-policies)/[^/]+", r"/\1/{}",
                  path)
    action = re.search(rb"newStatus=([A-Z]+)", target)
    return f"{method.decode()} {path}{' ' + action[1].decode() if action else ''}"


class FaultProxy:
    def __init__(self, port):
        self.upstream = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.reset()
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def reset(self, fault=None, at=None, kill=None, watch=None):
        """The request number `at` from now on meets the fault; `watch` is called after each one."""
        with self.lock:
            self.fault, self.at, self.kill, self.watch = fault, at, kill, watch
            self.operations = []
            self.struck = False

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            while message := read_message(connection):
                with self.lock:
                    number = len(self.operations)
                    self.operations.append(operation_of(message))
                    fault = self.fault if number == self.at else None
                    self.struck = self.struck or fault is not None
                    watch, kill = self.watch, self.kill
                reply = self.treat(connection, message, fault, kill)
                if watch and fault not in ("refused", "throttled", "failing", "killed-before"):
                    watch()
                if reply is None:
                    return
                connection.sendall(reply)

    def treat(self, connection, message, fault, kill):
        """What the client is to get; None: nothing more, its connection ends."""
        if fault == "refused":
            return None
        if fault in ("throttled", "failing"):
            name, status = {"throttled": ("ThrottlingException", b"429 Too Many Requests"),
                            "failing": ("InternalFailureException", b"500 Internal Server Error")}[fault]
            body = b'{"message": "try later"}'
            return (b"HTTP/1.1 %s\r\nx-amzn-ErrorType: %s\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (status, name.encode(), len(body), body))
        if fault == "killed-before":
            kill()
            return None
        with socket.create_connection(("127.0.0.1", self.upstream)) as upstream:
            upstream.sendall(message)
            reply = read_message(upstream)
        if fault == "killed-after":
            kill()
            return None
        if fault == "lost":
            return None
        if fault == "cut":
            connection.sendall(reply[:len(reply) - max(1, len(reply) // 4)])
            return None
        if fault == "slow":
            # Until the client has given up, which closes the connection.
            end = time.monotonic() + 20
            while time.monotonic() < end:
                ready, _, _ = select.select([connection], [], [], 0.1)
                if ready:
                    return None
            return None
        return reply
