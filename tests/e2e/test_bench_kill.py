"""A bench is killed at every step of its boards, and begun again with the boards still plugged in: each board ends
passed, with one ACTIVE certificate, counted once in its lot, and its serial number is used once."""

import json
import signal
import unittest
import urllib.request

from bench import FactoryTest, wait_for
from test_kill import MOMENTS, moment_of
from test_watch import Bench

BOARDS = 2


class BenchKill(FactoryTest):
    def kill_at(self, bench, moment):
        seen = []
        while True:
            event = bench.arrived.get(timeout=60)
            seen.append(moment_of(event))
            if seen[-1] == moment:
                break
        self.assertEqual(bench.end(signal.SIGKILL), -signal.SIGKILL, seen)

    # Each board is in a result of its own: it has passed now, or before the bench was killed.
    def await_all(self, bench, macs):
        left = set(macs)
        while left:
            event = bench.arrived.get(timeout=60)
            bench.events.append(event)
            if event["event"] in ("board_passed", "board_skipped"):
                left.discard(event["mac"])
            self.assertNotEqual(event["event"], "board_failed", event)

    def test_killed_at_every_step_with_its_boards_plugged_in(self):
        for moment in MOMENTS:
            with self.subTest(moment=moment):
                factory = self.factory(boards=BOARDS)
                factory.configure(station={"watch": "bays"})
                self.assert_status(factory.run("lot", "open", "order-17", "--target", str(BOARDS),
                                               "--serial", "T-{number:3}"), 0)
                macs = [factory.mac(i) for i in range(BOARDS)]
                self.kill_at(Bench(factory, "--lot", "order-17"), moment)
                bench = Bench(factory, "--lot", "order-17")
                self.await_all(bench, macs)
                self.assertEqual(bench.end(), 0)
                certificates = factory.certificates()
                self.assertEqual(sorted(things for _, things, _ in certificates.values()),
                                 sorted([mac] for mac in macs), certificates)
                self.assertEqual({status for status, _, _ in certificates.values()}, {"ACTIVE"})
                [lot] = factory.run("lot", "show", "order-17", "--json").named("lot")
                self.assertEqual((lot["boards"], lot["passed"], lot["failed"]), (BOARDS, BOARDS, 0))
                boards = factory.run("lot", "report", "order-17", "--json").named("lot_board")
                self.assertEqual(sorted(board["serial"] for board in boards), ["T-001", "T-002"])
                factory.close()

    # The whole station, with its page: what it tells a browser after it was killed is what the ledger has.
    def test_a_station_that_was_killed_goes_on_where_it_was(self):
        factory = self.factory(boards=BOARDS)
        factory.configure(station={"watch": "bays"}, page={"listen": "127.0.0.1:0"})
        self.assert_status(factory.run("lot", "open", "order-17", "--target", str(BOARDS)), 0)
        first = Bench(factory, "--lot", "order-17", command=("station",))
        first.await_event("page_ready")
        self.kill_at(first, "step credentials")
        again = Bench(factory, command=("station",))  # nobody scans the order again
        url = again.await_event("page_ready")["url"]
        self.await_all(again, [factory.mac(i) for i in range(BOARDS)])

        def state():
            with urllib.request.urlopen(f"{url}/api/state", timeout=30) as answer:
                return json.load(answer)
        wait_for("the lot in the page", lambda: state().get("lot", {}).get("passed") == BOARDS)
        # The bays come to the page on another way than the lot.
        passed = [(factory.mac(i), "passed") for i in range(BOARDS)]
        wait_for("the boards in the page", lambda: sorted(
            (bay["mac"], bay["status"]) for bay in state()["bays"]) == sorted(passed))
        self.assertEqual(again.end(), 0)

    # Another process opens and closes the ledger: what the station writes after it has to be there all the same.
    def test_a_writer_beside_it_takes_no_record_away(self):
        factory = self.factory(boards=BOARDS)
        factory.configure(station={"watch": "bays"}, page={"listen": "127.0.0.1:0"})
        station = Bench(factory, command=("station",))
        url = station.await_event("page_ready")["url"]
        station.await_event("run_started")  # which makes the ledger
        with urllib.request.urlopen(f"{url}/api/lots", timeout=30) as answer:
            self.assertEqual(json.load(answer), {"lots": []})
        self.assert_status(factory.run("lot", "open", "another"), 0)
        macs = [factory.mac(i) for i in range(BOARDS)]
        self.await_all(station, macs)
        self.assertEqual(station.end(signal.SIGKILL), -signal.SIGKILL)
        for mac in macs:
            self.assertIn("passed", factory.run("ledger", "show", mac, "--json").output)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
