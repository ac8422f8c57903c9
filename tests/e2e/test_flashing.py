"""What would destroy a board or call a dead one good: refused, or told as what it is."""

import hashlib
import json
import unittest

from bench import FactoryTest


class Boards(FactoryTest):
    def boards(self, *options, chip="esp32"):
        factory = self.factory(registry=False, board_options=["--no-network", "--chip", chip, *options])
        factory.make_project(chip=chip)
        self.build = factory.project / "build"
        return factory

    def flash_file(self, factory):
        return (factory.bays / "bay0.flash").read_bytes()

    def flash(self, factory, *arguments):
        return factory.run("board", "flash", "--json", "-p", factory.port(0), *arguments)

    def flash_set(self, factory, *arguments):
        return self.flash(factory, "--flasher-args", self.build / "flasher_args.json", *arguments)

    def image(self, name, **fields):
        """Changes bytes of a built image's header and makes its hash anew."""
        path = self.build / name
        content = bytearray(path.read_bytes()[:-32])
        for at, value in fields.items():
            at = int(at[1:])
            content[at:at + len(value)] = value
        path.write_bytes(bytes(content) + hashlib.sha256(content).digest())
        return path

    def args(self, change):
        path = self.build / "flasher_args.json"
        facts = json.loads(path.read_text())
        change(facts)
        path.write_text(json.dumps(facts))



class NothingIsDestroyed(Boards):
    def test_what_a_secured_board_starts_from_is_not_erased(self):
        for options in (["--secure-boot"], ["--flash-encryption", "release"]):
            with self.subTest(options=options):
                factory = self.boards(*options)
                plain = ["--plain"] if "release" in options else []
                data = factory.folder / "data.bin"
                data.write_bytes(b"x" * 4096)
                self.assert_status(self.flash(factory, *plain, "0x200000", data), 0)
                before = self.flash_file(factory)
                for what in (["--all"], ["0x1000", "0x7000"], ["0x0", "0x2000"]):
                    outcome = factory.run("board", "erase", "--json", "-p", factory.port(0), *plain, *what)
                    self.assert_error(outcome, 5, "chip_secured", "never start again")
                self.assertEqual(self.flash_file(factory), before)
                self.assert_status(factory.run("board", "erase", "-p", factory.port(0), *plain, "0x200000", "0x1000"), 0)

    def test_an_empty_option_is_no_option_left_out(self):
        factory = self.boards()
        factory.configure(station={"ports": [str(factory.port(0))]})
        data = factory.folder / "data.bin"
        data.write_bytes(b"x" * 4096)
        self.assert_status(self.flash(factory, "0x1000", data), 0)
        before = self.flash_file(factory)
        for command in (["board", "erase", "--all", "-p", ""], ["board", "flash", "-p", "", "0x1000", data],
                        ["board", "info", "--port", ""], ["prepare", "--port", ""], ["prepare", "--lot", ""],
                        ["board", "monitor", "-p", factory.port(0), "--until", ""]):
            with self.subTest(command=command):
                self.assert_error(factory.run(*command, "--json"), 2, "bad_usage", "empty")
        self.assertEqual(self.flash_file(factory), before)

    def test_a_flash_that_has_less_than_it_tells_is_not_written_around_its_end(self):
        factory = self.boards("--flash-told", "32MB")
        self.assert_status(self.flash_set(factory), 0)
        before = self.flash_file(factory)
        data = factory.folder / "data.bin"
        data.write_bytes(b"x" * 8192)
        self.assert_error(self.flash(factory, "0x401000", data), 5, "flash_too_small", "wrap")
        self.assert_error(self.flash(factory, "0x1001000", data), 5, "flash_too_small")
        self.assert_error(factory.run("board", "erase", "--json", "-p", factory.port(0), "0x1000000", "0x1000"), 5,
                          "flash_too_small")
        self.assertEqual(self.flash_file(factory), before)
        self.assertIn("which tells 32 MB", factory.run("board", "info", "-p", factory.port(0)).output)


