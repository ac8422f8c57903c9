"""What a person types, and what comes back: help, mistakes, doctor, init."""

import json
import pathlib
import unittest

from bench import Factory, FactoryTest

COMMANDS = [[], ["init"], ["doctor"], ["prepare"], ["board", "info"], ["board", "flash"], ["board", "read"],
            ["board", "erase"], ["image", "spiffs"], ["image", "partition-table"], ["image", "inspect"],
            ["image", "unpack"], ["registry", "serve"], ["registry", "show"], ["ledger", "list"], ["ledger", "show"],
            ["simulate", "board"], ["simulate", "firmware"], ["demo"]]


class CommandLine(FactoryTest):
    @classmethod
    def setUpClass(cls):
        cls.plain = Factory(boards=0, registry=False)
        cls.addClassCleanup(cls.plain.close)

    def test_every_command_has_help_with_an_example(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                outcome = self.plain.run(*command, "--help")
                self.assert_status(outcome, 0)
                self.assertIn("Example:", outcome.output)
                self.assertLessEqual(max(map(len, outcome.output.splitlines())), 100)

    def test_a_mistyped_command_is_answered_with_the_nearest(self):
        outcome = self.plain.run("prepar")
        self.assert_status(outcome, 2)
        self.assertIn("did you mean prepare?", outcome.errors)
        self.assertEqual(outcome.output, "")

    def test_a_wrong_option_is_one_clear_error(self):
        outcome = self.plain.run("prepare", "--bogus")
        self.assert_status(outcome, 2)
        self.assertIn("--bogus", outcome.errors)
        self.assertLessEqual(len(outcome.errors.splitlines()), 2)

    def test_with_json_an_error_is_an_event(self):
        outcome = self.plain.run("prepare", "--json", "--port", "/dev/ttyNOT_THERE")
        self.assert_error(outcome, 5, "port_missing", "/dev/ttyNOT_THERE")

    def test_init_writes_what_doctor_reads_and_never_overwrites(self):
        folder = self.plain.folder / "fresh"
        folder.mkdir()
        before = self.plain.folder
        try:
            self.plain.folder = folder
            self.assert_status(self.plain.run("init"), 0)
            kept = (folder / "imprint.toml").read_text()
            again = self.plain.run("init")
            self.assert_status(again, 2)
            self.assertEqual((folder / "imprint.toml").read_text(), kept)
            doctor = self.plain.run("doctor", "--values", "--json")
            self.assert_status(doctor, 3)  # nothing is built there, and there is no account
            values = {event["key"]: event for event in doctor.named("config_value")}
            self.assertIn("imprint.toml", values["identity.thing_type"]["origin"])
            self.assertEqual(values["station.baud"]["origin"], "default")
            failed = {event["name"]: event for event in doctor.named("check") if event["health"] == "fail"}
            self.assertIn("firmware", failed)
            self.assertIn("credentials", failed)
            for event in failed.values():
                self.assertTrue(event["mend"], event)
        finally:
            self.plain.folder = before

    def test_every_key_is_documented(self):
        doctor = self.plain.run("doctor", "--values", "--json")
        text = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "configuration.md").read_text()
        keys = [event["key"] for event in doctor.named("config_value")]
        self.assertGreater(len(keys), 20)
        for key in keys:
            self.assertIn(key, text)

    def test_flags_win_over_the_environment_and_that_over_the_file(self):
        self.plain.configure(station={"baud": 230400})
        origin = lambda outcome: [(e["value"], e["origin"]) for e in outcome.named("config_value")
                                  if e["key"] == "station.baud"][0]
        value, where = origin(self.plain.run("doctor", "--values", "--json"))
        self.assertEqual(value, "230400")
        self.assertIn("imprint.toml", where)
        environment = self.plain.environment(IMPRINT_STATION_BAUD=460800)
        self.assertEqual(origin(self.plain.run("doctor", "--values", "--json", environment=environment)),
                         ("460800", "IMPRINT_STATION_BAUD"))
        value, where = origin(self.plain.run("doctor", "--values", "--json", "--baud", "115200",
                                             environment=environment))
        self.assertEqual((value, where), ("115200", "--baud"))

    def test_an_image_goes_into_a_partition_and_comes_out_again(self):
        folder = self.plain.folder / "files"
        (folder / "sub").mkdir(parents=True)
        (folder / "a.txt").write_text("hello")
        (folder / "sub" / "b.bin").write_bytes(bytes(range(256)) * 9)
        image = self.plain.folder / "image.bin"
        self.assert_status(self.plain.run("image", "spiffs", "0x20000", folder, image), 0)
        self.assertEqual(image.stat().st_size, 0x20000)
        out = self.plain.folder / "out"
        self.assert_status(self.plain.run("image", "unpack", image, out), 0)
        self.assertEqual((out / "a.txt").read_text(), "hello")
        self.assertEqual((out / "sub" / "b.bin").read_bytes(), bytes(range(256)) * 9)
        inspected = self.plain.run("image", "inspect", image)
        self.assert_status(inspected, 0)
        self.assertIn("/sub/b.bin", inspected.output)
        too_small = self.plain.run("image", "spiffs", "0x1000", folder, self.plain.folder / "no.bin")
        self.assert_status(too_small, 3)
        self.assertFalse((self.plain.folder / "no.bin").exists())


class ByHand(FactoryTest):
    def test_a_board_is_looked_at_written_read_and_erased(self):
        factory = self.factory(registry=False)
        info = factory.run("board", "info", "--port", factory.port(0))
        self.assert_status(info, 0)
        self.assertIn("24:6f:28:00:00:00", info.output)
        data = factory.folder / "data.bin"
        data.write_bytes(os_random(8192))
        self.assert_status(factory.run("board", "flash", "--port", factory.port(0), "0x200000", data), 0)
        back = factory.folder / "back.bin"
        self.assert_status(factory.run("board", "read", "--port", factory.port(0), "0x200000", "0x2000", back), 0)
        self.assertEqual(back.read_bytes(), data.read_bytes())
        self.assert_status(factory.run("board", "erase", "--port", factory.port(0), "0x200000", "0x2000"), 0)
        self.assert_status(factory.run("board", "read", "--port", factory.port(0), "0x200000", "0x2000", back), 0)
        self.assertEqual(back.read_bytes(), b"\xff" * 8192)


def os_random(size):
    import random
    return bytes(random.Random(7).randrange(256) for _ in range(size))


if __name__ == "__main__":
    unittest.main(warnings="ignore")
