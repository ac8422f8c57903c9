"""Identities after the factory, with the AWS CLI's library as the witness."""

import sqlite3
import unittest

from bench import FactoryTest


class Fleet(FactoryTest):
    def prepared(self, boards=2):
        factory = self.factory(boards=boards)
        self.assert_status(factory.prepare(), 0)
        return factory

    def ledger(self, factory, query):
        with sqlite3.connect(factory.folder / "ledger.sqlite") as database:
            return database.execute(query).fetchall()

    # -- retire

    def test_a_retired_thing_has_no_certificate_any_more_and_the_others_keep_theirs(self):
        factory = self.prepared()
        lost, kept = factory.mac(0), factory.mac(1)
        done = factory.run("registry", "retire", lost, "--reason", "lost in the post", "--json")
        self.assert_status(done, 0)
        retired = done.named("thing_retired")[0]
        self.assertEqual(len(retired["certificates"]), 1)
        self.assertEqual([things for _, things, _ in factory.certificates().values()], [[kept]])
        self.assertEqual(factory.aws("describe-thing", "--thing-name", lost)["thingName"], lost)
        rows = self.ledger(factory, "SELECT thing, reason, done IS NOT NULL, result FROM retirements")
        self.assertEqual(rows, [(lost, "lost in the post", 1, retired["certificates"][0])])
        shown = factory.run("ledger", "show", lost)
        self.assertIn("lost in the post", shown.output)
        [retirement] = factory.run("ledger", "show", lost, "--json").named("ledger_retirement")
        self.assertEqual(retirement["certificate_list"], retired["certificates"])
        self.assertEqual(retirement["certificates"], retired["certificates"][0])
        self.assertTrue(retirement["done"])
        [thing] = factory.run("registry", "show", kept, "--json").named("thing")
        self.assertEqual(thing["attribute_map"], {"line": "7"})
        [certificate] = thing["certificate_list"]
        self.assertEqual(f"{certificate['certificate_id']} {certificate['status']}", thing["certificates"][0])
        self.assertEqual(certificate["policies"], ["e2e-policy"])
        # Again, and the thing with it.
        again = factory.run("registry", "retire", lost, "--reason", "lost", "--delete-thing", "--json")
        self.assert_status(again, 0)
        self.assertEqual(again.named("thing_retired")[0]["certificates"], [])
        names = [thing["thingName"] for thing in factory.aws("list-things")["things"]]
        self.assertEqual(names, [kept])
        # Nothing is left that differs, and a retired board may be prepared anew.
        self.assert_status(factory.run("registry", "reconcile"), 0)
        self.assert_status(factory.prepare(), 0)
        self.assertEqual(sorted(things[0] for _, things, _ in factory.certificates().values()), [lost, kept])

    def test_a_thing_deleted_by_hand_does_not_hide_its_certificate(self):
        factory = self.prepared(boards=1)
        mac = factory.mac()
        [(certificate, _)] = factory.certificates().items()
        arn = factory.aws("describe-certificate", "--certificate-id", certificate)["certificateDescription"][
            "certificateArn"]
        factory.aws("detach-thing-principal", "--thing-name", mac, "--principal", arn)
        factory.aws("delete-thing", "--thing-name", mac)
        self.assert_status(factory.run("registry", "retire", mac, "--reason", "scrapped"), 0)
        self.assertEqual(factory.certificates(), {})

    def test_a_wrong_name_or_no_reason_changes_nothing(self):
        factory = self.prepared(boards=1)
        before = factory.certificates()
        unknown = factory.run("registry", "retire", "246f28ffffff", "--reason", "lost", "--json")
        self.assert_error(unknown, 4, "thing_unknown", "246f28ffffff")
        self.assert_error(factory.run("registry", "retire", factory.mac(), "--json"), 2, "bad_usage")
        self.assertEqual(factory.certificates(), before)
        self.assertEqual(self.ledger(factory, "SELECT * FROM retirements"), [])

    # -- sweep

    def leave_things_behind(self, factory):
        """What scripts and dead runs leave: by name, the certificate's id or the thing's name."""
        client = factory.client()

        def make(active, policy=None, thing=None):
            made = client.create_keys_and_certificate(setAsActive=active)
            if policy:
                client.attach_policy(policyName=policy, target=made["certificateArn"])
            if thing:
                client.attach_thing_principal(thingName=thing, principal=made["certificateArn"])
            return made["certificateId"]

        client.create_thing(thingName="stranger")
        client.create_thing(thingName="bare", thingTypeName="e2e-type")
        return {
            "active, nothing": make(True),
            "active, our policy": make(True, policy="e2e-policy"),
            "inactive, our policy": make(False, policy="e2e-policy"),
            "inactive, nothing": make(False),
            "inactive, of a stranger": make(False, thing="stranger"),
            "active, of a stranger": make(True, thing="stranger"),
        }

    def test_what_nobody_vouches_for_is_found_and_only_ours_is_removed(self):
        factory = self.prepared(boards=1)
        [proven] = factory.certificates()
        left = self.leave_things_behind(factory)
        young = factory.run("registry", "sweep", "--json")
        self.assert_status(young, 0)
        self.assertEqual([(one["kind"], one["ours"]) for one in young.named("leftover")], [("bare_thing", False)],
                         "what is younger than an hour may be in the making, and so may a thing that no ledger knows")

        found = factory.run("registry", "sweep", "--older-than", 0, "--json")
        self.assert_status(found, 0)
        shown = {one["certificate_id"] or one["thing"]: (one["kind"], one["ours"]) for one in found.named("leftover")}
        self.assertEqual(shown, {
            left["active, nothing"]: ("loose_certificate", False),
            left["active, our policy"]: ("loose_certificate", True),
            left["inactive, our policy"]: ("unused_certificate", True),
            left["inactive, nothing"]: ("unused_certificate", False),
            left["inactive, of a stranger"]: ("unused_certificate", False),
            "bare": ("bare_thing", False),
        })
        causes = {one["certificate_id"] or one["thing"]: (one["cause"], one["outcome"]) for one in found.named("leftover")}
        self.assertEqual(causes, {
            left["active, nothing"]: ("attached_to_nothing", "left_alone"),
            left["active, our policy"]: ("unknown_certificate", "to_be_removed"),
            left["inactive, our policy"]: ("unknown_certificate", "to_be_removed"),
            left["inactive, nothing"]: ("attached_to_nothing", "left_alone"),
            left["inactive, of a stranger"]: ("unknown_thing", "left_alone"),
            "bare": ("no_certificate", "left_alone"),
        })
        self.assertEqual(len(factory.certificates()), 7, "looking changes nothing")

        applied = factory.run("registry", "sweep", "--older-than", 0, "--apply", "--json")
        self.assert_status(applied, 0)
        self.assertEqual(applied.named("sweep_finished")[0]["removed"], 2)
        self.assertEqual(set(factory.certificates()), {proven} | {
            left[name] for name in ("active, nothing", "inactive, nothing", "inactive, of a stranger",
                                    "active, of a stranger")})
        names = {thing["thingName"] for thing in factory.aws("list-things")["things"]}
        self.assertEqual(names, {factory.mac(), "stranger", "bare"})
        again = factory.run("registry", "sweep", "--older-than", 0, "--apply", "--json")
        self.assertEqual(again.named("sweep_finished")[0]["removed"], 0)

    def test_another_stations_boards_are_safe_if_its_ledger_is_named(self):
        factory = self.prepared(boards=1)
        [certificate] = factory.certificates()
        # Somebody has switched the board off for a while.
        factory.aws("update-certificate", "--certificate-id", certificate, "--new-status", "INACTIVE")
        other = factory.folder / "second-station.sqlite"
        (factory.folder / "ledger.sqlite").rename(other)
        for name in ("-wal", "-shm"):
            path = factory.folder / f"ledger.sqlite{name}"
            if path.exists():
                path.rename(f"{other}{name}")
        alone = factory.run("registry", "sweep", "--older-than", 0, "--json")
        self.assertEqual([(one["certificate_id"], one["ours"]) for one in alone.named("leftover")],
                         [(certificate, False)], "it has a thing")
        both = factory.run("registry", "sweep", "--older-than", 0, "--also-ledger", other, "--json")
        self.assertEqual(both.named("leftover"), [])
        missing = factory.run("registry", "sweep", "--also-ledger", factory.folder / "none.sqlite", "--json")
        self.assert_error(missing, 6, "ledger_missing")

    # -- reconcile

    def test_what_was_changed_behind_the_ledgers_back_is_told(self):
        factory = self.prepared(boards=3)
        self.assert_status(factory.run("registry", "reconcile"), 0)
        client = factory.client()
        by_thing = {things[0]: certificate for certificate, (_, things, _) in factory.certificates().items()}
        arn = {item["certificateId"]: item["certificateArn"]
               for item in client.list_certificates(pageSize=250)["certificates"]}
        off, bare, gone = (by_thing[factory.mac(i)] for i in range(3))
        client.update_certificate(certificateId=off, newStatus="INACTIVE")
        client.detach_policy(policyName="e2e-policy", target=arn[bare])
        client.update_certificate(certificateId=gone, newStatus="INACTIVE")
        client.detach_policy(policyName="e2e-policy", target=arn[gone])
        client.detach_thing_principal(thingName=factory.mac(2), principal=arn[gone])
        client.delete_certificate(certificateId=gone)
        client.create_thing(thingName="of-another-station", thingTypeName="e2e-type")
        told = factory.run("registry", "reconcile", "--json")
        self.assert_status(told, 4)
        differences = {one["thing"]: (one["in_ledger"], one["in_registry"]) for one in told.named("difference")}
        self.assertEqual(differences, {
            factory.mac(0): ("proven", "INACTIVE"),
            factory.mac(1): ("proven", "ACTIVE, without the policy e2e-policy"),
            factory.mac(2): ("proven", "missing"),
            "of-another-station": ("unknown", "a thing of this type"),
        })
        self.assertTrue(all(one["mend"] for one in told.named("difference")))
        values = {one["thing"]: (one["kind"], one.get("status"), one.get("arn"), one.get("policy"))
                  for one in told.named("difference")}
        self.assertEqual(values, {
            factory.mac(0): ("not_active", "INACTIVE", arn[off], None),
            factory.mac(1): ("without_policy", "ACTIVE", arn[bare], "e2e-policy"),
            factory.mac(2): ("missing", None, None, None),
            "of-another-station": ("unknown_thing", None, None, None),
        })
        text = factory.run("registry", "reconcile")
        self.assertIn("4 differences", text.output)
        # A sweep leaves a proven board's certificate to whoever made it INACTIVE.
        swept = factory.run("registry", "sweep", "--older-than", 0, "--apply", "--json")
        self.assertNotIn(off, [one["certificate_id"] for one in swept.named("leftover")])


if __name__ == "__main__":
    unittest.main(warnings="ignore")
