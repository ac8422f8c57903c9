"""Credentials in NVS and in esp_secure_cert, and what each board gets beside them."""

import json
import shutil
import unittest

from bench import FactoryTest


class Formats(FactoryTest):
    def with_format(self, name, **options):
        """A factory whose firmware looks for its identity in this format."""
        factory = self.factory(**options)
        shutil.rmtree(factory.project)
        self.assert_status(factory.run("simulate", "firmware", factory.project, "--credentials", name), 0)
        factory.configure(credentials={"format": name})
        return factory

    def files_on_board(self, factory, index=0):
        out = factory.folder / "unpacked"
        shutil.rmtree(out, ignore_errors=True)
        self.assert_status(factory.run("image", "unpack", factory.bays / f"bay{index}.flash", out), 0)
        return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def test_a_board_comes_up_from_nvs_and_from_esp_secure_cert(self):
        for name, certificate, copy in (("nvs", "imprint/certificate", "imprint_copy/certificate"),
                                        ("esp-secure-cert", "dev_cert", "dev_cert.1")):
            with self.subTest(format=name):
                factory = self.with_format(name)
                self.assert_status(factory.prepare(), 0)
                self.assert_undisturbed(factory)
                files = self.files_on_board(factory)
                self.assertIn(b"BEGIN CERTIFICATE", files[certificate])
                self.assertEqual(files[certificate].rstrip(b"\0"), files[copy].rstrip(b"\0"))
                told = factory.run("image", "inspect", factory.bays / "bay0.flash", "--json")
                kinds = [part["content"]["kind"] for part in json.loads(told.output)["parts"]]
                self.assertIn(name, kinds)
                self.assertNotIn("PRIVATE KEY", told.output)
                # With a new identity, too, and where the firmware looks elsewhere it is told.
                self.assert_status(factory.run("registry", "rotate", "--port", factory.port(0)), 0)
                self.assert_undisturbed(factory)
                factory.configure()
                self.assert_error(factory.prepare(), 3, "credential_partition", "no SPIFFS partition")

    def test_the_firmwares_ordinary_nvs_is_not_taken_by_itself(self):
        factory = self.factory()
        factory.configure(credentials={"format": "nvs"})
        self.assert_error(factory.prepare(), 3, "credential_partition", "beside", "nvs")
        self.assertEqual(factory.certificates(), {})

    def test_each_board_gets_its_row_of_the_table(self):
        factory = self.with_format("nvs", boards=2)
        rows = [f"{factory.mac(index)},net-{index},{index + 1}" for index in (0, 1)]
        table = factory.folder / "boards.csv"
        values = {"format": "nvs", "table": "boards.csv"}
        factory.configure(credentials=values, credentials__values={'"factory/name"': "lamp {mac}"})
        table.write_text("mac,wifi/ssid,wifi/channel:u9\n" + "\n".join(rows))
        self.assert_error(factory.prepare(), 3, "credential_table", "boards.csv")
        table.write_text("mac,wifi/ssid,wifi/channel:u8\n" + rows[0] + "\n" + rows[0])
        self.assert_error(factory.prepare(), 3, "credential_table", "boards.csv, line 3", "line 2")
        table.write_text("mac,wifi/ssid,wifi/channel:u8\n" + rows[0])
        one = factory.prepare()
        self.assertEqual([event["code"] for event in one.named("board_failed")], ["credential_table_row"], str(one))
        self.assertEqual(len(one.named("board_passed")), 1, str(one))
        table.write_text("mac,wifi/ssid,wifi/channel:u8\n" + "\n".join(rows))
        self.assert_status(factory.prepare(), 0)
        self.assert_boards_connect(factory, boards=2)
        for index in (0, 1):
            files = self.files_on_board(factory, index)
            self.assertEqual(files["wifi/ssid"], f"net-{index}".encode())
            self.assertEqual(files["wifi/channel"], f"{index + 1}".encode())
            self.assertEqual(files["factory/name"], f"lamp {factory.mac(index)}".encode())


if __name__ == "__main__":
    unittest.main()
