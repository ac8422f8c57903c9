"""What would destroy a board or call a dead one good: refused, or told as what it is."""

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


if __name__ == "__main__":
    unittest.main()
