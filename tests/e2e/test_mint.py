"""Identities ahead of their boards: made, exported, registered."""

import base64
import csv
import json
import signal
import sqlite3
import stat
import subprocess
import unittest

from bench import IMPRINT, FactoryTest, wait_for


class Minting(FactoryTest):
    def with_authority(self, boards=0, registration="without-ca", **identity):
        factory = self.factory(boards=boards)
        factory.make_authority()
        factory.configure(identity={"issue": "own-ca", "attributes": {"line": "7", "mac": "{mac}"}, **identity},
                          identity__ca={"certificate": "ca.pem", "key": "ca.key", "registration": registration})
        return factory

    def mint(self, factory, *arguments):
        return factory.run("registry", "mint", "minted", "--json", *arguments)

    def rows(self, factory, query):
        with sqlite3.connect(factory.folder / "minted" / "identities.sqlite") as database:
            return database.execute(query).fetchall()

    def listed(self, factory, count=3):
        macs = [f"246f2810000{i}" for i in range(count)]
        (factory.folder / "macs.txt").write_text("# order 17\n" + "\n".join(macs) + f"\n\n{macs[0].upper()}  # twice\n")
        return macs

    def test_each_mac_address_of_a_list_gets_one_identity_that_only_its_owner_may_read(self):
        factory = self.with_authority()
        macs = self.listed(factory)
        done = self.mint(factory, "--list", "macs.txt", "--images")
        self.assert_status(done, 0)
        self.assertEqual(done.named("minted")[0]["made"], 3)
        self.assertEqual([row[0] for row in self.rows(factory, "SELECT thing FROM identities")], macs)
        for path in (factory.folder / "minted").rglob("*"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o700 if path.is_dir() else 0o600, path)
        # Key and certificate belong together, the authority has signed, the image holds them.
        for thing, certificate, key in self.rows(
                factory, "SELECT thing, certificate_pem, private_key_pem FROM identities"):
            (factory.folder / "c.pem").write_text(certificate)
            shown = subprocess.run(["openssl", "verify", "-CAfile", "ca.pem", "c.pem"], cwd=factory.folder,
                                   capture_output=True, text=True)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            public = [subprocess.run(["openssl", *command], input=text, capture_output=True, text=True).stdout
                      for command, text in ((["x509", "-noout", "-pubkey"], certificate), (["pkey", "-pubout"], key))]
            self.assertEqual(*public)
            unpacked = factory.folder / f"unpacked-{thing}"
            self.assert_status(factory.run("image", "unpack", f"minted/images/{thing}.bin", unpacked), 0)
            self.assertEqual((unpacked / "private.pem.key").read_text(), key)
            self.assertEqual(json.loads((unpacked / "device.json").read_text())["client_id"], thing)
        # Again: there is nothing to make.
        again = self.mint(factory, "--list", "macs.txt")
        self.assertEqual([again.named("minted")[0][key] for key in ("made", "there_before")], [0, 3])

    def test_by_number_it_goes_on_where_a_kill_has_stopped_it(self):
        factory = self.with_authority(attributes={})
        process = subprocess.Popen([IMPRINT, "registry", "mint", "minted", "--count", "50000", "--name", "lamp-{n}"],
                                   cwd=factory.folder, env=factory.environment(), stdout=subprocess.DEVNULL)
        factory.processes.append(process)
        store = factory.folder / "minted" / "identities.sqlite"
        wait_for("the first identities", lambda: store.exists() and store.with_name(
            "identities.sqlite-wal").exists() and self.count(factory) > 0, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        there = self.count(factory)
        self.assertGreater(there, 0)
        self.assertLess(there, 50000)
        more = there + 1500
        done = self.mint(factory, "--count", more, "--name", "lamp-{n}")
        self.assert_status(done, 0)
        self.assertEqual(done.named("minted")[0]["made"], 1500)
        self.assertEqual(self.rows(factory, "SELECT COUNT(*), COUNT(DISTINCT thing), COUNT(DISTINCT certificate_id), "
                                            "MAX(thing) FROM identities"), [(more, more, more, f"lamp-{more:07}")])
        self.assert_error(self.mint(factory, "--count", more + 1, "--name", "other-{n}"), 2, "mint_other_name")

    def count(self, factory):
        try:
            return self.rows(factory, "SELECT COUNT(*) FROM identities")[0][0]
        except sqlite3.OperationalError:
            return 0

    def test_what_cannot_be_minted_is_told(self):
        factory = self.with_authority()
        self.assert_error(self.mint(factory), 2, "bad_usage")
        self.assert_error(self.mint(factory, "--count", "0"), 2, "bad_usage")
        self.assert_error(self.mint(factory, "--count", "3", "--name", "lamp"), 2, "mint_name")
        (factory.folder / "macs.txt").write_text("246f28100000\n246f2810000x\n")
        self.assert_error(self.mint(factory, "--list", "macs.txt"), 3, "mint_list", "line 2")
        self.assert_error(self.mint(factory, "--list", "none.txt"), 3, "file_missing")
        self.assertEqual(self.count(factory), 0)
        self.assert_error(factory.run("registry", "export", "nowhere", "x", "--json"), 3, "minted_missing")
        factory.configure()
        self.assert_error(self.mint(factory, "--count", "1"), 3, "mint_needs_own_ca")

    def test_exports_are_what_their_readers_take_and_hold_no_key(self):
        factory = self.with_authority()
        macs = self.listed(factory)
        self.assert_status(self.mint(factory, "--list", "macs.txt"), 0)
        certificates = dict(self.rows(factory, "SELECT thing, certificate_pem FROM identities"))

        def export(name, output):
            self.assert_status(factory.run("registry", "export", "minted", output, "--format", name), 0)
            text = (factory.folder / output).read_text()
            self.assertNotIn("PRIVATE KEY", text)
            return text

        rows = list(csv.DictReader(export("csv", "x.csv").splitlines(keepends=True)))
        self.assertEqual({row["thing"]: row["certificate"] for row in rows}, certificates)
        self.assertEqual([row["mac"] for row in rows], macs)
        rows = list(csv.DictReader(export("thingpress-espressif", "y.csv").splitlines(keepends=True)))
        self.assertEqual({row["MAC"]: row["cert"] for row in rows}, certificates)
        lines = export("thingpress", "z.txt").splitlines()
        self.assertEqual([base64.b64decode(line).decode() for line in lines], list(certificates.values()))
        lines = [json.loads(line) for line in export("bulk", "bulk.jsonl").splitlines()]
        self.assertEqual([line["ThingName"] for line in lines], macs)

    def registered(self, factory, macs, status="INACTIVE"):
        certificates = factory.certificates()
        self.assertEqual(sorted(certificates.values()), sorted((status, [mac], ["e2e-policy"]) for mac in macs))
        thing = factory.aws("describe-thing", "--thing-name", macs[0])
        self.assertEqual((thing["thingTypeName"], thing["attributes"]), ("e2e-type", {"line": "7", "mac": macs[0]}))

    def test_what_is_minted_is_registered_step_by_step(self):
        factory = self.with_authority()
        macs = self.listed(factory)
        self.assert_status(self.mint(factory, "--list", "macs.txt"), 0)
        done = factory.run("registry", "register", "minted", "--json")
        self.assert_status(done, 0)
        self.assertEqual(done.named("registered")[0]["registered"], 3)
        self.registered(factory, macs)
        self.assertEqual(factory.run("registry", "register", "minted", "--json").named("registered")[0]["registered"], 0)

    def test_with_an_authority_that_is_known_one_call_registers_it_all(self):
        factory = self.with_authority(registration="with-ca")
        macs = self.listed(factory)
        self.assert_status(self.mint(factory, "--list", "macs.txt"), 0)
        failed = factory.run("registry", "register", "minted", "--one-call", "--json")
        self.assertEqual((failed.status, len(failed.named("register_failed"))), (4, 3), str(failed))
        for known in (False, True):
            done = factory.run("registry", "register-ca", "--json")
            self.assert_status(done, 0)
            self.assertEqual(done.named("authority_registered")[0]["there_before"], known)
        done = factory.run("registry", "register", "minted", "--one-call", "--json")
        self.assert_status(done, 0)
        self.registered(factory, macs)

    def test_the_template_and_each_line_register_a_thing_with_aws_own_client(self):
        factory = self.with_authority(registration="with-ca")
        macs = self.listed(factory)
        self.assert_status(self.mint(factory, "--list", "macs.txt"), 0)
        self.assert_status(factory.run("registry", "register-ca"), 0)
        self.assert_status(factory.run("registry", "policy", "put"), 0)
        self.assert_status(factory.run("registry", "export", "minted", "b.jsonl", "--format", "bulk", "--active"), 0)
        client = factory.client()
        client.create_thing_type(thingTypeName="e2e-type")
        template = (factory.folder / "b.jsonl.template.json").read_text()
        for line in (factory.folder / "b.jsonl").read_text().splitlines():
            client.register_thing(templateBody=template, parameters=json.loads(line))
        self.registered(factory, macs, "ACTIVE")

    def test_a_board_is_prepared_under_an_authority_that_is_known(self):
        factory = self.with_authority(boards=1, registration="with-ca", attributes={})
        self.assert_error(factory.prepare(), 1, "CertificateValidationException")
        self.assertEqual(factory.certificates(), {})
        self.assert_status(factory.run("registry", "register-ca"), 0)
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
