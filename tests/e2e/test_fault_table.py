"""Each kind of request of preparing, replacing, rotating, pushing and retiring, and each thing that can happen to a
request, with whole processes, a socket and files; then a clean run. At no instant is a certificate ACTIVE that is not on
the verified board, and the end is that of an undisturbed run.

Every call x every fault is in memory, in seconds: tests/prepare/fault_cells_test.cpp for boards on the bench (all ways to
issue), tests/fleet/fault_cells_test.cpp for what is done beside it. What is here shows that their registry and ledger
are honest: that a call comes to these requests, that a lost answer and a dead process look as they do there, and that
the client's own retries (refused, throttled, failing, cut, slow) end in one or the other."""

import collections
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

from bench import IMPRINT, FactoryTest
from fault_proxy import FAULTS, FaultProxy


def faults_of(operation):
    """A read changes nothing: refused, throttled, cut or slow it is asked again, like one that failed or whose answer
    was lost, and it makes no difference on which side of it the power went."""
    return ["failing", "lost", "killed-before"] if operation.startswith("GET") else FAULTS


class FaultTable(FactoryTest):
    lag = 0  # milliseconds by which the effects of writes may come late

    def make(self):
        self.bench = self.factory()
        if self.lag:
            (self.bench.folder / "faults.toml").write_text(
                f'[[fault]]\noperation = "*"\nwhat = "lag"\nms = [0, {self.lag}]\n')
            self.bench.stop(self.bench.registry_process)
            self.bench.start_registry("--faults", self.bench.folder / "faults.toml")
        self.proxy = FaultProxy(int(self.bench.registry_facts()["endpoint_url"].rsplit(":", 1)[1]))
        self.addCleanup(self.proxy.close)
        self.types = 0
        self.configure()
        self.client = self.bench.client()
        self.violations = []

    def configure(self):
        # A thing type cannot be deleted as one likes: each cell has its own, to be created.
        self.types += 1
        self.bench.configure(registry={"endpoint_url": self.proxy.url, "call_timeout": 1, "deadline": 5,
                                       **self.more_of_registry()},
                             identity={"thing_type": f"type-{self.types}", **self.more_of_identity()},
                             verify={"console": "", "timeout": 20}, **self.more_sections())

    def more_of_registry(self):
        return {}

    def more_of_identity(self):
        return {}

    def more_sections(self):
        return {}

    # -- what is true of the world

    def on_the_board(self, certificate):
        """Is it in the board's flash? The file is the chip; SPIFFS cuts a file into pages."""
        pem = self.client.describe_certificate(certificateId=certificate)["certificateDescription"]["certificatePem"]
        flash = (self.bench.bays / "bay0.flash").read_bytes()
        body = pem.encode()
        return all(body[at:at + 60] in flash for at in (100, 380))

    def watch(self):
        """After each request: an ACTIVE certificate is in the flash of the board, or was given to it before."""
        with self.watching:
            for item in self.client.list_certificates(pageSize=250)["certificates"]:
                identity = item["certificateId"]
                if item["status"] != "ACTIVE" or identity in self.vouched:
                    continue
                if self.on_the_board(identity):
                    self.vouched.add(identity)
                else:
                    self.violations.append(f"{identity[:8]} is ACTIVE and not on the board")

    def clear(self):
        """The registry as it was before the first board, and the ledger too."""
        self.configure()
        for _ in range(100):
            try:
                self.bench.clear_identities()
                break
            except Exception:
                if not self.lag:
                    raise
                time.sleep(self.lag / 1000)  # what is to be deleted is not seen to be free of it yet
        time.sleep(2 * self.lag / 1000)
        for policy in self.client.list_policies()["policies"]:
            self.client.delete_policy(policyName=policy["policyName"])
        time.sleep(self.lag / 1000)
        for suffix in ("", "-wal", "-shm", "-owed"):
            (self.bench.folder / f"ledger.sqlite{suffix}").unlink(missing_ok=True)

    faults_of = staticmethod(faults_of)

    # -- one cell

    def start(self, command):
        self.process = subprocess.Popen([IMPRINT, *command], cwd=self.bench.folder, env=self.bench.environment(),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return self.process

    def disturbed(self, command, fault, at):
        self.vouched = {item["certificateId"] for item in self.client.list_certificates(pageSize=250)["certificates"]
                        if item["status"] == "ACTIVE"}
        self.proxy.reset(fault, at, lambda: os.kill(self.process.pid, signal.SIGKILL), self.watch)
        output, _ = self.start(command).communicate(timeout=60)
        struck, operations = self.proxy.struck, list(self.proxy.operations)
        self.proxy.reset()
        return self.process.returncode, struck, operations, output.decode(errors="replace")

    def cells(self, operations):
        """(request, fault): each operation once, by turns with what has happened least; and each fault at least once."""
        cells = []
        happened = collections.Counter()

        def add(at, faults):
            fault = min(faults, key=lambda one: happened[one])
            happened[fault] += 1
            cells.append((at, fault))

        first = {operation: at for at, operation in reversed(list(enumerate(operations)))}
        changing = [at for operation, at in first.items() if "killed-after" in self.faults_of(operation)]
        for operation, at in sorted(first.items(), key=lambda one: one[1]):
            if faults := self.faults_of(operation):
                add(at, faults)
        for number, fault in enumerate(one for one in self.faults_of(operations[changing[0]]) if not happened[one]):
            add(changing[number % len(changing)], [fault])
        return cells

    def table(self, command, before, check_end):
        """Runs the cells, each after what comes `before` it; prints how many there were, and what became of the
        disturbed runs."""
        self.make()
        self.watching = threading.Lock()
        outcomes = collections.Counter()

        def begin():
            self.clear()
            before()

        begin()
        status, _, operations, output = self.disturbed(command, None, None)
        self.assertEqual(status, 0, output)
        time.sleep(2 * self.lag / 1000)
        check_end()
        for at, fault in self.cells(operations):
            operation = operations[at]
            begin()
            self.violations.clear()
            status, struck, _, output = self.disturbed(command, fault, at)
            cell = f"{operation} (request {at}) {fault}"
            self.assertTrue(struck, f"{cell}: was never reached\n{output}")
            self.assertEqual(self.violations, [], f"{cell}: status {status}\n{output}")
            after = subprocess.run([IMPRINT, *command], cwd=self.bench.folder, env=self.bench.environment(),
                                   stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            self.assertEqual(after.returncode, 0, f"{cell}: the clean rerun\n{after.stdout}{after.stderr}")
            time.sleep(2 * self.lag / 1000)
            try:
                check_end()
            except AssertionError as error:
                raise AssertionError(f"{cell}: first run {status}\n{output}\n{error}") from error
            if status > 0:
                print(f"  {cell}: ended with {status}", file=sys.stderr)
            outcomes[f"{fault}: the disturbed run {'passed' if status == 0 else 'ended with ' + str(status)}"] += 1
        cells = sum(outcomes.values())
        print(f"\n{type(self).__name__}, {self._testMethodName[5:].replace('_', ' ')}: {len(operations)} requests, {cells} "
              "cells, all ended as an undisturbed run", file=sys.stderr)
        for outcome, count in sorted(outcomes.items()):
            print(f"  {count:4} {outcome}", file=sys.stderr)

    def prepared(self):
        self.assert_undisturbed(self.bench)
        [certificate] = self.bench.certificates()
        self.assertTrue(self.on_the_board(certificate))

    def retired(self):
        self.assertEqual(self.bench.certificates(), {})
        self.assertEqual([thing["thingName"] for thing in self.client.list_things()["things"]], [self.bench.mac()])


    def nothing(self):
        pass

    def one_prepared(self):
        self.assert_status(self.bench.prepare(), 0)


PREPARE = ["prepare", "--port", "bays/bay0", "--json"]
MAC = "246f28000000"


class Preparing(FaultTable):
    def test_a_first_board(self):
        self.table(PREPARE, self.nothing, self.prepared)


class Replacing(FaultTable):
    def test_a_board_that_has_an_identity(self):
        self.table(PREPARE, self.one_prepared, self.prepared)


class ReplacingWithLag(FaultTable):
    """Each write is answered at once, and in effect a while later."""
    lag = 200

    @staticmethod
    def faults_of(operation):
        return [] if operation.startswith("GET") else ["lost", "killed-after"]

    def test_a_board_that_has_an_identity(self):
        self.table(PREPARE, self.one_prepared, self.prepared)


class Retiring(FaultTable):
    def test_a_thing(self):
        self.table(["registry", "retire", MAC, "--reason", "lost", "--json"], self.one_prepared, self.retired)


class OwnAuthority(FaultTable):
    def make(self):
        super().make()
        self.bench.make_authority()

    def more_of_registry(self):
        return {"data_endpoint": "127.0.0.1:8883"}

    def more_of_identity(self):
        return {"issue": "own-ca"}

    def more_sections(self):
        return {"identity__ca": {"certificate": "ca.pem", "key": "ca.key"}}


class PreparingWithOwnAuthority(OwnAuthority):
    def test_a_first_board(self):
        self.table(PREPARE, self.nothing, self.prepared)


class PreparingMinted(OwnAuthority):
    def make(self):
        super().make()
        (self.bench.folder / "macs.txt").write_text(MAC + "\n")

    def more_of_identity(self):
        return {"issue": "minted"}

    def clear(self):
        # Another identity for each cell: the former one is still in the flash of the board.
        super().clear()
        shutil.rmtree(self.bench.folder / "minted", ignore_errors=True)
        self.assert_status(self.bench.run("registry", "mint", "minted", "--list", "macs.txt"), 0)

    def test_a_first_board(self):
        self.table(PREPARE, self.nothing, self.prepared)


class PreparingMintedAgain(PreparingMinted):
    def test_a_first_board(self):
        self.skipTest("PreparingMinted's")

    def watch(self):
        super().watch()
        # The board's only identity: it works with it all the time.
        statuses = [item["status"] for item in self.client.list_certificates(pageSize=250)["certificates"]]
        if statuses != ["ACTIVE"]:
            self.violations.append(f"the board's certificate is {statuses}")

    def test_a_board_that_has_it_already(self):
        self.table(PREPARE, self.one_prepared, self.prepared)


class Pushing(OwnAuthority):
    def prepared_offline(self):
        self.one_prepared()
        self.assert_status(self.bench.prepare("--offline"), 0)

    def test_a_board_that_was_prepared_offline_and_once_before(self):
        self.table(["registry", "push", "--json"], self.prepared_offline, self.prepared)


class Rotating(FaultTable):
    def test_on_the_bench(self):
        self.table(["registry", "rotate", "--port", "bays/bay0", "--json"], self.one_prepared, self.prepared)


class RotatingInTheField(FaultTable):
    """The board's flash is the field: it gets the image by cable."""

    def rotate(self, *arguments):
        done = self.bench.run("registry", "rotate", "--json", *arguments, MAC)
        self.assert_status(done, 0)
        return done.named("rotation")[0]

    def staged(self):
        self.one_prepared()
        event = self.rotate("--stage", "images")
        done = self.bench.run("board", "flash", "--port", "bays/bay0", hex(event["offset"]), event["image"])
        self.assert_status(done, 0)

    def activated(self):
        self.staged()
        self.rotate("--activate")

    def both(self, status):
        found = self.bench.certificates()
        self.assertEqual(sorted(found.values()), sorted([("ACTIVE", [MAC], ["e2e-policy"]),
                                                         (status, [MAC], ["e2e-policy"])]))

    def test_staging(self):
        self.table(["registry", "rotate", "--stage", "images", MAC, "--json"], self.one_prepared,
                   lambda: self.both("INACTIVE"))

    def test_activating(self):
        self.table(["registry", "rotate", "--activate", MAC, "--json"], self.staged, lambda: self.both("ACTIVE"))

    def test_finishing(self):
        self.table(["registry", "rotate", "--finish", MAC, "--json"], self.activated, self.prepared)

    def test_cancelling(self):
        self.table(["registry", "rotate", "--cancel", MAC, "--json"], self.activated, self.assert_undisturbed_only)

    def assert_undisturbed_only(self):
        self.assert_undisturbed(self.bench)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
