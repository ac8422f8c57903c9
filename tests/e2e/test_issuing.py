"""Who issues: AWS IoT from a request, AWS IoT with the key, the owner's authority; online and offline."""

import os
import sqlite3
import subprocess
import unittest

from bench import FactoryTest, wait_for

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "canary-pin-4711"


class Issuing(FactoryTest):
    def with_authority(self, boards=1, registration="without-ca", token=False, **registry):
        factory = self.factory(boards=boards)
        folder = factory.folder / "ca"
        folder.mkdir(mode=0o700)

        def openssl(*arguments):
            subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=folder)

        factory.make_authority("ca")
        key = "ca/ca.key"
        self.settings = {}
        if token:
            (folder / "tokens").mkdir()
            (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
            (folder / "pin").write_text(PIN + "\n")
            os.chmod(folder / "pin", 0o600)
            self.settings = {"SOFTHSM2_CONF": folder / "softhsm2.conf"}
            environment = factory.environment(**self.settings)
            openssl("pkcs8", "-topk8", "-nocrypt", "-in", "ca.key", "-out", "ca.p8")
            for command in (["--init-token", "--free", "--label", "factory", "--pin", PIN, "--so-pin", "12345678"],
                            ["--import", folder / "ca.p8", "--token", "factory", "--label", "device-ca", "--id", "01",
                             "--pin", PIN]):
                subprocess.run(["softhsm2-util", *map(str, command)], check=True, capture_output=True, env=environment)
            (folder / "ca.p8").unlink()
            (folder / "ca.key").unlink()
            key = f"pkcs11:token=factory;object=device-ca?module-path={SOFTHSM}&pin-source=file:{folder / 'pin'}"
        self.own_ca = dict(identity={"issue": "own-ca"},
                           identity__ca={"certificate": "ca/ca.pem", "key": key, "registration": registration,
                                         "subject": "CN={thing}, O=Example, serialNumber={mac}"})
        facts = factory.registry_facts()
        self.own_ca["registry"] = {"data_endpoint": f"127.0.0.1:{facts['mqtt_port']}", **registry}
        factory.configure(**self.own_ca)
        return factory

    def prepare(self, factory, *arguments):
        return factory.prepare(*arguments, environment=factory.environment(**self.settings))

    def issuer_of(self, factory, certificate):
        described = factory.client().describe_certificate(certificateId=certificate)["certificateDescription"]
        shown = subprocess.run(["openssl", "x509", "-noout", "-issuer", "-subject", "-nameopt", "RFC2253"],
                               input=described["certificatePem"], capture_output=True, text=True, check=True).stdout
        return shown, described

    def ledger(self, factory, query):
        with sqlite3.connect(factory.folder / "ledger.sqlite") as database:
            return database.execute(query).fetchall()

    # -- keys by AWS IoT

    def test_with_aws_keys_the_board_gets_the_key_that_the_registry_made(self):
        factory = self.factory(boards=2)
        factory.configure(identity={"issue": "aws-keys"}, credentials={"archive": "archive"})
        for _ in range(2):  # a second time: the former ones go
            self.assert_status(factory.prepare(), 0)
            self.assert_undisturbed(factory, boards=2)
        key = (factory.folder / "archive" / f"{factory.mac()}.private.pem.key").read_text()
        self.assertTrue(key.startswith("-----BEGIN RSA PRIVATE KEY-----"))
        self.assertIn(f"client {factory.mac()} admitted", factory.broker_log())

    # -- the owner's authority

    def test_the_owners_authority_signs_and_aws_need_not_know_it(self):
        factory = self.with_authority(boards=2)
        self.assert_status(self.prepare(factory), 0)
        self.assert_undisturbed(factory, boards=2)
        for certificate, (_, [thing], _) in factory.certificates().items():
            shown, described = self.issuer_of(factory, certificate)
            self.assertIn("issuer=O=Example,CN=Example device CA", shown)
            self.assertIn(f"subject=serialNumber={thing},O=Example,CN={thing}", shown)
            self.assertEqual(described["certificateMode"], "SNI_ONLY")
        self.assert_status(self.prepare(factory), 0)
        self.assert_undisturbed(factory, boards=2)

    def test_a_token_signs_and_its_pin_stays_where_it_is(self):
        factory = self.with_authority(token=True)
        done = self.prepare(factory, "--verbose")
        self.assert_status(done, 0)
        self.assert_undisturbed(factory)
        self.assertNotIn(PIN, done.output + done.errors)
        [certificate] = factory.certificates()
        self.assertIn("CN=Example device CA", self.issuer_of(factory, certificate)[0])
        (factory.folder / "ca" / "pin").write_text("0000")
        wrong = self.prepare(factory)
        self.assert_error(wrong, 3, "token_pin")
        self.assertEqual(list(factory.certificates()), [certificate])

    def test_what_is_wrong_with_the_authority_is_told_before_any_board(self):
        factory = self.with_authority()
        os.chmod(factory.folder / "ca" / "ca.key", 0o644)
        self.assert_error(self.prepare(factory), 3, "secret_exposed", "chmod 600")
        os.chmod(factory.folder / "ca" / "ca.key", 0o600)
        factory.configure(**{**self.own_ca, "identity__ca": {"certificate": "ca/ca.pem"}})
        self.assert_error(self.prepare(factory), 3, "authority_missing", "identity.ca.key")
        self.own_ca["identity__ca"]["subject"] = "O=Example"
        factory.configure(**self.own_ca)
        self.assert_error(self.prepare(factory), 3, "config_value", "needs one CN")
        factory.configure(registry={"offline": "always"})
        self.assert_error(self.prepare(factory), 3, "offline_needs_own_ca")
        self.assertEqual(factory.certificates(), {})

    def test_a_private_key_beside_the_authoritys_certificate_goes_nowhere(self):
        factory = self.with_authority()
        self.own_ca["identity__ca"]["subject"] = "CN={thing}"
        factory.configure(**self.own_ca)
        self.assert_status(factory.run("registry", "mint", "minted", "--count", "1"), 0)
        both = factory.folder / "ca" / "both.pem"
        both.write_bytes((factory.folder / "ca" / "ca.pem").read_bytes() + (factory.folder / "ca" / "ca.key").read_bytes())
        os.chmod(both, 0o600)
        for registration in "with-ca", "just-in-time":
            self.own_ca["identity__ca"].update(certificate="ca/both.pem", key="ca/both.pem", registration=registration)
            factory.configure(**self.own_ca)
            commands = [["prepare", "--port", factory.port(0)], ["prepare", "--port", factory.port(0), "--offline"],
                        ["registry", "register-ca"], ["registry", "rotate", "--stage", "staged", factory.mac()],
                        ["registry", "mint", "more", "--count", "1"], ["registry", "push"]]
            if registration == "with-ca":
                commands += [["registry", "register", "minted"],
                             ["registry", "export", "minted", "out.jsonl", "--format", "bulk"]]
            for command in commands:
                self.assert_error(factory.run(*command, "--json"), 3, "certificate_with_key", "both.pem",
                                  "identity.ca.certificate")
        self.assertEqual(factory.certificates(), {})
        self.assertEqual(factory.aws("list-ca-certificates"), {"certificates": []})

    def test_just_in_time_the_station_registers_nothing_and_the_board_can_show_its_authority(self):
        factory = self.with_authority(registration="just-in-time")
        factory.configure(**self.own_ca, verify={"console": ""}, credentials={"archive": "archive"})
        self.assert_status(self.prepare(factory), 0)
        self.assertEqual(factory.certificates(), {})
        self.assertEqual(factory.aws("list-things"), {"things": []})
        shown = (factory.folder / "archive" / f"{factory.mac()}.certificate.pem.crt").read_text()
        self.assertEqual(shown.count("BEGIN CERTIFICATE"), 2)
        self.assertIn((factory.folder / "ca" / "ca.pem").read_text().strip(), shown)
        self.assertEqual(self.ledger(factory, "SELECT state FROM certificates"), [("proven",)])
        # One that does not connect is no identity: nobody has ever heard of it.
        factory.configure(**self.own_ca, verify={"timeout": 2})
        failed = self.prepare(factory)
        self.assertEqual(failed.status, 1, str(failed))
        self.assertEqual(failed.named("board_failed")[0]["certificate_state"], "none")

    def register_ca(self, factory, *arguments):
        return factory.run("registry", "register-ca", "--json", *arguments,
                           environment=factory.environment(**self.settings))

    def test_just_in_time_the_boards_own_connection_makes_it_a_thing(self):
        factory = self.with_authority(boards=2, registration="just-in-time")
        role = "arn:aws:iam::000000000000:role/jitp"
        self.assert_error(self.register_ca(factory, "--role", role), 2, "bad_usage", "--just-in-time")
        self.assert_status(self.register_ca(factory), 0)  # at first without: mended by the next
        done = self.register_ca(factory, "--just-in-time", "--role", role, "--lot", "order-17")
        self.assert_status(done, 0)
        [told] = done.named("authority_registered")
        self.assertEqual((told["there_before"], told["just_in_time"], told["by_template"]), (True, True, True))
        self.assertEqual(factory.aws("list-things"), {"things": []})
        self.assert_status(self.prepare(factory), 0)
        self.assert_undisturbed(factory, boards=2)
        for board in range(2):
            mac = factory.mac(board)
            log = factory.broker_log()
            self.assertIn(f"client {mac} refused: its certificate registers just in time", log)
            self.assertIn(f"client {mac} admitted", log)
            self.assertEqual(factory.aws("describe-thing", "--thing-name", mac)["attributes"], {"line": "7"})
        [ca] = factory.aws("list-ca-certificates")["certificates"]
        issued = factory.aws("list-certificates-by-ca", "--ca-certificate-id", ca["certificateId"])["certificates"]
        self.assertEqual({one["certificateId"] for one in issued}, set(factory.certificates()))
        # Ledger and registry agree; prepared again, the former ones go.
        self.assert_status(factory.run("registry", "reconcile"), 0)
        self.assert_status(self.prepare(factory), 0)
        self.assert_undisturbed(factory, boards=2)
        self.assert_status(factory.run("registry", "retire", factory.mac(), "--reason", "lost"), 0)
        self.assertEqual(len(factory.certificates()), 1)

    def test_just_in_time_a_rule_may_do_the_rest(self):
        factory = self.with_authority(registration="just-in-time")
        self.assert_status(self.register_ca(factory, "--just-in-time"), 0)
        factory.configure(**self.own_ca, verify={"console": ""})
        self.assert_status(self.prepare(factory), 0)
        mac = factory.mac()
        wait_for("its registration", lambda: factory.certificates() != {})
        [(certificate, (status, things, policies))] = factory.certificates().items()
        self.assertEqual((status, things, policies), ("PENDING_ACTIVATION", [], []))
        # What the owner's rule does.
        iot = factory.client()
        arn = iot.describe_certificate(certificateId=certificate)["certificateDescription"]["certificateArn"]
        iot.create_thing(thingName=mac)
        iot.attach_thing_principal(thingName=mac, principal=arn)
        iot.attach_policy(policyName=iot.list_policies()["policies"][0]["policyName"], target=arn)
        iot.update_certificate(certificateId=certificate, newStatus="ACTIVE")
        wait_for("its connection", lambda: f"client {mac} admitted" in factory.broker_log())

    def test_just_in_time_what_aws_cannot_take_from_the_subject_is_refused(self):
        factory = self.with_authority(registration="just-in-time")
        self.own_ca["identity__ca"]["subject"] = "CN=lamp {mac}"
        factory.configure(**self.own_ca)
        self.assert_error(self.register_ca(factory, "--just-in-time", "--role", "arn:aws:iam::1:role/x"), 3,
                          "just_in_time_subject", "CN=lamp {mac}", "serialNumber={mac}")
        self.assertEqual(factory.aws("list-ca-certificates"), {"certificates": []})

    # -- offline

    def push(self, factory, *arguments):
        return factory.run("registry", "push", "--json", *arguments,
                           environment=factory.environment(**self.settings))

    def test_boards_are_prepared_offline_and_registered_later(self):
        factory = self.with_authority(boards=3)
        mqtt_port = factory.registry_facts()["mqtt_port"]
        factory.stop(factory.registry_process)
        done = self.prepare(factory, "--offline", "--lot", "order-17")
        self.assert_status(done, 0)
        self.assertEqual([board["queued"] for board in done.named("board_passed")], [True] * 3)
        self.assertEqual(self.ledger(factory, "SELECT state, COUNT(*) FROM certificates GROUP BY 1"), [("queued", 3)])
        factory.configure(**self.own_ca, credentials={"root_ca": None})
        self.assert_error(self.push(factory), 4, "registry_not_serving")
        factory.start_registry("--mqtt-port", mqtt_port)
        factory.configure(**{**self.own_ca, "identity": {**self.own_ca["identity"],
                                                         "attributes": {"changed": "since"}}})
        listed = self.push(factory, "--list")
        self.assertEqual(len(listed.named("registration_queued")), 3)
        self.assertEqual(factory.certificates(), {})
        pushed = self.push(factory)
        self.assert_status(pushed, 0)
        self.assertEqual(pushed.named("push_finished")[0]["pushed"], 3)
        self.assertEqual(pushed.named("push_finished")[0]["left"], 0)
        self.assert_undisturbed(factory, boards=3)
        thing = factory.aws("describe-thing", "--thing-name", factory.mac())
        self.assertEqual(thing["attributes"], {"line": "7"}, "as it was when the board was prepared")
        self.assert_status(factory.run("registry", "reconcile"), 0)
        self.assertEqual(self.push(factory).named("push_finished")[0]["pushed"], 0)
        # And with what is in their flash they connect now.
        self.assert_boards_connect(factory, boards=3)

    def test_a_board_that_is_prepared_twice_offline_is_registered_once_and_its_former_certificate_goes(self):
        factory = self.with_authority()
        self.assert_status(self.prepare(factory), 0)
        [former] = factory.certificates()
        for _ in range(2):
            self.assert_status(self.prepare(factory, "--offline"), 0)
        self.assertEqual(list(factory.certificates()), [former], "offline, nothing was asked")
        self.assertEqual(self.ledger(factory, "SELECT COUNT(*) FROM certificates WHERE state = 'queued'"), [(2,)])
        reconciled = factory.run("registry", "reconcile", "--json")
        told = {one["certificate_id"]: (one["in_ledger"], one["mend"]) for one in reconciled.named("difference")}
        self.assertEqual(len(told), 3, "the two that are queued, and the one that the board has no more")
        self.assertEqual(told[former][0], "overwritten")
        self.assertTrue(all("registry push" in mend for _, mend in told.values()), told)
        pushed = self.push(factory)
        self.assert_status(pushed, 0)
        self.assertEqual([(one["superseded"], one["retired"]) for one in pushed.named("pushed")],
                         [(True, 0), (False, 1)])
        self.assert_undisturbed(factory)
        self.assertNotEqual(list(factory.certificates()), [former])

    def test_when_the_registry_cannot_be_reached_boards_are_queued(self):
        factory = self.with_authority(offline="when-unreachable", deadline=2)
        self.assert_status(self.prepare(factory), 0)
        [former] = factory.certificates()
        # It goes away before the run, or only while the board is written.
        for moment in ("before", "within"):
            if moment == "before":
                factory.stop(factory.registry_process)
                done = self.prepare(factory)
            else:
                process = factory.start_prepare()
                lines = []
                for line in process.stdout:
                    lines.append(line)
                    if '"board_identified"' in line:
                        factory.stop(factory.registry_process)
                status = process.wait()
                self.assertEqual(status, 0, "".join(lines))
                done = None
            if done:
                self.assert_status(done, 0)
                self.assertEqual([board["queued"] for board in done.named("board_passed")], [True])
            factory.start_registry()
            self.assert_status(self.push(factory), 0)
            self.assert_undisturbed(factory)
            [certificate] = factory.certificates()
            self.assertNotEqual(certificate, former, moment)
            former = certificate

    def test_a_push_that_fails_leaves_the_rest_in_the_queue(self):
        factory = self.with_authority(boards=2)
        self.assert_status(self.prepare(factory, "--offline"), 0)
        client = factory.client()
        client.create_thing_type(thingTypeName="other")
        client.create_thing(thingName=factory.mac(0), thingTypeName="other")
        client.create_thing_type(thingTypeName="e2e-type")
        client.deprecate_thing_type(thingTypeName="e2e-type")
        failed = self.push(factory)
        self.assertEqual(failed.status, 4, str(failed))
        self.assertEqual(self.ledger(factory, "SELECT COUNT(*) FROM certificates WHERE state = 'queued'"), [(2,)])
        self.assertNotIn("ACTIVE", [status for status, _, _ in factory.certificates().values()])
        client.deprecate_thing_type(thingTypeName="e2e-type", undoDeprecate=True)
        self.assert_status(self.push(factory), 0)
        self.assert_undisturbed(factory, boards=2)

    def test_the_same_thing_offline_needs_an_address_for_the_boards(self):
        factory = self.with_authority(data_endpoint=None)
        self.assert_error(self.prepare(factory, "--offline"), 3, "data_endpoint_missing")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
