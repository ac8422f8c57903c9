"""The power goes at any step: what is left is never an ACTIVE certificate off a verified board, and a
rerun ends as if nothing had happened."""

import json
import signal
import time
import unittest

from bench import FactoryTest

# Each is reached in this order by an undisturbed run.
MOMENTS = ["board_started", "board_identified", "step firmware", "progress firmware", "step credentials",
           "progress credentials", "step activate", "step verify", "console", "step retire"]


def moment_of(event):
    name = event["event"]
    if name == "board_step":
        return "step " + event["step"]
    if name == "board_progress":
        return "progress " + event["step"]
    return "console" if name == "board_console" else name


class Kill(FactoryTest):
    def kill_at(self, factory, moment):
        process = factory.start_prepare()
        seen = []
        for line in process.stdout:
            event = json.loads(line)
            seen.append(moment_of(event))
            if seen[-1] == moment:
                process.send_signal(signal.SIGKILL)
                break
        process.stdout.read()
        process.wait(60)
        self.assertEqual(process.returncode, -signal.SIGKILL, f"{moment} never came; {seen}")
        # Only a board whose flash the chip itself has verified may have an ACTIVE certificate.
        active = [things for status, things, _ in factory.certificates().values() if status == "ACTIVE"]
        return active, seen

    def test_killed_at_every_step_on_a_blank_board_and_run_again(self):
        outcomes = []
        for moment in MOMENTS:
            with self.subTest(moment=moment):
                factory = self.factory()
                active, _ = self.kill_at(factory, moment)
                if MOMENTS.index(moment) < MOMENTS.index("step activate"):
                    self.assertEqual(active, [])
                for things in active:
                    self.assertEqual(things, [factory.mac()])
                outcome = factory.prepare()
                self.assert_status(outcome, 0)
                self.assert_undisturbed(factory)
                outcomes.append(f"killed at {moment}: {len(active)} ACTIVE, rerun passed, 1 ACTIVE of 1")
                factory.close()
        print("\n".join(outcomes))

    def test_a_working_boards_certificate_stays_until_its_successor_is_proven(self):
        for moment in ("progress firmware", "step credentials", "step activate"):
            with self.subTest(moment=moment):
                factory = self.factory()
                first = factory.prepare()
                self.assert_status(first, 0)
                former = first.named("board_passed")[0]["certificate_id"]
                self.kill_at(factory, moment)
                self.assertEqual(factory.certificates()[former][0], "ACTIVE")
                self.assert_status(factory.prepare(), 0)
                self.assert_undisturbed(factory)
                self.assertNotIn(former, factory.certificates())
                factory.close()

    def test_a_board_that_fails_after_its_flash_was_overwritten_has_no_active_certificate(self):
        factory = self.factory()
        self.assert_status(factory.prepare(), 0)
        [former] = factory.certificates()
        failed = factory.prepare("--set", "verify.console=NEVER", "--set", "verify.timeout=2")
        self.assert_error(failed, 1, "console_unexpected")
        statuses = {identity: status for identity, (status, _, _) in factory.certificates().items()}
        self.assertEqual(len(statuses), 2, "the former one is deleted only when another is proven")
        self.assertEqual(set(statuses.values()), {"INACTIVE"}, statuses)
        self.assertIn(former, statuses)
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)

    def interrupted(self, factory, *signals):
        process = factory.start_prepare()
        for line in process.stdout:
            if moment_of(json.loads(line)) == "progress firmware":
                break
        for number in signals:
            process.send_signal(number)
            time.sleep(0.2)  # two of one kind at once would be one
        rest = process.stdout.read()
        self.assertEqual(process.wait(60), 130)
        return rest

    def test_the_first_interrupt_lets_the_boards_in_hand_be_finished(self):
        factory = self.factory()
        self.assertIn('"board_passed"', self.interrupted(factory, signal.SIGINT))
        self.assert_undisturbed(factory)

    def test_given_up_by_the_operator_it_ends_with_130_and_takes_back_what_it_made(self):
        for signals in ((signal.SIGINT, signal.SIGINT), (signal.SIGTERM,)):
            with self.subTest(signals=signals):
                factory = self.factory(board_options=["--timing", "w25q32"])
                rest = self.interrupted(factory, *signals)
                self.assertIn('"board_stopped"', rest)
                self.assertNotIn('"board_failed"', rest)
                self.assertEqual(factory.certificates(), {})
                stopped = factory.run("ledger", "list", "--json").named("ledger_attempt")
                self.assertEqual([one["outcome"] for one in stopped], ["stopped"])
                self.assert_status(factory.prepare(), 0)
                self.assert_undisturbed(factory)
                factory.close()


if __name__ == "__main__":
    unittest.main(warnings="ignore")
