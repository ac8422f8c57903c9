"""`imprint demo`: the whole flow on simulated boards, as `make demo` runs it."""

import pathlib
import unittest

from bench import FactoryTest, Factory, IMPRINT


class Demo(FactoryTest):
    def setUp(self):
        self.plain = Factory(boards=0, registry=False)
        self.addCleanup(self.plain.close)

    def children_of_the_demo(self):
        """Programs of ours that still run on the demo's folder."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = process.read_bytes()
            except OSError:
                continue
            if str(self.plain.folder / "demo").encode() in line:
                found.append(line)
        return found

    def test_two_boards_from_nothing_to_connected(self):
        state = self.plain.folder / "demo"
        outcome = self.plain.run("demo", "--boards", "2", "--state", state, "--json")
        self.assert_status(outcome, 0)
        passed = outcome.named("board_passed")
        self.assertEqual(len(passed), 2, str(outcome))
        logs = [path.read_text(errors="replace") for path in state.rglob("mosquitto.log")]
        for event in passed:
            self.assertTrue(any(f" as {event['mac']} " in log for log in logs), event["mac"])
        self.assertEqual(self.children_of_the_demo(), [])

    def test_a_person_sees_what_it_did(self):
        outcome = self.plain.run("demo", "--boards", "1")
        self.assert_status(outcome, 0)
        self.assertIn("connected", outcome.output)
        self.assertNotIn("\x1b", outcome.output)

    def test_make_demo_names_the_four_boards(self):
        outcome = self.plain.run("demo", "--boards", "4", "--state", self.plain.folder / "demo", "--json")
        self.assert_status(outcome, 0)
        self.assertEqual(len({event["mac"] for event in outcome.named("board_passed")}), 4)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
