"""Bad input and faults: one clear error, the right exit code, nothing half-done."""

import hashlib
import json
import os
import signal
import tty
import unittest

from bench import FactoryTest


class BeforeAnyBoard(FactoryTest):
    """What is wrong for all boards alike is told before the first one is touched."""

    @classmethod
    def setUpClass(cls):
        from bench import Factory
        cls.shared = Factory()
        cls.addClassCleanup(cls.shared.close)

    def setUp(self):
        self.shared.configure()

    def nothing_was_done(self):
        self.assertEqual(self.shared.certificates(), {})
        self.assertEqual(self.shared.client().list_things()["things"], [])

    def test_a_port_that_is_not_there(self):
        outcome = self.shared.run("prepare", "--json", "--port", "/dev/ttyNOT_THERE")
        self.assert_error(outcome, 5, "port_missing", "/dev/ttyNOT_THERE")
        self.nothing_was_done()

    def test_an_unknown_key_names_the_nearest_one(self):
        self.shared.configure(identity={"thing_typ": "x"})
        outcome = self.shared.prepare()
        self.assert_error(outcome, 3, "config_unknown_key", "thing_typ", "identity.thing_type", "imprint.toml")
        self.nothing_was_done()

    def test_a_file_for_another_chip(self):
        args = self.shared.project / "build" / "flasher_args.json"
        text = args.read_text()
        facts = json.loads(text)
        facts["extra_esptool_args"]["chip"] = "esp32s3"
        facts["flash_files"]["0x0"] = facts["flash_files"].pop("0x1000")
        try:
            args.write_text(json.dumps(facts))
            outcome = self.shared.prepare()
            self.assert_error(outcome, 3, "firmware_wrong_chip", "ESP32-S3", "ESP32", "bootloader.bin")
        finally:
            args.write_text(text)
        self.nothing_was_done()

    def test_credentials_that_do_not_fit(self):
        extra = self.shared.folder / "extra"
        extra.mkdir()
        (extra / "large.bin").write_bytes(b"x" * 1_000_000)
        self.shared.configure(credentials={"extra_directory": "extra"})
        outcome = self.shared.prepare()
        self.assert_error(outcome, 3, "spiffs_full", "storage", "983040")
        self.nothing_was_done()

    def test_no_aws_credentials(self):
        self.shared.configure(registry={"provider": "aws", "region": "eu-west-1", "state": None})
        outcome = self.shared.prepare()
        self.assert_error(outcome, 4, "no_credentials", "AWS_ACCESS_KEY_ID")

    def test_credentials_that_the_registry_does_not_know(self):
        facts = self.shared.registry_facts()
        self.shared.configure(
            registry={"provider": "aws", "region": facts["region"], "endpoint_url": facts["endpoint_url"],
                      "state": None},
            credentials={"root_ca": str(self.shared.state / "ca" / "root-ca.pem")})
        secret = "canarySecretThatMustNotBeTold0123456789a"
        environment = self.shared.environment(AWS_ACCESS_KEY_ID="AKIAUNKNOWN000000000",
                                              AWS_SECRET_ACCESS_KEY=secret)
        outcome = self.shared.prepare(environment=environment)
        self.assert_error(outcome, 4, "UnrecognizedClientException", "AKIAUNKNOWN000000000")
        self.assertNotIn(secret, outcome.output + outcome.errors)
        self.nothing_was_done()

    def test_an_expired_token(self):
        facts = self.shared.registry_facts()
        made = self.shared.run("registry", "key", "--state", self.shared.state, "--expires-in", "0")
        self.assert_status(made, 0)
        key = dict(line.split(" = ") for line in made.output.splitlines() if " = " in line)
        self.shared.configure(
            registry={"provider": "aws", "region": facts["region"], "endpoint_url": facts["endpoint_url"],
                      "state": None},
            credentials={"root_ca": str(self.shared.state / "ca" / "root-ca.pem")})
        environment = self.shared.environment(AWS_ACCESS_KEY_ID=key["aws_access_key_id"],
                                              AWS_SECRET_ACCESS_KEY=key["aws_secret_access_key"],
                                              AWS_SESSION_TOKEN=key["aws_session_token"])
        outcome = self.shared.prepare(environment=environment)
        self.assert_error(outcome, 4, "ExpiredTokenException", "expired")
        for secret in (key["aws_secret_access_key"], key["aws_session_token"]):
            self.assertNotIn(secret, outcome.output + outcome.errors)
        self.nothing_was_done()

    def test_an_unreachable_registry(self):
        self.shared.configure(
            registry={"provider": "aws", "region": "eu-west-1", "endpoint_url": "http://127.0.0.1:1",
                      "state": None, "deadline": 2},
            credentials={"root_ca": str(self.shared.state / "ca" / "root-ca.pem")})
        environment = self.shared.environment(AWS_ACCESS_KEY_ID="AKIAUNKNOWN000000000",
                                              AWS_SECRET_ACCESS_KEY="x" * 40)
        outcome = self.shared.prepare(environment=environment)
        self.assert_error(outcome, 4, "registry_unreachable", "127.0.0.1:1")
        # As a run would end.
        self.assert_status(self.shared.run("doctor", environment=environment), 4)

    def test_a_missing_policy_without_a_document(self):
        self.shared.configure(identity__policy={"name": "no-such-policy", "document": None})
        outcome = self.shared.prepare()
        self.assert_error(outcome, 4, "policy_missing", "no-such-policy")
        self.nothing_was_done()

    def test_a_deprecated_thing_type(self):
        client = self.shared.client()
        client.create_thing_type(thingTypeName="old-type")
        client.deprecate_thing_type(thingTypeName="old-type")
        self.shared.configure(identity={"thing_type": "old-type"})
        outcome = self.shared.prepare()
        self.assert_error(outcome, 4, "thing_type_deprecated", "old-type")
        self.nothing_was_done()

    def test_a_broken_build(self):
        self.shared.configure(firmware={"build": "echo compiling; echo main.c:7: error >&2; exit 2"})
        outcome = self.shared.prepare()
        self.assert_error(outcome, 3, "build_failed", "main.c:7: error", "status 2")
        self.nothing_was_done()

    def test_a_ledger_that_cannot_be_written(self):
        self.shared.configure(ledger={"path": "no/such/folder/ledger.sqlite"})
        outcome = self.shared.prepare()
        self.assert_status(outcome, 6)
        self.nothing_was_done()

    def test_a_dry_run_changes_nothing(self):
        outcome = self.shared.prepare("--dry-run")
        self.assert_status(outcome, 0)
        self.assertIn("would prepare", outcome.output)
        self.nothing_was_done()
        self.assertFalse((self.shared.folder / "ledger.sqlite").exists())


