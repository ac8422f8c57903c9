"""prepare --watch: boards come and go at a bench, here as links in a folder."""

import json
import queue
import signal
import socket
import subprocess
import threading
import unittest

from bench import FactoryTest, PATIENCE, wait_for


class Bench:
    """The running program, and its events as they come."""

    def __init__(self, factory, *arguments, command=("prepare", "--watch")):
        self.process = factory.popen(*command, "--json", *arguments)
        self.arrived = queue.Queue()
        self.events = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.arrived.put(json.loads(line))

    def await_event(self, name, **members):
        """The next event of this name with these members; what comes before it is kept in events."""
        while True:
            event = self.arrived.get(timeout=PATIENCE)
            self.events.append(event)
            if event["event"] == name and all(event.get(key) == value for key, value in members.items()):
                return event

    def end(self, how=signal.SIGINT):
        self.process.send_signal(how)
        status = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        while not self.arrived.empty():
            self.events.append(self.arrived.get())
        return status


class Watch(FactoryTest):
    def setUp(self):
        self.factory_ = self.factory(boards=2)
        self.factory_.configure(station={"watch": "bays"})

    def pull_all(self):
        self.factory_.stop(self.factory_.boards_process)
        wait_for("the empty bays", lambda: not self.factory_.port(0).is_symlink())

    def test_boards_come_and_go_until_somebody_ends_it(self):
        bench = Bench(self.factory_)
        passed = {bench.await_event("board_passed")["mac"] for _ in range(2)}
        self.assertEqual(passed, {self.factory_.mac(0), self.factory_.mac(1)})
        self.pull_all()
        bench.await_event("bay_changed", status="empty")
        bench.await_event("bay_changed", status="empty")
        # The same two once more: they have passed in this run, and are left as they are.
        self.factory_.start_boards()
        skipped = {bench.await_event("board_skipped")["mac"] for _ in range(2)}
        self.assertEqual(skipped, passed)
        self.pull_all()
        # Two others in their places.
        self.factory_.MAC = "246f2800001"
        for flash in self.factory_.bays.glob("*.flash"):
            flash.unlink()
        self.factory_.start_boards()
        others = {bench.await_event("board_passed")["mac"] for _ in range(2)}
        self.assertEqual(others, {self.factory_.mac(0), self.factory_.mac(1)})
        self.assertEqual(bench.end(), 0)
        finished = [event for event in bench.events if event["event"] == "run_finished"]
        self.assertEqual([(event["passed"], event["failed"], event["skipped"]) for event in finished], [(4, 0, 2)])
        certificates = self.factory_.certificates()
        self.assertEqual(sorted(things for _, things, _ in certificates.values()),
                         sorted([mac] for mac in passed | others))
        self.assertEqual({status for status, _, _ in certificates.values()}, {"ACTIVE"})

    def test_a_new_build_is_read_again_and_in_a_lot_refused(self):
        bench = Bench(self.factory_, "--lot", "order-17")
        for _ in range(2):
            bench.await_event("board_passed")
        self.pull_all()
        self.factory_.make_project(version="2.0.0")
        self.factory_.configure(station={"watch": "bays"})
        self.factory_.start_boards()
        self.assertEqual(bench.await_event("board_failed")["code"], "firmware_changed")
        bench.await_event("board_failed", code="firmware_changed")
        self.assertEqual(bench.end(), 0)
        self.pull_all()

        self.factory_.start_boards()
        bench = Bench(self.factory_)
        for _ in range(2):
            bench.await_event("board_passed")
        self.pull_all()
        self.factory_.make_project(version="3.0.0")
        self.factory_.configure(station={"watch": "bays"})
        self.factory_.start_boards()
        for _ in range(2):
            bench.await_event("board_passed")
        self.assertEqual(bench.end(), 0)
        notes = [event["text"] for event in bench.events if event["event"] == "note"]
        self.assertTrue(any("read again" in text for text in notes), notes)
        exported = self.factory_.run("ledger", "export", "--json")
        self.assertEqual({board["app_version"] for board in exported.named("ledger_board")}, {"3.0.0"}, str(exported))

    def test_a_folder_that_is_not_there_is_told_before_anything_is_begun(self):
        self.factory_.configure(station={"watch": "nowhere"})
        outcome = self.factory_.run("prepare", "--watch", "--json")
        self.assert_error(outcome, 3, "port_watch", "nowhere")
        self.assertEqual(self.factory_.certificates(), {})


class Hands(FactoryTest):
    """A simulated bench, whose hands are lines at a socket."""

    def setUp(self):
        self.factory_ = self.factory(boards=0)
        self.folder = self.factory_.folder / "bench"
        log = self.factory_.folder / "bench.log"
        self.bench_process = self.factory_.spawn(
            "simulate", "bench", "--bays", "3", "--dir", str(self.folder), log=log)
        wait_for("the bench", lambda: (self.folder / "hands.sock").exists(), self.bench_process)
        self.factory_.configure(station={"watch": str(self.folder)})

    def hand(self, *words):
        with socket.socket(socket.AF_UNIX) as hands:
            hands.connect(str(self.folder / "hands.sock"))
            hands.sendall((" ".join(words) + "\n").encode())
            answer = hands.makefile().readline().rstrip()
        self.assertTrue(answer.startswith("ok"), answer)
        return answer[3:]

    def test_sockets_get_their_names_by_what_is_plugged_in(self):
        self.hand("put", "3")
        setup = Bench(self.factory_, command=("station", "setup", "left", "right"))
        setup.await_event("note")
        self.hand("put", "2")
        self.assertEqual(setup.await_event("bay_named")["bay"], "left")
        setup.await_event("note")
        self.hand("swap", "2")
        self.assertEqual(setup.await_event("bay_named", known=True)["bay"], "left")
        self.hand("put", "1")
        self.assertEqual(setup.await_event("bay_named", known=False)["bay"], "right")
        self.assertEqual(setup.process.wait(PATIENCE), 0)

        # The bays have their names, and outlive a new imprint.toml.
        self.factory_.configure(station={"watch": str(self.folder)})
        bench = Bench(self.factory_)
        passed = {bench.await_event("board_passed")["bay"] for _ in range(3)}
        self.assertEqual(passed, {"left", "right", "3"})
        checks = {event["name"]: event for event in self.factory_.run("doctor", "--json").named("check")}
        self.assertEqual(checks["bays"]["facts"]["learnt"], "2", checks["bays"])
        self.assertEqual(bench.end(), 0)

    def test_what_is_typed_names_leaves_out_and_ends(self):
        setup = self.factory_.popen("station", "setup", "--json", stdin=subprocess.PIPE)
        setup.stdin.write("\nlast\ndone\n")
        setup.stdin.flush()
        output, _ = setup.communicate(timeout=PATIENCE)
        asked = [json.loads(line)["text"] for line in output.splitlines()]
        self.assertIn("bay 1.", asked[0])
        self.assertTrue(any("bay last." in text for text in asked), asked)
        self.assertEqual(setup.returncode, 0)


if __name__ == "__main__":
    unittest.main()
