"""New identities for boards that have one: on the bench, and in steps for those in the field."""

import stat
import unittest

from bench import FactoryTest


class Rotating(FactoryTest):
    def prepared(self, boards=1):
        factory = self.factory(boards=boards)
        self.assert_status(factory.prepare(), 0)
        return factory

    def rotate(self, factory, *arguments):
        return factory.run("registry", "rotate", "--json", *arguments)

    def in_flash(self, factory, certificate, index=0):
        pem = factory.client().describe_certificate(certificateId=certificate)["certificateDescription"][
            "certificatePem"].encode()
        flash = (factory.bays / f"bay{index}.flash").read_bytes()
        return all(pem[at:at + 60] in flash for at in (100, 380))

    # -- on the bench

    def test_on_the_bench_the_board_gets_another_identity_and_keeps_its_firmware(self):
        factory = self.prepared(boards=2)
        before = set(factory.certificates())
        log = factory.broker_log()
        done = self.rotate(factory, "--port", factory.port(0), "--port", factory.port(1))
        self.assert_status(done, 0)
        self.assertNotIn("firmware", [step["step"] for step in done.named("board_step")])
        self.assertEqual([board["retired"] for board in done.named("board_passed")], [1, 1])
        self.assert_undisturbed(factory, boards=2)
        self.assertFalse(before & set(factory.certificates()))
        self.assertIn(factory.mac(1), factory.broker_log()[len(log):])

    def test_a_board_without_an_identity_or_with_another_layout_is_left_alone(self):
        factory = self.factory()
        self.assert_error(self.rotate(factory, "--port", factory.port(0)), 1, "other_partition_table")
        self.assertEqual(factory.certificates(), {})
        factory.close()
        factory = self.prepared()
        self.assert_status(factory.run("registry", "retire", factory.mac(), "--reason", "x", "--delete-thing"), 0)
        self.assert_error(self.rotate(factory, "--port", factory.port(0)), 1, "thing_unknown", factory.mac())
        self.assertEqual(factory.certificates(), {})

    # -- in the field

    def test_in_the_field_it_is_staged_activated_and_finished(self):
        factory = self.prepared()
        mac = factory.mac()
        [former] = factory.certificates()
        staged = self.rotate(factory, "--stage", "images", mac)
        self.assert_status(staged, 0)
        [event] = staged.named("rotation")
        image = factory.folder / event["image"]
        self.assertEqual(stat.S_IMODE(image.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(image.parent.stat().st_mode), 0o700)
        self.assertEqual(event["size"], image.stat().st_size)
        certificates = factory.certificates()
        self.assertEqual(certificates[event["certificate_id"]], ("INACTIVE", [mac], ["e2e-policy"]))
        self.assertEqual(certificates[former][0], "ACTIVE")
        # Nothing takes it for a leftover.
        self.assert_status(factory.run("registry", "reconcile"), 0)
        swept = factory.run("registry", "sweep", "--older-than", "0", "--apply", "--json")
        self.assertEqual(swept.named("leftover"), [], str(swept))
        # Before it is active there is nothing to finish.
        self.assert_error(self.rotate(factory, "--finish", mac), 2, "not_activated")
        # The board gets the image: here by cable.
        self.assert_status(factory.run("board", "flash", "--port", factory.port(0), hex(event["offset"]), image), 0)
        for _ in range(2):  # each step may be repeated
            self.assert_status(self.rotate(factory, "--activate", mac), 0)
        self.assertEqual({status for status, _, _ in factory.certificates().values()}, {"ACTIVE"})
        for _ in range(2):
            self.assert_status(self.rotate(factory, "--finish", mac), 0)
        self.assert_undisturbed(factory)
        self.assertEqual(list(factory.certificates()), [event["certificate_id"]])
        self.assertTrue(self.in_flash(factory, event["certificate_id"]))
        self.assert_status(factory.run("registry", "reconcile"), 0)

    def test_staged_twice_the_first_is_taken_back_and_cancelled_all_is(self):
        factory = self.prepared()
        mac = factory.mac()
        [former] = factory.certificates()
        first = self.rotate(factory, "--stage", "images", mac).named("rotation")[0]["certificate_id"]
        second = self.rotate(factory, "--stage", "images", mac).named("rotation")[0]["certificate_id"]
        self.assertEqual(set(factory.certificates()), {former, second})
        self.assertNotEqual(first, second)
        self.assert_status(self.rotate(factory, "--activate", mac), 0)
        cancelled = self.rotate(factory, "--cancel", mac)
        self.assert_status(cancelled, 0)
        self.assertEqual(cancelled.named("rotation")[0]["retired"], 1)
        self.assert_undisturbed(factory)
        self.assertEqual(list(factory.certificates()), [former])

    def test_what_cannot_be_rotated_is_told(self):
        factory = self.prepared()
        self.assert_error(self.rotate(factory, "--stage", "images", "246f28ffffff"), 4, "thing_unknown")
        self.assert_error(self.rotate(factory, "--activate", factory.mac()), 2, "not_staged")
        self.assert_error(self.rotate(factory, "--finish", factory.mac()), 2, "not_staged")
        self.assert_error(self.rotate(factory, "--stage", "x", "--finish", factory.mac()), 2, "bad_usage")
        self.assert_error(self.rotate(factory, "--finish"), 2, "bad_usage")
        self.assert_undisturbed(factory)

    def test_a_board_that_is_prepared_anew_forgets_what_was_staged(self):
        factory = self.prepared()
        self.assert_status(self.rotate(factory, "--stage", "images", factory.mac()), 0)
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)
        self.assert_error(self.rotate(factory, "--activate", factory.mac()), 2, "not_staged")


class PolicyVersions(FactoryTest):
    def test_versions_come_go_back_and_make_room_at_five(self):
        factory = self.factory(boards=0)
        policy = (factory.folder / "policy.json").read_text()

        def put(text):
            (factory.folder / "policy.json").write_text(text)
            done = factory.run("registry", "policy", "put", "--json")
            self.assert_status(done, 0)
            [event] = done.named("policy_put")
            return event["change"], event["version"], event["pruned"]

        self.assertEqual(put(policy), ("created", "", ""))
        self.assertEqual(put(policy), ("none", "1", ""))
        for number in range(2, 6):
            self.assertEqual(put(policy.replace("shadow", f"shadow{number}")), ("added", str(number), ""))
        self.assertEqual(put(policy.replace("shadow", "shadow3")), ("restored", "3", ""))
        self.assertEqual(put(policy.replace("shadow", "more")), ("added", "6", "1"))
        listed = factory.run("registry", "policy", "versions", "--json").named("policy_version")
        self.assertEqual([(one["version"], one["default"]) for one in listed],
                         [("6", True), ("5", False), ("4", False), ("3", False), ("2", False)])
        self.assert_status(factory.run("registry", "policy", "default", "4"), 0)
        said = factory.aws("get-policy", "--policy-name", "e2e-policy")
        self.assertEqual(said["defaultVersionId"], "4")
        self.assertIn("shadow4", said["policyDocument"])
        (factory.folder / "policy.json").write_text(
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}')
        self.assert_error(factory.run("registry", "policy", "put", "--json"), 3, "policy_wide")
        self.assert_error(factory.run("registry", "policy", "default", "1", "--json"), 4, "ResourceNotFoundException")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
