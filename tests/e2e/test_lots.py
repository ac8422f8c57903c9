"""A lot from its opening to its report: what it allows is held to, each board has its own serial number, whatever
kills the station, and the report tells all of it."""

import csv
import io
import json
import shutil
import unittest

from bench import FactoryTest


class Lots(FactoryTest):
    def device_json(self, factory, board=0):
        out = factory.folder / "unpacked"
        shutil.rmtree(out, ignore_errors=True)
        self.assert_status(factory.run("image", "unpack", factory.bays / f"bay{board}.flash", out, "--partition",
                                       "storage"), 0)
        return json.loads((out / "device.json").read_text())

    def lot(self, factory, *arguments):
        done = factory.run("lot", *arguments, "--json")
        self.assert_status(done, 0)
        return done.named("lot")

    def test_a_lot_takes_as_many_boards_as_its_target_and_numbers_them(self):
        factory = self.factory(boards=3)
        factory.configure(identity={"attributes": {"serial": "{serial}", "lot": "{lot}"}})
        [opened] = self.lot(factory, "open", "order-17", "--code", "4711", "--target", "2", "--allow-firmware", "this",
                            "--chip", "ESP32", "--serial", "T-{number:3}")
        self.assertEqual((opened["state"], opened["target"], opened["chip"]), ("open", 2, "esp32"))
        # By its code, as a scanner gives it.
        run = factory.prepare("--lot", "4711")
        self.assert_status(run, 1)
        self.assertEqual(run.named("run_started")[0]["lot"], "order-17")
        self.assertEqual([failed["code"] for failed in run.named("board_failed")], ["lot_full"])
        serials = {event["mac"]: event["serial"] for event in run.named("board_passed")}
        self.assertEqual(sorted(serials.values()), ["T-001", "T-002"])
        for board in range(3):
            if factory.mac(board) in serials:
                told = self.device_json(factory, board)
                self.assertEqual((told["serial"], told["lot"]), (serials[factory.mac(board)], "order-17"))
        [lot] = self.lot(factory, "show", "order-17")
        self.assertEqual((lot["passed"], lot["error"], lot["first_pass_yield"]), (2, 1, 1))

        rows = list(csv.DictReader(io.StringIO(factory.run("lot", "report", "4711", "--csv").output)))
        self.assertEqual({row["mac"]: row["serial"] for row in rows if row["verdict"] == "passed"}, serials)
        self.assertEqual([row["code"] for row in rows if row["verdict"] == "error"], ["lot_full"])
        told = factory.run("lot", "report", "4711", "--json")
        self.assertEqual(len(told.named("lot_board")), 3)
        self.assert_status(factory.run("lot", "report", "4711", "--html", "lot.html"), 0)
        page = (factory.folder / "lot.html").read_text()
        for mac, serial in serials.items():
            self.assertIn(mac, page)
            self.assertIn(serial, page)
        self.assertIn("2 of 2", page)
        self.assertFalse(list(factory.folder.glob("*.part")))
        self.assertIn("lot_full", factory.run("lot", "report", "4711").output)
        exported = list(csv.DictReader(io.StringIO(factory.run("ledger", "export").output)))
        self.assertEqual({row["mac"]: row["serial"] for row in exported if row["serial"]}, serials)

    def test_what_concerns_all_boards_is_told_before_the_first(self):
        factory = self.factory()
        self.lot(factory, "open", "order-17", "--allow-firmware", "this")
        for state, code in (("pause", "lot_paused"), ("close", "lot_closed")):
            self.lot(factory, state, "order-17")
            self.assert_error(factory.prepare("--lot", "order-17"), 2, code, "order-17")
        self.lot(factory, "resume", "order-17")
        factory.make_project(version="2.0.0")
        refused = factory.prepare("--lot", "order-17")
        self.assert_error(refused, 3, "lot_firmware")
        self.assertFalse(refused.named("board_started"))
        self.lot(factory, "set", "order-17", "--allow-firmware", "this")
        self.assert_status(factory.prepare("--lot", "order-17"), 0)

    def test_what_is_mistyped_opens_no_lot(self):
        factory = self.factory(boards=0, registry=False)
        for wrong, code, word in ((["--serial", "T-{numbr}"], "serial_template", "{number}"),
                                  (["--serial", "T-{year}"], "serial_template", "same number"),
                                  (["--chip", "esp32x3"], "bad_usage", "esp32s3"),
                                  (["--revision-from", "three"], "bad_usage", "v3.1"),
                                  (["--revision-from", "v3.1", "--revision-to", "v1.0"], "bad_usage", "wrong way"),
                                  (["--target", "-1"], "bad_usage", "--target"),
                                  (["--flash-size", "much"], "bad_size", "4M"),
                                  (["--allow-firmware", "abc"], "bad_usage", "64 hex digits"),
                                  (["--golden", "xyz"], "bad_mac", "xyz")):
            self.assert_error(factory.run("lot", "open", "order-17", *wrong, "--json"), 2, code, word)
        self.assert_error(factory.run("lot", "show", "order-17", "--json"), 6, "ledger_missing")
        self.lot(factory, "open", "order-17")
        self.assert_error(factory.run("lot", "open", "order-17", "--json"), 2, "lot_exists")
        self.assert_error(factory.run("lot", "close", "order-18", "--json"), 2, "lot_unknown")
        self.assert_error(factory.run("lot", "report", "order-17", "--csv", "--html", "x", "--json"), 2, "bad_usage")

    def test_a_name_is_no_markup_of_its_report(self):
        factory = self.factory(boards=0, registry=False)
        name = "<script>alert('x')</script>"
        self.lot(factory, "open", name)
        page = factory.run("lot", "report", name, "--html", "-").output
        self.assertNotIn("<script", page)
        self.assertIn("&lt;script&gt;", page)

    def test_killed_in_the_middle_a_board_keeps_its_serial_number(self):
        factory = self.factory(boards=2)
        self.lot(factory, "open", "order-17", "--serial", "S{number}")
        first = {}
        process = factory.start_prepare("--lot", "order-17")
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "board_identified":
                first[event["mac"]] = event["serial"]
            if event["event"] == "board_step" and event["step"] == "credentials":
                process.kill()
                break
        process.stdout.close()
        process.wait(60)
        self.assertTrue(first)
        rerun = factory.prepare("--lot", "order-17")
        self.assert_status(rerun, 0)
        second = {event["mac"]: event["serial"] for event in rerun.named("board_passed")}
        self.assertEqual({mac: second[mac] for mac in first}, first)
        self.assertEqual(sorted(second.values()), ["S1", "S2"])
        [lot] = self.lot(factory, "show", "order-17")
        self.assertEqual(lot["passed"], 2)
        self.assert_undisturbed(factory, boards=2)


if __name__ == "__main__":
    unittest.main()
