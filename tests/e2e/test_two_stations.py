"""Two stations, each with a ledger of its own, and at each a board with the same MAC: what one of them does is
never undone by the other while it is at work, and the board that passed last has a certificate that works.

IMPRINT_ROUNDS says how many times (default: a few), IMPRINT_LAG how many milliseconds the effect of a write may
come late (default: none)."""

import json
import os
import random
import subprocess
import threading
import time
import unittest

from bench import FactoryTest, IMPRINT, wait_for

ROUNDS = int(os.environ.get("IMPRINT_ROUNDS", "4"))
LAG = int(os.environ.get("IMPRINT_LAG", "0"))
SEED = int(os.environ.get("IMPRINT_SEED", "1"))


class TwoStations(FactoryTest):
    def stations(self, lag=0):
        factory = self.factory(registry=False)
        factory.clones = factory.folder / "clones"
        factory.spawn("simulate", "board", "--count", "1", "--dir", factory.clones, "--mac", factory.mac(0),
                      log="clones.log")
        wait_for("the clone", (factory.clones / "bay0").exists)
        options = []
        if lag:
            (factory.folder / "faults.toml").write_text(
                f'seed = {SEED}\n[[fault]]\noperation = "*"\nwhat = "lag"\nms = [0, {lag}]\n')
            options = ["--faults", factory.folder / "faults.toml"]
        factory.start_registry(*options)
        factory.configure(registry={"deadline": 30})
        return factory

    def port(self, factory, station):
        return factory.port(0) if station == 0 else factory.clones / "bay0"

    def flash(self, factory, station):
        return ((factory.bays if station == 0 else factory.clones) / "bay0.flash").read_bytes()

    def prepare_later(self, factory, station, delay, seen, *more):
        time.sleep(delay)
        process = subprocess.Popen(
            [IMPRINT, "prepare", "--json", "--port", str(self.port(factory, station)),
             "--ledger", str(factory.folder / f"station{station}.sqlite"), *more],
            cwd=factory.folder, env=factory.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "board_passed":
                identity = event["certificate_id"]
                seen.append((time.monotonic(), station, identity))
            elif event["event"] in ("board_failed", "error"):
                seen.append((time.monotonic(), station, event["code"]))
        process.wait(120)

    def active(self, factory):
        return {identity: things for identity, (status, things, _) in factory.certificates().items()
                if status == "ACTIVE"}

    def on_flash(self, factory, station, identity):
        pem = factory.client().describe_certificate(certificateId=identity)["certificateDescription"][
            "certificatePem"].encode()
        flash = self.flash(factory, station)
        return all(pem[at:at + 60] in flash for at in (100, 380))

    def clear(self, factory, lag):
        for _ in range(200):
            try:
                factory.clear_identities()
                break
            except Exception:
                # What is to be deleted is not seen to be detached yet.
                time.sleep(0.2)
        time.sleep(lag / 1000)
        for station in (0, 1):
            for suffix in ("", "-wal", "-shm", "-owed"):
                (factory.folder / f"station{station}.sqlite{suffix}").unlink(missing_ok=True)

    def race(self, lag, rounds, seed):
        factory = self.stations(lag)
        dice = random.Random(seed)
        tally = {}
        for number in range(rounds):
            self.clear(factory, lag)
            seen = []
            threads = [threading.Thread(target=self.prepare_later,
                                        args=(factory, station, dice.uniform(0, 1.2), seen)) for station in (0, 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(240)
            time.sleep(2 * lag / 1000)
            active = self.active(factory)
            passed = [(when, station, what) for when, station, what in seen if len(what) == 64]
            told = f"round {number} of seed {seed}: {seen}, ACTIVE {active}"
            self.assertLessEqual(len(active), 1, told)
            codes = {what for _, _, what in seen if len(what) != 64}
            self.assertLessEqual(codes, {"board_at_another_station", "identity_lost"}, told)
            if passed:
                _, station, identity = max(passed)
                self.assertEqual(active, {identity: [factory.mac(0)]}, told)
                self.assertTrue(self.on_flash(factory, station, identity), told)
            key = f"{len(passed)} passed, {len(active)} ACTIVE"
            tally[key] = tally.get(key, 0) + 1
        print(f"\n{rounds} rounds, lag 0 to {lag} ms: {tally}")
        return tally

    def test_racing_for_one_mac_leaves_one_certificate_on_the_board_that_passed_last(self):
        tally = self.race(LAG, ROUNDS, SEED)
        self.assertGreater(sum(count for key, count in tally.items() if not key.startswith("0")), 0, tally)

    def test_a_board_that_moves_on_is_refused_for_a_while_or_taken_over_at_a_word(self):
        factory = self.stations()
        seen = []
        self.prepare_later(factory, 0, 0, seen)
        self.prepare_later(factory, 1, 0, seen)
        first = seen[0][2]
        self.assertEqual(seen[1][2], "board_at_another_station", seen)
        self.assertEqual(list(self.active(factory)), [first], "nothing was taken from it")
        self.prepare_later(factory, 1, 0, seen, "--take-over")
        self.assertEqual(list(self.active(factory)), [seen[2][2]])
        # The first station's ledger tells it as it is, and advises nothing that takes the board down.
        alone = factory.run("registry", "reconcile", "--json", "--ledger", factory.folder / "station0.sqlite")
        [difference] = alone.named("difference")
        self.assertEqual(difference["in_registry"], "missing")
        self.assertIn("--also-ledger", difference["mend"])
        both = factory.run("registry", "reconcile", "--json", "--ledger", factory.folder / "station0.sqlite",
                           "--also-ledger", factory.folder / "station1.sqlite")
        self.assert_status(both, 0)

    def test_two_processes_on_one_ledger_do_not_take_each_others_board(self):
        factory = self.stations()
        first = factory.popen("prepare", "--json", "--port", self.port(factory, 0))
        events = []
        for line in first.stdout:
            events.append(json.loads(line))
            if events[-1].get("step") == "credentials":
                break
        second = factory.run("prepare", "--json", "--port", self.port(factory, 1))
        events += [json.loads(line) for line in first.stdout]
        first.wait(60)
        [passed] = [event for event in events if event["event"] == "board_passed"]
        codes = [event["code"] for event in second.named("board_failed")]
        if codes:  # else the first had ended before the second came to it
            self.assertEqual(codes, ["board_twice"], str(second))
            self.assertIn(f"process {first.pid}", second.named("board_failed")[0]["reason"])
            self.assertEqual(list(self.active(factory)), [passed["certificate_id"]])
        self.assertEqual(len(self.active(factory)), 1)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