class OneBoard(FactoryTest):
    """What befalls one board fails that board, and leaves nothing that a rerun does not mend."""

    def test_a_port_that_is_busy_names_its_holder(self):
        factory = self.factory()
        holder = factory.start_prepare()
        while '"board_started"' not in holder.stdout.readline():
            pass
        os.kill(holder.pid, signal.SIGSTOP)
        try:
            outcome = factory.prepare()
        finally:
            os.kill(holder.pid, signal.SIGCONT)
        self.assert_error(outcome, 5, "port_busy", str(holder.pid))
        holder.stdout.read()
        self.assertEqual(holder.wait(60), 0)
        self.assert_undisturbed(factory)

    def test_a_board_of_another_chip(self):
        factory = self.factory()
        # The same project, built for an ESP32-C3: another chip id in each image, the hash made anew.
        build = factory.project / "build"
        for path in (build / "bootloader" / "bootloader.bin", build / "aws_iot.bin"):
            image = bytearray(path.read_bytes()[:-32])
            image[12:14] = (5).to_bytes(2, "little")
            path.write_bytes(bytes(image) + hashlib.sha256(image).digest())
        args = json.loads((build / "flasher_args.json").read_text())
        args["extra_esptool_args"]["chip"] = "esp32c3"
        args["flash_files"]["0x0"] = args["flash_files"].pop("0x1000")
        (build / "flasher_args.json").write_text(json.dumps(args))
        outcome = factory.prepare()
        self.assert_error(outcome, 1, "wrong_chip", "ESP32-C3", "ESP32")
        self.assertEqual(factory.certificates(), {})

    def test_a_board_with_too_little_flash(self):
        factory = self.factory(board_options=["--flash-size", "1MB"])
        outcome = factory.prepare()
        self.assert_error(outcome, 1, "flash_too_small", "1 MB", "4 MB")
        self.assertEqual(factory.certificates(), {})

    def silent_port(self):
        """A terminal that nobody answers at, and that no program has open."""
        master, slave = os.openpty()
        self.addCleanup(os.close, master)
        name = os.ttyname(slave)
        os.close(slave)
        return name

    def test_a_port_without_a_board(self):
        factory = self.factory(boards=0)
        port = self.silent_port()
        # On a computer that is too slow at the moment, silence proves nothing: the error says so.
        for _ in range(5):
            outcome = factory.run("prepare", "--json", "--port", port)
            if "too slow" not in outcome.output:
                break
        self.assert_status(outcome, 8)
        self.assertIn("nothing answers", outcome.named("bay_empty")[0]["reason"])
        self.assertEqual(outcome.named("run_finished")[0]["empty"], 1)
        self.assertEqual(factory.certificates(), {})

    def test_a_missing_thing_type_is_made_and_leaves_no_certificate_without_thing(self):
        factory = self.factory()
        factory.configure(identity={"thing_type": "never-seen-before"})
        self.assert_status(factory.prepare(), 0)
        self.assertEqual(factory.client().describe_thing(thingName=factory.mac())["thingTypeName"],
                         "never-seen-before")
        self.assert_undisturbed(factory)

    def test_a_board_that_cannot_connect_gets_its_certificate_back_to_inactive(self):
        factory = self.factory(board_options=["--no-network"])
        factory.configure(verify={"timeout": 3})
        outcome = factory.prepare()
        self.assert_error(outcome, 1, "console_unexpected", "imprint: connected as")
        self.assertEqual(outcome.named("board_failed")[0]["certificate_state"], "inactive")
        self.assertEqual([status for status, _, _ in factory.certificates().values()], ["INACTIVE"])
        # The next board in this bay has a network.
        factory.stop(factory.boards_process)
        factory.board_options = []
        factory.start_boards()
        factory.configure()
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)

    def test_one_failing_board_does_not_stop_another(self):
        factory = self.factory(boards=1)
        port = self.silent_port()
        # One bay is empty, and one holds something that is no board.
        noise_master, noise_slave = os.openpty()
        self.addCleanup(os.close, noise_master)
        self.addCleanup(os.close, noise_slave)
        tty.setraw(noise_slave)
        os.write(noise_master, bytes(range(128, 256)) * 8)
        outcome = factory.prepare("--port", port, "--port", os.ttyname(noise_slave))
        self.assert_status(outcome, 1)
        self.assertEqual(len(outcome.named("board_passed")), 1, str(outcome))
        self.assertEqual(len(outcome.named("bay_empty")), 1, str(outcome))
        self.assertEqual(len(outcome.named("board_failed")), 1, str(outcome))
        self.assert_undisturbed(factory)

    def test_without_a_stub_the_rom_loader_does_it(self):
        factory = self.factory()
        factory.configure(station={"use_stub": False})
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)

    def test_a_stub_that_does_not_start_is_no_failure(self):
        factory = self.factory(board_options=["--damaged-stub-ram"])
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)

    def test_a_cable_pulled_in_the_middle_is_told_and_mended_by_a_rerun(self):
        factory = self.factory()
        process = factory.start_prepare()
        events = []
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "board_progress":
                factory.stop(factory.boards_process, signal.SIGKILL)  # the terminal closes
                break
        events += [json.loads(line) for line in process.stdout]
        process.wait(60)
        self.assertEqual(process.returncode, 1)
        failed = [event for event in events if event["event"] == "board_failed"]
        self.assertEqual([event["code"] for event in failed], ["port_gone"], events[-5:])
        self.assertEqual([s for s, _, _ in factory.certificates().values() if s == "ACTIVE"], [])
        factory.start_boards()
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)

    def test_a_registry_that_goes_away_in_the_middle(self):
        factory = self.factory()
        factory.configure(registry={"deadline": 2})
        process = factory.start_prepare()
        events = []
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1].get("step") == "firmware":
                factory.stop(factory.registry_process, signal.SIGKILL)
                break
        events += [json.loads(line) for line in process.stdout]
        process.wait(60)
        self.assertEqual(process.returncode, 1, events[-3:])
        factory.start_registry()
        self.assertEqual([s for s, _, _ in factory.certificates().values() if s == "ACTIVE"], [])
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
