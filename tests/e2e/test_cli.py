"""What a person types, and what comes back: help, mistakes, doctor, init."""

import base64
import hashlib
import json
import pathlib
import tarfile
import unittest

from bench import Factory, FactoryTest, wait_for

COMMANDS = [[], ["init"], ["doctor"], ["report"], ["prepare"], ["board", "info"], ["board", "flash"], ["board", "read"],
            ["board", "erase"], ["board", "verify"], ["board", "monitor"],
            ["image", "spiffs"], ["image", "partition-table"], ["image", "inspect"],
            ["image", "nvs", "generate"], ["image", "nvs", "encrypt"], ["image", "nvs", "decrypt"],
            ["image", "nvs", "generate-key"],
            ["image", "unpack"], ["registry", "serve"], ["registry", "show"], ["registry", "policy", "check"], ["ledger", "list"], ["ledger", "show"],
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

    def test_an_option_before_its_command_is_told_where_it_belongs(self):
        for words, place in [(["--port", "x", "prepare"], "imprint prepare --port"),
                             (["--set", "station.baud=115200", "prepare"], "imprint prepare --set"),
                             (["-p", "x", "prepare"], "imprint prepare -p"),
                             (["board", "--stay", "info"], "imprint board info --stay"),
                             (["--lot", "x"], "imprint prepare --lot")]:
            with self.subTest(words=words):
                outcome = self.plain.run(*words)
                self.assert_status(outcome, 2)
                self.assertIn(f"options of a command stand behind it: {place}", outcome.errors)

    def test_ports_that_a_shell_put_behind_one_p(self):
        both = self.plain.run("prepare", "--json", "-p", "/dev/ttyNONE0", "/dev/ttyNONE1", "--dry-run")
        self.assert_error(both, 5, "port_missing", "/dev/ttyNONE0")
        pieces = self.plain.run("board", "flash", "-p", "/dev/ttyNONE0", "/dev/ttyNONE1", "0x10000", "x.bin")
        self.assert_status(pieces, 2)
        self.assertIn("-p /dev/ttyUSB0 -p /dev/ttyUSB1", pieces.errors)
        single = self.plain.run("board", "info", "-p", "/dev/ttyNONE0", "/dev/ttyNONE1")
        self.assert_status(single, 2)
        self.assertIn("for one board", single.errors)

    def test_without_a_file_that_is_said(self):
        folder = self.plain.folder / "elsewhere"
        folder.mkdir()
        before = self.plain.folder
        try:
            self.plain.folder = folder
            doctor = self.plain.run("doctor", "--json")
            [config] = [event for event in doctor.named("check") if event["name"] == "config"]
            self.assertEqual(config["health"], "warn")
            self.assertIn(str(folder), config["found"])
            prepare = self.plain.run("prepare", "--dry-run", "-p", "/dev/ttyNONE0", "--json")
            self.assertIn(f"there is no imprint.toml in {folder}", prepare.named("note")[0]["text"])
        finally:
            self.plain.folder = before

    def test_with_json_an_error_is_an_event(self):
        outcome = self.plain.run("prepare", "--json", "--port", "/dev/ttyNOT_THERE")
        self.assert_error(outcome, 5, "port_missing", "/dev/ttyNOT_THERE")

    def test_a_setting_takes_one_word_and_leaves_the_rest(self):
        file = self.plain.folder / "x.bin"
        file.write_bytes(b"x")
        outcome = self.plain.run("board", "flash", "--json", "--set", "station.use_stub=false", "0x10000", file,
                                 "-p", "/dev/ttyNOT_THERE")
        self.assert_error(outcome, 5, "port_missing", "/dev/ttyNOT_THERE")

    def test_a_file_that_cannot_be_written_is_told_before_a_board_is_read(self):
        outcome = self.plain.run("board", "read", "--json", "0", "4K", self.plain.folder / "none" / "x.bin",
                                 "-p", "/dev/ttyNOT_THERE")
        self.assert_error(outcome, 3, "file_unwritable", "x.bin")

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
                self.assertTrue(event["code"], event)
            self.assertEqual(failed["firmware"]["code"], "firmware_missing")
            [source] = [event["facts"] for event in doctor.named("check") if event["name"] == "source"]
            self.assertEqual(source, {"path": ".", "commit": ""})
            # What the station's page and a watched folder need is looked at before the shift.
            self.assertNotIn("page", failed)
            exposed = self.plain.run("doctor", "--json", "--set", "page.listen=0.0.0.0:7625",
                                     "--set", "station.watch=no-such-folder")
            codes = {event["name"]: event["code"] for event in exposed.named("check") if event["health"] == "fail"}
            self.assertEqual((codes["page"], codes["watch"]), ("page_access", "port_watch"))
        finally:
            self.plain.folder = before

    def test_a_report_is_for_its_owner_and_holds_no_secret(self):
        secret = "k7Qm2/Zr8vT+1xLp9sWd4yHb6nJc3gFa5uEo0iRq"
        environment = self.plain.environment(AWS_SECRET_ACCESS_KEY=secret, AWS_ACCESS_KEY_ID="AKIACANARY0000000000",
                                             IMPRINT_FIRMWARE_BUILD=f"WIFI_PASSWORD=canary-77 KEY={secret} make")
        outcome = self.plain.run("report", "problem.tar.gz", "--json", environment=environment)
        self.assert_status(outcome, 0)
        self.assertEqual([event["path"] for event in outcome.named("file_written")], ["problem.tar.gz"])
        file = self.plain.folder / "problem.tar.gz"
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        with tarfile.open(file) as archive:
            parts = {pathlib.Path(one.name).name: archive.extractfile(one).read() for one in archive.getmembers()}
        self.assertLessEqual({"contents.txt", "program.json", "doctor.json", "configuration.json",
                              "environment.json", "system.json", "devices.json"}, parts.keys())
        for name, content in parts.items():
            for trace in (secret, secret.encode().hex(), base64.b64encode(secret.encode()).decode(), "canary-77"):
                self.assertNotIn(trace.encode(), content, name)
        build = next(one for one in json.loads(parts["configuration.json"]) if one["key"] == "firmware.build")
        self.assertIn("WIFI_PASSWORD=[removed]", build["value"])
        self.assertIn("AWS_SECRET_ACCESS_KEY", json.loads(parts["environment.json"]))
        # Nobody is asked over the network, and nobody's ports are opened.
        names = {check["name"] for check in json.loads(parts["doctor.json"])}
        self.assertIn("clock", names)
        self.assertFalse(names & {"credentials", "registry", "build"}, names)
        shown = self.plain.run("report", "--redact", environment=environment)
        self.assert_status(shown, 0)
        self.assertIn("Look into it before you send it", shown.output)
        self.assertIn("doctor.json", shown.output)
        self.assertEqual(len(list(self.plain.folder.glob("imprint-report-*Z.tar.gz"))), 1)

    def test_the_doctor_looks_at_the_computer_and_fails_none_of_it(self):
        doctor = self.plain.run("doctor", "--json")
        checks = {event["name"]: event for event in doctor.named("check")}
        for name in ("clock", "disk", "core_files"):
            self.assertIn(name, checks)
        self.assertEqual(checks["core_files"]["health"], "ok")
        machine = {"clock", "disk", "udev", "access", "usb", "printer", "service", "core_files"}
        self.assertFalse({name for name in machine & checks.keys() if checks[name]["health"] == "fail"}, checks)
        debugged = self.plain.run("doctor", "--json", environment=self.plain.environment(IMPRINT_DEBUG="1"))
        [core] = [event for event in debugged.named("check") if event["name"] == "core_files"]
        self.assertEqual(core["health"], "warn")

    def test_a_policy_is_checked_offline(self):
        policy = self.plain.folder / "device.json"
        policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [
            {"Sid": "Own", "Effect": "Allow", "Action": "iot:Publish",
             "Resource": "arn:aws:iot:eu-west-1:123456789012:topic/dt/${iot:Connection.Thing.ThingName}/*"}]}))
        check = ["registry", "policy", "check", policy]
        self.assert_status(self.plain.run(*check), 0)
        ask = [*check, "--thing", "a", "--action", "iot:Publish", "--resource"]
        allowed = self.plain.run(*ask, "topic/dt/a/x")
        self.assert_status(allowed, 0)
        self.assertIn('allowed   statement 1 ("Own") allows iot:Publish on topic/dt/', allowed.output)
        denied = self.plain.run(*ask, "topic/dt/b/x", "--json")
        self.assert_status(denied, 7)
        [decision] = denied.named("policy_decision")
        self.assertEqual((decision["allowed"], decision["outcome"], decision["statement"]),
                         (False, "implicitly denied", 1))
        self.assertIn("which is topic/dt/a/* here; asked is topic/dt/b/x", decision["why"])
        self.assert_status(self.plain.run(*ask, "topic/dt/a/x", "--not-attached"), 7)
        self.assert_status(self.plain.run(*ask, "topic/dt/a/x", "--client-id", "b"), 7)
        self.assert_error(self.plain.run(*ask, "dt/a/x", "--json"), 2, "bad_usage", "topic/")
        self.assert_status(self.plain.run(*check, "--action", "iot:Publish"), 2)
        self.assert_error(self.plain.run(*check, "--action", "iot:Publsh", "--resource", "topic/a", "--json"),
                          2, "bad_usage", "did you mean iot:Publish?")
        policy.write_text('{"Statement": {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}}')
        wide = self.plain.run(*check, "--json")
        self.assert_status(wide, 0)
        self.assertEqual([event["code"] for event in wide.named("policy_finding")], ["wide_open"])
        policy.write_text("{}")
        self.assert_error(self.plain.run(*check, "--json"), 3, "policy_document", "no Statement")
        self.assert_error(self.plain.run("registry", "policy", "check", "none.json", "--json"), 3, "file_missing")

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

    def test_a_build_calls_nvs_as_it_calls_nvs_partition_gen(self):
        folder = self.plain.folder / "nvs"
        folder.mkdir()
        rows = folder / "rows.csv"
        rows.write_text("key,type,encoding,value\nwifi,namespace,,\nssid,data,string,factory-net\nport,data,u16,8883\n")
        more = folder / "more.csv"
        more.write_text("key,type,encoding,value\nwifi,namespace,,\nchannel,data,u8,11\n")
        self.assert_status(self.plain.run("image", "nvs", "generate", "--version", "2", rows, folder / "a.bin", "0x4000"), 0)
        self.assert_status(self.plain.run("image", "nvs", "generate", rows, more, "b.bin", "0x4000", "--outdir", folder,
                                          "--version", "1"), 0)
        self.assertEqual((folder / "b.bin").read_bytes()[8], 0xFF)
        inspected = self.plain.run("image", "inspect", folder / "b.bin")
        self.assertRegex(inspected.output, "wifi +channel +u8 +11\n")
        made = self.plain.run("image", "nvs", "encrypt", rows, "c.bin", "0x4000", "--keygen", "--keyfile", "mine.bin",
                              "--key_protect_hmac", "--kp_hmac_keygen", "--outdir", folder, "--json")
        self.assert_status(made, 0)
        event = json.loads(made.output.splitlines()[-1])
        keys = folder / "keys" / "mine.bin"
        self.assertEqual([event["keys"], event["hmac_key"]], [str(keys), str(keys.parent / "hmac-mine.bin")])
        self.assertEqual(keys.stat().st_mode & 0o777, 0o600)
        self.assert_status(self.plain.run("image", "nvs", "decrypt", folder / "c.bin", keys, folder / "d.bin"), 0)
        self.assertEqual((folder / "d.bin").read_bytes(), (folder / "a.bin").read_bytes())
        self.assert_status(self.plain.run("image", "unpack", folder / "c.bin", folder / "out", "--nvs-keys", keys), 0)
        self.assertEqual((folder / "out" / "wifi" / "ssid").read_text(), "factory-net")
        self.assert_error(self.plain.run("image", "nvs", "generate-key", "--keyfile", "mine", "--outdir", folder, "--json"),
                          2, "nvs_keys_exist", "mine.bin")
        rows.write_text("key,type,encoding,value\nk,data,u8,1\n")
        refused = self.plain.run("image", "nvs", "generate", rows, folder / "no.bin", "0x4000")
        self.assert_status(refused, 3)
        self.assertIn("rows.csv, line 2: the key \"k\" stands before any namespace", refused.errors)
        self.assertFalse((folder / "no.bin").exists())

    def test_a_build_calls_partition_table_as_it_calls_gen_esp32part(self):
        table = self.plain.folder / "table.csv"
        table.write_text("log, data, my_log, , 0x1000,\nmine, app, my_app, 0x10000, 1M,\n")
        binary = self.plain.folder / "table.bin"
        extra = ["--extra-partition-subtypes", "data,my_log,0x99", "app,my_app,0x40"]
        command = ["image", "partition-table", "-q", "--verify", "--offset", "0x8000", "--secure"]
        self.assert_status(self.plain.run(*command, *extra, "--", table, binary), 0)
        self.assertEqual(binary.read_bytes()[2:4] + binary.read_bytes()[34:36], bytes([1, 0x99, 0, 0x40]))
        # Without the mark, and before another option, an option takes one word.
        each = [word for entry in extra[1:] for word in (extra[0], entry)]
        self.assert_status(self.plain.run(*command, *each, table, binary), 0)
        self.assert_status(self.plain.run(*command[:2], table, binary, *each, "-q"), 0)
        # --secure alone is v1, which wants apps in whole 64 KB.
        table.write_text("mine, app, factory, 0x10000, 0x11000,\n")
        self.assert_status(self.plain.run(*command, "v2", table, binary), 0)
        refused = self.plain.run(*command, "--", table, binary)
        self.assert_status(refused, 3)
        self.assertIn("secure boot v1", refused.output + refused.errors)


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
        self.assert_status(factory.run("board", "read", "--port", factory.port(0), "0x3FE000", "ALL", back), 0)
        self.assertEqual(back.read_bytes(), b"\xff" * 8192)
        erased = factory.run("board", "erase", "--port", factory.port(0), "0x3FE000", "ALL", "--json")
        self.assertEqual([event["bytes"] for event in erased.named("board_erased")], [8192])
        behind = factory.run("board", "read", "--json", "--port", factory.port(0), "4MB", "ALL", back)
        self.assert_error(behind, 2, "flash_range")

    def test_many_boards_are_flashed_verified_and_planned_at_once(self):
        factory = self.factory(boards=3, registry=False, board_options=["--no-network"])
        factory.make_project()
        args = ["--flasher-args", factory.folder / "project" / "build" / "flasher_args.json"]
        ports = [word for i in range(3) for word in ("--port", factory.port(i))]

        plan = factory.run("board", "flash", "--plan", *ports, *args, "--json")
        self.assert_status(plan, 0)
        self.assertEqual(len(plan.named("board_compared")), 3)
        self.assertTrue(all(event["differs"] > 900_000 for event in plan.named("board_compared")))
        self.assert_status(factory.run("board", "verify", *ports, *args), 5)

        flashed = factory.run("board", "flash", *ports, *args, "--json")
        self.assert_status(flashed, 0)
        self.assertEqual({event["mac"] for event in flashed.named("board_flashed")},
                         {factory.mac(i) for i in range(3)})
        self.assert_status(factory.run("board", "verify", *ports, *args), 0)

        again = factory.run("board", "flash", *ports, *args, "--json")
        self.assertEqual([event["written"] for event in again.named("board_flashed")], [0, 0, 0])

        app = factory.folder / "project" / "build" / "aws_iot.bin"
        content = bytearray(app.read_bytes())
        content[5000] ^= 1
        content[5004] ^= 1  # the checksum stays
        app.write_bytes(bytes(content[:-32]) + hashlib.sha256(content[:-32]).digest())
        one = factory.run("board", "flash", "--port", factory.port(0), *args, "--json")
        self.assertEqual([event["written"] for event in one.named("board_flashed")], [8192])  # and its hash's

        other = factory.run("board", "flash", "--port", factory.port(0), *args, "--flash-mode", "qio",
                            "--flash-frequency", "80m", "--json")
        self.assert_status(other, 0)
        back = factory.folder / "head.bin"
        self.assert_status(factory.run("board", "read", "--port", factory.port(0), "0x1000", "0x1000", back), 0)
        self.assertEqual(back.read_bytes()[2:4], b"\x00\x2f")
        self.assert_error(factory.run("board", "flash", "--port", factory.port(0), *args, "--flash-frequency", "60m",
                                      "--json"), 3, "flash_parameters", "80m")
        self.assert_error(factory.run("board", "flash", "--port", factory.port(0), "0x200000", back, "--flash-mode",
                                      "dio", "--json"), 2, "no_bootloader")

    def test_boards_at_network_ports_are_flashed_and_verified(self):
        factory = self.factory(boards=0, registry=False)
        log = factory.folder / "network.log"
        boards = factory.spawn("simulate", "board", "--count", 2, "--rfc2217", 0, "--no-network", "--json",
                               "--dir", factory.bays, log=log.name)
        wait_for("the boards", lambda: log.read_text().count('"board_ready"') == 2, boards)
        ports = [json.loads(line)["port"] for line in log.read_text().splitlines()]
        self.assertTrue(all(port.startswith("rfc2217://127.0.0.1:") for port in ports), ports)
        args = ["--flasher-args", factory.folder / "project" / "build" / "flasher_args.json"]
        both = [word for port in ports for word in ("--port", port)]
        flashed = factory.run("board", "flash", *both, *args, "--json")
        self.assert_status(flashed, 0)
        self.assertEqual(len({event["mac"] for event in flashed.named("board_flashed")}), 2)
        self.assert_status(factory.run("board", "verify", *both, *args), 0)
        factory.stop(boards)
        self.assert_error(factory.run("board", "info", "--port", ports[0], "--json"), 5, "port_unreachable")

    def test_a_secured_board_is_shown_and_guarded(self):
        factory = self.factory(boards=1, registry=False,
                               board_options=["--no-network", "--chip", "esp32s3", "--flash-encryption", "development"])
        factory.make_project(chip="esp32s3")
        args_file = factory.folder / "project" / "build" / "flasher_args.json"
        info = factory.run("board", "info", "--port", factory.port(0), "--json").named("board_info")[0]
        self.assertTrue(info["flash_encryption"])
        self.assertTrue(info["encrypted_writes"])
        self.assertEqual(info["keys"], ["XTS_AES_128_KEY"])
        self.assertEqual(info["nvs_protection"], "unknown")
        flash = ["board", "flash", "--json", "--port", factory.port(0), "--flasher-args", args_file]
        self.assert_error(factory.run(*flash), 5, "chip_secured", "encrypts its flash")
        # Only the application is marked: the others would have to be meant plain.
        args = json.loads(args_file.read_text())
        args["app"] = {"offset": "0x10000", "file": "aws_iot.bin", "encrypted": "true"}
        args_file.write_text(json.dumps(args))
        self.assert_error(factory.run(*flash, "--encrypt"), 5, "chip_secured", "bootloader.bin")
        for key, name in (("bootloader", "bootloader"), ("partition-table", "partition_table")):
            offset = next(at for at, file in args["flash_files"].items() if file.startswith(name))
            args[key] = {"offset": offset, "encrypted": "true"}
        args_file.write_text(json.dumps(args))
        done = factory.run(*flash, "--encrypt")
        self.assert_status(done, 0)
        flashed = done.named("board_flashed")[0]
        self.assertEqual(flashed["encrypted"], flashed["bytes"])
        # A simulated board whose thread does not run for 0.1 s misses a pulse on EN.
        for _ in range(5):
            seen = factory.run("board", "monitor", "--reset", "--until", "cpu_start", "--timeout", 5,
                               "--port", factory.port(0))
            if seen.status == 0:
                break
        self.assert_status(seen, 0)
        prepared = factory.prepare()
        self.assertNotEqual(prepared.status, 0)

    def test_a_bay_remembers_what_its_cable_carries(self):
        factory = self.factory(boards=1, registry=False, board_options=["--no-network", "--cable", "300000"])
        data = factory.folder / "data.bin"
        data.write_bytes(os_random(5000))
        self.assert_status(factory.run("board", "flash", "--port", factory.port(0), "0x200000", data), 0)
        kept = json.loads((factory.home / ".local/state/imprint/rates.json").read_text())
        self.assertEqual(kept, {str(factory.port(0)): {"wanted": 921600, "rate": 230400, "boards": 0}})
        again = factory.run("board", "info", "--port", factory.port(0), "--json")
        self.assert_status(again, 0)
        self.assertEqual(again.named("board_info")[0]["baud"], 230400)
        self.assertNotIn("connecting at", again.errors)

    def test_a_bay_climbs_to_what_its_cable_carries(self):
        factory = self.factory(boards=1, registry=False, board_options=["--no-network", "--cable", "1600000"])
        data = factory.folder / "data.bin"
        data.write_bytes(os_random(5000))
        automatic = ["--set", "station.baud=auto", "--port", factory.port(0)]
        self.assert_status(factory.run("board", "flash", *automatic, "0x200000", data), 0)
        kept = json.loads((factory.home / ".local/state/imprint/rates.json").read_text())
        self.assertEqual(kept[str(factory.port(0))]["rate"], 1500000)
        again = factory.run("board", "info", *automatic, "--json", "--verbose")
        self.assert_status(again, 0)
        self.assertEqual(again.named("board_info")[0]["baud"], 1500000)
        self.assertNotIn("back to", again.errors, "no higher rate is tried for each board")

    def test_a_board_that_fails_does_not_hold_up_the_others(self):
        factory = self.factory(boards=1, registry=False)
        data = factory.folder / "data.bin"
        data.write_bytes(os_random(5000))
        done = factory.run("board", "flash", "--port", factory.port(0), "--port", "/nowhere", "0x200000", data,
                           "--json")
        self.assert_status(done, 5)
        self.assertEqual(len(done.named("board_flashed")), 1)
        self.assertEqual([event["code"] for event in done.named("board_failed")], ["port_missing"])
        twice = factory.run("board", "flash", "--port", "/a", "--port", "/a", "0x200000", data, "--json")
        self.assert_error(twice, 2, "port_twice")

    def test_the_console_is_watched_until_a_line_a_failure_or_a_time(self):
        factory = self.factory(boards=1, registry=False, board_options=["--no-network"])
        factory.make_project()
        args = ["--flasher-args", factory.folder / "project" / "build" / "flasher_args.json"]
        port = ["--port", factory.port(0)]
        self.assert_status(factory.run("board", "flash", *port, *args), 0)
        log = factory.folder / "boot.log"
        seen = factory.run("board", "monitor", *port, "--reset", "--until", "Project name", "--timeout", "20",
                           "--log", log, "--json")
        self.assert_status(seen, 0)
        self.assertIn("Project name", seen.named("board_console")[-1]["line"])
        self.assertIn("rst:0x1 (POWERON_RESET)", log.read_text())
        self.assert_error(factory.run("board", "monitor", *port, "--reset", "--fail-on", "rst:0x1", "--json"), 5,
                          "console_failed")
        self.assert_error(factory.run("board", "monitor", *port, "--until", "never", "--timeout", "0.3", "--json"), 5,
                          "console_timeout")
        self.assert_error(factory.run("board", "monitor", *port, "--timeout", "soon", "--json"), 2, "bad_usage")


def os_random(size):
    import random
    return bytes(random.Random(7).randrange(256) for _ in range(size))


if __name__ == "__main__":
    unittest.main(warnings="ignore")
