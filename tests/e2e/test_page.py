"""The operators' page in Debian's Chromium: what a person at a bench sees and does, as page/*.mjs tell it."""

import pathlib
import subprocess
import unittest

from bench import FactoryTest, IMPRINT, PATIENCE, wait_for


class Page(FactoryTest):
    def setUp(self):
        self.factory_ = self.factory(boards=0)
        folder = self.factory_.folder / "bench"
        bench = self.factory_.spawn("simulate", "bench", "--bays", "4", "--dir", folder, log="bench.log")
        wait_for("the bench", (folder / "hands.sock").exists, bench)
        self.factory_.configure(page={"listen": "127.0.0.1:0"}, label={"printer": "file:labels"},
                                registry={"deadline": PATIENCE},
                                station={"watch": "bench", "name": "north", "operator": "M. K."})
        (self.factory_.folder / "labels").mkdir()

    def play(self, scene):
        """A script that starts the station and a browser; what it starts, it ends."""
        script = pathlib.Path(__file__).parent / "page" / scene
        process = subprocess.Popen(["node", script], cwd=self.factory_.folder, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   env=self.factory_.environment(
                                       IMPRINT=IMPRINT, REGISTRY=self.factory_.registry_process.pid))
        self.factory_.processes.append(process)
        try:
            output, _ = process.communicate(timeout=5 * PATIENCE)
        except subprocess.TimeoutExpired:
            process.terminate()
            self.fail(f"{scene} has no end: {process.communicate()[0][-8000:]}")
        self.assertEqual(process.returncode, 0, output[-8000:])

    def test_a_lot_from_its_opening_to_its_report_by_keyboard_alone(self):
        self.play("shift.mjs")

    def test_a_page_of_somebody_else_changes_nothing(self):
        self.play("hostile.mjs")

    def test_any_number_of_tabs_leaves_a_line_for_a_scan(self):
        self.play("tabs.mjs")

    def test_twenty_browsers_end_with_the_same_state(self):
        self.play("crowd.mjs")


if __name__ == "__main__":
    unittest.main()