class NothingDeadIsCalledGood(Boards):
    def test_an_image_for_another_revision_or_chip_is_written_by_force_alone(self):
        factory = self.boards("--revision", "100")
        app = self.image("aws_iot.bin", b15=(301).to_bytes(2, "little"))
        refused = self.flash_set(factory)
        self.assert_error(refused, 5, "wrong_revision", "v3.1 and later", "v1.0")
        self.assertEqual(set(self.flash_file(factory)), {0xFF})
        self.assert_status(self.flash_set(factory, "--force"), 0)
        console = factory.run("board", "monitor", "-p", factory.port(0), "--reset", "--until", "No bootable app",
                              "--timeout", "20")
        self.assertIn("chip revision check failed. Required >= v3.1, found v1.0", console.output)
        self.image("aws_iot.bin", b12=(5).to_bytes(2, "little"))
        self.assert_error(self.flash(factory, "0x10000", app), 5, "wrong_chip", "ESP32-C3")

    def test_a_set_that_cannot_start_is_found_before_any_board(self):
        factory = self.boards()
        original = (self.build / "flasher_args.json").read_text()
        for change, code, words in (
                (lambda facts: facts["flash_files"].pop("0x10000"), "firmware_no_app", "there is no app among"),
                (lambda facts: facts["flash_files"].update({"0x20000": facts["flash_files"].pop("0x10000")}),
                 "firmware_misplaced", "an app inside partition")):
            (self.build / "flasher_args.json").write_text(original)
            self.args(change)
            self.assert_error(self.flash_set(factory), 3, code)
            self.assert_error(factory.run("prepare", "--dry-run", "--json", "-p", factory.port(0)), 3, code)
            self.assertIn(words, factory.run("doctor").output)
        (self.build / "flasher_args.json").write_text(original)
        self.args(lambda facts: facts["flash_files"].pop("0x1000"))
        self.assert_error(factory.run("prepare", "--dry-run", "--json", "-p", factory.port(0)), 3,
                          "firmware_no_bootloader")
        self.assert_error(self.flash_set(factory), 5, "firmware_no_bootloader")
        self.assertEqual(set(self.flash_file(factory)), {0xFF})
        (self.build / "flasher_args.json").write_text(original)
        self.assert_status(self.flash_set(factory), 0)
        self.args(lambda facts: facts["flash_files"].pop("0x1000"))
        self.assert_status(self.flash_set(factory), 0)  # the board has its bootloader by now

    def test_detect_gives_each_board_the_header_that_it_needs(self):
        for size, header in (("4MB", 0x20), ("8MB", 0x30)):
            factory = self.boards("--flash-size", size)
            self.image("bootloader/bootloader.bin", b3=bytes([0x40]))  # built for 16 MB
            self.args(lambda facts: facts["flash_settings"].update(flash_size="keep"))
            self.assert_error(self.flash_set(factory), 5, "flash_too_small", "detect")
            self.args(lambda facts: facts["flash_settings"].update(flash_size="detect"))
            flashed = self.flash_set(factory)
            self.assert_status(flashed, 0)
            self.assertEqual([event["started"] for event in flashed.named("board_flashed")], [True])
            self.assertEqual(self.flash_file(factory)[0x1003] & 0xF0, header)
            started = factory.run("board", "monitor", "-p", factory.port(0), "--reset", "--until", "cpu_start",
                                  "--fail-on", "Probe failed", "--timeout", "20")
            self.assert_status(started, 0)

    def test_a_latched_boot_button_is_no_start(self):
        factory = self.boards("--usb", "serial-jtag", "--boot-button", chip="esp32c3")
        flashed = self.flash_set(factory)
        self.assert_status(flashed, 0)
        self.assertEqual([event["started"] for event in flashed.named("board_flashed")], [True])
        factory = self.boards("--usb", "serial-jtag", "--boot-button", chip="esp32c6")  # which no watchdog resets
        flashed = self.flash_set(factory)
        self.assert_error(flashed, 5, "board_in_loader", "RESET")
        self.assertEqual([event["started"] for event in flashed.named("board_flashed")], [False])


class Preparing(FactoryTest):
    def test_a_board_that_stays_in_its_loader_fails_with_the_reason(self):
        factory = self.factory(board_options=["--chip", "esp32c6", "--usb", "serial-jtag", "--boot-button"])
        factory.make_project(chip="esp32c6")
        outcome = factory.prepare()
        self.assert_error(outcome, 1, "board_in_loader")
        self.assertIn("RESET", outcome.named("board_failed")[0]["mend"])
        self.assertEqual([status for status, _, _ in factory.certificates().values()], ["INACTIVE"])

    def test_a_flash_that_wraps_gets_no_active_certificate(self):
        # Blank, so that nothing tells at first: the credentials come out inside the app.
        factory = self.factory(board_options=["--flash-size", "1MB", "--flash-told", "16MB"])
        self.assert_error(factory.prepare(), 1, "verify_failed", "undone")
        self.assertNotIn("ACTIVE", [status for status, _, _ in factory.certificates().values()])
        self.assert_error(factory.prepare(), 1, "flash_too_small", "1 MB")  # now it tells

    def test_a_board_of_another_revision_is_refused_before_it_is_written(self):
        factory = self.factory(board_options=["--revision", "100"])
        path = factory.project / "build" / "aws_iot.bin"
        content = bytearray(path.read_bytes()[:-32])
        content[15:17] = (301).to_bytes(2, "little")
        path.write_bytes(bytes(content) + hashlib.sha256(content).digest())
        self.assert_error(factory.prepare(), 1, "wrong_revision", "v3.1 and later")
        self.assertEqual(factory.certificates(), {})
        self.assertEqual(set((factory.bays / "bay0.flash").read_bytes()), {0xFF})


if __name__ == "__main__":
    unittest.main()
