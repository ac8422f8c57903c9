"""Credentials as the firmware reads them: its SPIFFS settings, and the project's own files beside them."""

import json
import shutil
import subprocess
import unittest

from bench import IMPRINT, FactoryTest

SETTINGS = ("SPIFFS_PAGE_SIZE=512", "SPIFFS_OBJ_NAME_LEN=64", "SPIFFS_META_LENGTH=0", "SPIFFS_USE_MAGIC_LENGTH=n")
OPTIONS = ("--page-size", "512", "--obj-name-len", "64", "--meta-len", "0", "--no-magic-len")


class Images(FactoryTest):
    def with_settings(self):
        """A factory whose firmware's SPIFFS is set otherwise than ESP-IDF's defaults."""
        factory = self.factory()
        shutil.rmtree(factory.project)
        options = [word for setting in SETTINGS for word in ("--sdkconfig", setting)]
        self.assert_status(factory.run("simulate", "firmware", factory.project, *options), 0)
        return factory

    def add_own_files(self, factory, files, *options):
        """What spiffs_create_partition_image(storage … FLASH_IN_PROJECT) adds to a build."""
        folder = factory.folder / "files"
        shutil.rmtree(folder, ignore_errors=True)
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        build = factory.project / "build"
        self.assert_status(factory.run("image", "spiffs", "0xF0000", folder, build / "storage.bin", *options), 0)
        args = build / "flasher_args.json"
        changed = json.loads(args.read_text())
        changed["flash_files"]["0x110000"] = "storage.bin"
        args.write_text(json.dumps(changed))

    def names_on_board(self, factory):
        out = factory.folder / "unpacked"
        shutil.rmtree(out, ignore_errors=True)
        self.assert_status(factory.run("image", "unpack", factory.bays / "bay0.flash", out), 0)
        return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())

    def test_a_board_reads_its_credentials_however_its_firmwares_spiffs_is_set(self):
        factory = self.with_settings()
        self.add_own_files(factory, {"www/index.html": "<html>"}, *OPTIONS)
        done = factory.prepare()
        self.assert_status(done, 0)
        self.assert_undisturbed(factory)
        self.assertIn("www/index.html", self.names_on_board(factory))
        # A key that says otherwise is told, and the board with it does not come up.
        keys = {"page_size": 256, "obj_name_len": 32, "meta_length": 4}
        (factory.project / "build" / "storage.bin").write_bytes(b"\xff" * 0xF0000)
        for key, value in keys.items():
            factory.configure(credentials__spiffs={key: value}, verify={"timeout": 3})
            wrong = factory.prepare()
            self.assertEqual(wrong.status, 1, str(wrong))
            self.assertIn(f"credentials.spiffs.{key} is", str(wrong.named("note")))
            self.assertEqual([event["code"] for event in wrong.named("board_failed")], ["console_unexpected"], str(wrong))
        # The board's reader needs no magic: a wrong one is told all the same, for SPIFFS itself would not mount it.
        factory.configure(credentials__spiffs={"use_magic_length": True})
        other = factory.prepare()
        self.assert_status(other, 0)
        self.assertIn("credentials.spiffs.use_magic_length is", str(other.named("note")))
        factory.configure()
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)

    def test_rotated_staged_and_minted_images_are_packed_alike(self):
        factory = self.with_settings()
        self.assert_status(factory.prepare(), 0)
        self.assert_status(factory.run("registry", "rotate", "--port", factory.port(0)), 0)
        self.assert_undisturbed(factory)
        self.assert_status(factory.run("registry", "rotate", "--stage", "staged", factory.mac()), 0)
        factory.make_authority()
        factory.configure(identity={"issue": "own-ca"}, identity__ca={"certificate": "ca.pem", "key": "ca.key"})
        self.assert_status(factory.run("registry", "mint", "minted", "--count", "1", "--images"), 0)
        images = [*(factory.folder / "staged").glob("*.bin"), *(factory.folder / "minted" / "images").glob("*.bin")]
        self.assertEqual(len(images), 2)
        for image in images:
            told = json.loads(subprocess.run([IMPRINT, "image", "inspect", image, "--json"], check=True,
                                             capture_output=True, text=True).stdout)
            self.assertEqual(told["geometry"]["page_size"], 512, told)
            self.assertEqual(told["geometry"]["use_magic_len"], False, told)
            self.assertIn("/device.json", json.dumps(told))

    def test_what_the_build_does_not_say_is_asked_for_and_the_answer_works(self):
        factory = self.factory()
        (factory.project / "build" / "config" / "sdkconfig.json").unlink()
        asked = factory.prepare()
        self.assert_error(asked, 3, "spiffs_settings_unknown", "sdkconfig")
        doctor = factory.run("doctor")
        self.assert_status(doctor, 3)
        self.assertIn("how the firmware's SPIFFS is set is not to be found", doctor.output)
        line = asked.named("error")[0]["mend"].split("defaults: ")[1]
        config = factory.folder / "imprint.toml"
        config.write_text(config.read_text() + f"[credentials]\n{line}\n")
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)

    def test_the_projects_own_files_stay_and_a_clash_is_told(self):
        factory = self.factory()
        self.add_own_files(factory, {"www/index.html": "<html>", "sound.bin": "x" * 5000})
        self.assert_status(factory.prepare(), 0)
        self.assertEqual(self.names_on_board(factory),
                         ["aws-root-ca.pem", "certificate.pem.crt", "copy/aws-root-ca.pem", "copy/certificate.pem.crt",
                          "copy/device.json", "copy/private.pem.key", "device.json", "private.pem.key", "sound.bin",
                          "www/index.html"])
        self.add_own_files(factory, {"device.json": "{}"})
        self.assert_error(factory.prepare(), 3, "credential_names", "storage.bin", "/device.json")
        self.assert_undisturbed(factory)

    def test_builds_in_other_layouts_are_prepared_and_flashed_alike(self):
        factory = self.factory(boards=1)
        build = factory.project / "build"
        settings = {"page_size": 256, "obj_name_len": 32, "meta_length": 4, "use_magic": True, "use_magic_length": True}
        named = {int(at, 16): build / name
                 for at, name in json.loads((build / "flasher_args.json").read_text())["flash_files"].items()}
        boot, table, app = (named[at].read_bytes() for at in (0x1000, 0x8000, 0x10000))
        merged = bytearray(b"\xff" * 0x10000 + app)
        merged[0x1000:0x1000 + len(boot)] = boot
        merged[0x8000:0x8000 + len(table)] = table
        layouts = {
            "arduino": {"blink.ino.bin": app, "blink.ino.bootloader.bin": boot, "blink.ino.partitions.bin": table},
            ".pio/build/esp32dev": {"firmware.bin": app, "bootloader.bin": boot, "partitions.bin": table},
            "merged": {"firmware.factory.bin": bytes(merged)},
            "listed": {"a.bin": app, "b.bin": boot, "t.bin": table},
        }

        def told(firmware):
            factory.configure(firmware=firmware, credentials__spiffs=settings)
            doctor = factory.run("doctor", "--json")
            sound = [check for check in doctor.named("check") if check["name"] == "firmware" and check["health"] == "ok"]
            self.assertEqual(len(sound), 1, str(doctor))
            run = factory.prepare("--dry-run")
            self.assert_status(run, 0)
            ready = run.named("firmware_ready")[0]
            return {item["offset"]: item["size"] for item in ready["file_list"]} | {"sha256": sound[0]["facts"]["sha256"]}

        usual = told({})
        self.assertEqual([at for at in usual if at != "sha256"], [0x1000, 0x8000, 0x10000])
        for folder, files in layouts.items():
            place = factory.project / folder
            place.mkdir(parents=True)
            for name, content in files.items():
                (place / name).write_bytes(content)
            if folder == "listed":
                listed = {"0x1000": "listed/b.bin", "0x8000": "listed/t.bin", "0x10000": "listed/a.bin"}
                self.assertEqual(told({"artifacts": "nowhere", "files": listed}), usual)
                continue
            self.assertEqual(told({"artifacts": folder}), usual, folder)
            flashed = factory.run("board", "flash", "--port", factory.port(0), "--flasher-args", place)
            self.assert_status(flashed, 0)
            self.assert_status(factory.run("board", "verify", "--port", factory.port(0), "--flasher-args",
                                           named[0x8000].parent.parent), 0)
        # What is missing is told in the same words by all three.
        (factory.project / "arduino" / "blink.ino.partitions.bin").unlink()
        factory.configure(firmware={"artifacts": "arduino"})
        self.assert_error(factory.prepare("--dry-run"), 3, "firmware_missing", "blink.ino.partitions.bin is not")
        self.assertIn("blink.ino.partitions.bin is not", factory.run("doctor").output)
        by_hand = factory.run("board", "flash", "--json", "--port", factory.port(0), "--flasher-args",
                              factory.project / "arduino")
        self.assert_error(by_hand, 3, "firmware_missing", "blink.ino.partitions.bin is not")


if __name__ == "__main__":
    unittest.main()
