"""New credentials over the air: boards that were prepared, and run, make keys of their own."""

import re
import signal
import unittest

from bench import FactoryTest, wait_for

BOARDS = 4


class OverTheAir(FactoryTest):
    def rotate(self, factory, *arguments):
        return factory.run("registry", "rotate", "--over-the-air", "--json", *arguments)

    def test_boards_make_keys_and_the_former_certificates_go(self):
        factory = self.factory(boards=BOARDS)
        self.assert_status(factory.prepare(), 0)
        macs = [factory.mac(i) for i in range(BOARDS)]
        former = set(factory.certificates())
        log = factory.broker_log()

        # A thing that is not there fails alone.
        done = self.rotate(factory, *macs, "nobody")
        self.assert_status(done, 1)
        self.assertEqual([error["code"] for error in done.named("error")], ["thing_unknown"])
        states = [(event["thing"], event["state"]) for event in done.named("rotation")]
        for mac in macs:
            self.assertEqual([state for thing, state in states if thing == mac][-1], "finished", states)
        certificates = factory.certificates()
        self.assertEqual(len(certificates), BOARDS)
        self.assertFalse(former & set(certificates))
        self.assertEqual({status for status, _, _ in certificates.values()}, {"ACTIVE"})
        for mac in macs:
            self.assertIn(mac, factory.broker_log()[len(log):])
        # No key left its board, and none that the bench made is left in flash.
        for place in (done.output, done.errors, factory.broker_log()):
            self.assertNotIn("PRIVATE KEY", place)
        for i in range(BOARDS):
            flash = (factory.bays / f"bay{i}.flash").read_bytes()
            self.assertEqual(len(re.findall(rb"BEGIN EC PRIVATE KEY", flash)), 2, "both copies of one slot")
        self.assert_status(factory.run("registry", "reconcile"), 0)

        # Started anew, the boards come up with what they made.
        log = factory.broker_log()
        self.stop_boards(factory)
        factory.start_boards()
        wait_for("the boards at the broker", lambda: all(
            mac in factory.broker_log()[len(log):] for mac in macs))

        # The bench has the last word: prepared again, they come up with what it wrote.
        self.assert_status(factory.prepare(), 0)
        self.assertEqual(len(factory.certificates()), BOARDS)

    def test_what_was_broken_off_goes_on(self):
        factory = self.factory()
        self.assert_status(factory.prepare(), 0)
        [former] = factory.certificates()
        self.stop_boards(factory)
        waiting = self.rotate(factory, "--wait", "1", factory.mac())
        self.assert_status(waiting, 1)
        self.assertEqual([event["state"] for event in waiting.named("rotation")], ["asked"])
        self.assertEqual(list(factory.certificates()), [former])
        factory.start_boards()
        running = factory.spawn("registry", "rotate", "--over-the-air", "--json", factory.mac(), log="rotate.log")
        wait_for("the board's certificate", lambda: len(factory.certificates()) == 2, running)
        running.send_signal(signal.SIGKILL)
        running.wait()
        done = self.rotate(factory, factory.mac())
        self.assert_status(done, 0)
        [(certificate, (status, things, _))] = factory.certificates().items()
        self.assertEqual((status, things), ("ACTIVE", [factory.mac()]))
        self.assertNotEqual(certificate, former)

    def test_a_policy_without_the_shadow_is_told_before_the_first_thing(self):
        factory = self.factory()
        self.assert_status(factory.prepare(), 0)
        policy = factory.folder / "policy.json"
        policy.write_text(policy.read_text().replace("/shadow/*", "/shadow/update*"))
        self.assert_status(factory.run("registry", "policy", "put"), 0)
        self.assert_error(self.rotate(factory, factory.mac()), 3, "rotation_not_allowed")
        self.assertEqual(len(factory.certificates()), 1)

    def stop_boards(self, factory):
        factory.stop(factory.boards_process)


if __name__ == "__main__":
    unittest.main()
