"""Boards that get identities which were made ahead of them: the station has no authority's key."""

import shutil
import sqlite3
import unittest

from bench import FactoryTest


class MintedBoards(FactoryTest):
    def minted(self, boards=1, macs=None, count=None, registration="without-ca", **sections):
        """The office mints; the station gets the folder and the authority's certificate."""
        factory = self.factory(boards=boards)
        factory.make_authority()
        authority = {"certificate": "ca.pem", "key": "ca.key", "registration": registration,
                     "subject": "CN={thing}, O=Example"}
        factory.configure(identity={"issue": "own-ca"}, identity__ca=authority)
        if registration == "just-in-time":
            self.assert_status(factory.run("registry", "register-ca", "--just-in-time", "--role",
                                           "arn:aws:iam::000000000000:role/jitp"), 0)
        elif registration == "with-ca":
            self.assert_status(factory.run("registry", "register-ca"), 0)
        if count:
            self.mint(factory, "--count", count, "--name", "lamp-{n}")
        else:
            listed = [factory.mac(i) for i in range(boards)] if macs is None else macs
            (factory.folder / "macs.txt").write_text("\n".join(listed) + "\n")
            self.mint(factory, "--list", "macs.txt")
        (factory.folder / "ca.key").unlink()
        self.station = dict(identity={"issue": "minted", "minted": "minted"},
                            identity__ca={"certificate": "ca.pem", "registration": registration}, **sections)
        factory.configure(**self.station)
        return factory

    def mint(self, factory, *arguments):
        self.assert_status(factory.run("registry", "mint", "minted", *arguments), 0)

    def identities(self, factory):
        with sqlite3.connect(factory.folder / "minted" / "identities.sqlite") as database:
            return dict(database.execute("SELECT thing, certificate_id FROM identities").fetchall())

    def ledger(self, factory, query):
        with sqlite3.connect(factory.folder / "ledger.sqlite") as database:
            return database.execute(query).fetchall()

    def failure(self, outcome, code):
        self.assert_status(outcome, 1)
        [failed] = outcome.named("board_failed")
        self.assertEqual(failed["code"], code, failed)
        return failed

    def test_each_board_gets_the_identity_that_was_minted_for_it_and_keeps_it(self):
        factory = self.minted(boards=2, verify={"connect": True})
        doctor = factory.run("doctor")
        self.assertIn("2 minted in", doctor.output + doctor.errors)
        self.assertIn("2 of them free", doctor.output + doctor.errors)
        for _ in range(2):  # a second time it stays what it is
            done = factory.prepare()
            self.assert_status(done, 0)
            self.assert_undisturbed(factory, boards=2)
            self.assertEqual({things[0]: certificate for certificate, (_, things, _) in factory.certificates().items()},
                             self.identities(factory))
            self.assertEqual([board["retired"] for board in done.named("board_passed")], [0, 0])
        self.assertEqual(sum(board["bytes_written"] for board in done.named("board_passed")), 0)
        self.assertEqual(self.ledger(factory, "SELECT state, COUNT(*) FROM certificates"), [("proven", 2)])
        self.assert_status(factory.run("registry", "reconcile"), 0)
        doctor = factory.run("doctor")
        self.assertIn("0 of them free", doctor.output + doctor.errors)

    def test_with_the_authority_known_and_identities_registered_ahead(self):
        factory = self.minted(boards=1, registration="with-ca")
        self.assert_status(factory.run("registry", "register", "minted"), 0)
        [(certificate, (status, _, _))] = factory.certificates().items()
        self.assertEqual(status, "INACTIVE")
        # Whatever else the thing has, goes; this one is the board's own.
        self.assert_status(factory.prepare("--take-over"), 0)
        self.assert_undisturbed(factory)
        self.assertEqual(list(factory.certificates()), [certificate])
        described = factory.client().describe_certificate(certificateId=certificate)["certificateDescription"]
        self.assertIn("caCertificateId", described)

    def test_registering_the_list_does_not_touch_boards_that_work(self):
        for arguments in ([], ["--one-call"]):
            factory = self.minted(boards=1, macs=["246f28000000", "246f28000001"], registration="with-ca")
            self.assert_status(factory.prepare(), 0)
            self.assert_status(factory.run("registry", "register", "minted", *arguments), 0)
            found = {things[0]: status for status, things, _ in factory.certificates().values()}
            self.assertEqual(found, {"246f28000000": "ACTIVE", "246f28000001": "INACTIVE"})

    def test_just_in_time_the_board_shows_the_authority_too(self):
        factory = self.minted(registration="just-in-time")
        factory.configure(**self.station, credentials={"archive": "archive"})
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)
        shown = (factory.folder / "archive" / f"{factory.mac()}.certificate.pem.crt").read_text()
        self.assertIn((factory.folder / "ca.pem").read_text().strip(), shown)

    def test_a_board_that_nobody_minted_for_fails_alone(self):
        factory = self.minted(boards=2, macs=["246f28000000"])
        done = factory.prepare()
        failed = self.failure(done, "minted_none")
        self.assertEqual(failed["mac"], factory.mac(1))
        self.assertIn("registry mint", failed["mend"])
        self.assert_undisturbed(factory, boards=1)
        factory.configure(identity={"issue": "minted", "minted": "nowhere"})
        self.assert_error(factory.prepare(), 3, "minted_missing", "nowhere", "registry mint")

    def test_a_board_that_fails_leaves_its_identity_inactive_for_the_next_run(self):
        factory = self.minted(verify={"console": "never said", "timeout": 1})
        done = factory.prepare()
        self.assert_status(done, 1)
        self.assertEqual(done.named("board_failed")[0]["certificate_state"], "inactive")
        self.assertEqual([status for status, _, _ in factory.certificates().values()], ["INACTIVE"])
        factory.configure(**{**self.station, "verify": {"timeout": 20}})
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)
        self.assertEqual(set(factory.certificates()), set(self.identities(factory).values()))
        # One that was proven keeps its only identity when a later run fails.
        factory.configure(**self.station)
        done = factory.prepare()
        self.assert_status(done, 1)
        self.assertEqual(done.named("board_failed")[0]["certificate_state"], "unchanged")
        self.assert_undisturbed(factory)
        self.assertEqual(self.ledger(factory, "SELECT state FROM certificates"), [("proven",)])

    def test_what_was_retired_is_not_given_out_again(self):
        factory = self.minted()
        self.assert_status(factory.prepare(), 0)
        self.assert_status(factory.run("registry", "retire", factory.mac(), "--reason", "lost in the post"), 0)
        failed = self.failure(factory.prepare(), "minted_retired")
        self.assertIn("lost in the post", failed["reason"])
        self.assertEqual(factory.certificates(), {})
        # Nor where the power went before the retirement was through.
        with sqlite3.connect(factory.folder / "ledger.sqlite") as database:
            database.execute("UPDATE retirements SET done = NULL, result = ''")
        self.failure(factory.prepare(), "minted_retired")
        self.assertEqual(factory.certificates(), {})

    def test_identities_by_number_go_to_the_boards_as_they_come(self):
        factory = self.minted(boards=2, count=3, verify={"console": ""})
        self.assert_status(factory.prepare(), 0)
        had = {things[0] for _, things, _ in factory.certificates().values()}
        self.assertEqual(had, {"lamp-0000001", "lamp-0000002"})
        self.assert_status(factory.prepare(), 0)  # each keeps its own
        self.assertEqual({things[0] for _, things, _ in factory.certificates().values()}, had)
        # A retired one's board gets the next; then there is none.
        thing = self.ledger(factory, f"SELECT thing FROM certificates WHERE mac = '{factory.mac()}'")[0][0]
        self.assert_status(factory.run("registry", "retire", thing, "--reason", "scrapped by mistake"), 0)
        self.assert_status(factory.prepare(boards=1), 0)
        self.assertEqual({things[0] for _, things, _ in factory.certificates().values()},
                         had - {thing} | {"lamp-0000003"})
        self.assert_status(factory.run("registry", "retire", "lamp-0000003", "--reason", "again"), 0)
        self.failure(factory.prepare(boards=1), "minted_retired")

    def test_two_stations_with_one_folder_do_not_make_two_boards_of_one_identity(self):
        factory = self.minted(boards=2, count=1, verify={"console": ""})
        shutil.copytree(factory.folder / "minted", factory.folder / "copy")
        self.assert_status(factory.prepare(boards=1), 0)
        other = {**self.station, "identity": {**self.station["identity"], "minted": "copy"},
                 "ledger": {"path": "other.sqlite"}}
        factory.configure(**other)
        second = ("prepare", "--json", "--port", factory.port(1))
        failed = self.failure(factory.run(*second), "minted_in_use")
        self.assertEqual(failed["certificate_state"], "none")
        # Nor with the same ledger.
        shutil.rmtree(factory.folder / "copy")
        shutil.copytree(factory.folder / "minted", factory.folder / "copy")
        with sqlite3.connect(factory.folder / "copy" / "identities.sqlite") as database:
            database.execute("UPDATE identities SET taken = ''")
        factory.configure(**{**other, "ledger": {"path": "ledger.sqlite"}})
        self.failure(factory.run(*second), "minted_in_use")
        [(status, things, _)] = factory.certificates().values()
        self.assertEqual((status, things), ("ACTIVE", ["lamp-0000001"]))

    def test_offline_the_registration_is_queued(self):
        factory = self.minted(boards=2)
        port = factory.registry_facts()["mqtt_port"]
        offline = {**self.station, "registry": {"data_endpoint": f"127.0.0.1:{port}"}}
        factory.configure(**offline)
        for _ in range(2):
            done = factory.prepare("--offline")
            self.assert_status(done, 0)
            self.assertEqual([board["queued"] for board in done.named("board_passed")], [True, True])
            self.assertEqual(self.ledger(factory, "SELECT state, COUNT(*) FROM certificates"), [("queued", 2)])
        self.assertEqual(factory.certificates(), {})
        # One is prepared again where the registry can be reached: that is its registration.
        self.assert_status(factory.prepare(boards=1), 0)
        pushed = factory.run("registry", "push", "--json")
        self.assert_status(pushed, 0)
        self.assertEqual(pushed.named("push_finished")[0]["pushed"], 1)
        self.assert_undisturbed(factory, boards=2)
        self.assertEqual(self.ledger(factory, "SELECT state, COUNT(*) FROM certificates"), [("proven", 2)])
        self.assert_status(factory.run("registry", "reconcile"), 0)
        self.assertEqual(set(factory.certificates()), set(self.identities(factory).values()))
        self.assert_boards_connect(factory, boards=2)

    def test_a_former_certificate_of_another_kind_goes_and_comes_back(self):
        factory = self.minted()
        factory.configure()  # csr
        self.assert_status(factory.prepare(), 0)
        [former] = factory.certificates()
        factory.configure(**self.station)
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)
        self.assertNotIn(former, factory.certificates())
        factory.configure()
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)
        factory.configure(**self.station)
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)
        self.assertEqual(set(factory.certificates()), set(self.identities(factory).values()))

    def test_a_rotation_needs_a_key_that_is_not_there(self):
        factory = self.minted()
        self.assert_status(factory.prepare(), 0)
        for arguments in (["--port", factory.port(0)], ["--stage", "staged", factory.mac()]):
            self.assert_error(factory.run("registry", "rotate", "--json", *arguments), 3, "rotate_minted", "own-ca")
        self.assert_undisturbed(factory)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
