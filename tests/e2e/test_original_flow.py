"""The whole job as it used to be glued together from scripts, and what the AWS CLI sees of it."""

import subprocess
import unittest

from bench import FactoryTest, IMPRINT, wait_for


def git(folder, *arguments):
    done = subprocess.run(["git", "-c", "user.name=Test", "-c", "user.email=test@example.invalid",
                           "-c", "init.defaultBranch=main", "-C", str(folder), *arguments],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


class OriginalFlow(FactoryTest):
    def test_a_board_that_is_its_own_usb_device_is_prepared_over_its_resets(self):
        for usb in ("own", "serial-jtag"):
            with self.subTest(usb=usb):
                factory = self.factory(board_options=["--chip", "esp32s3", "--usb", usb])
                factory.make_project(chip="esp32s3")
                done = factory.prepare()
                self.assert_status(done, 0)
                self.assertTrue([event for event in done.named("board_console")
                                 if "connected as" in event["line"]], str(done))
                factory.close()

    def test_from_a_new_commit_upstream_to_one_active_certificate(self):
        factory = self.factory()
        # A developer's repository, and the station's clone of it, one commit behind and with a
        # change of somebody's in it.
        upstream = factory.folder / "upstream"
        upstream.mkdir()
        git(upstream, "init", "--quiet")
        (upstream / "version.txt").write_text("1.0.0\n")
        (upstream / "main.c").write_text("theirs\n")
        git(upstream, "add", ".")
        git(upstream, "commit", "--quiet", "-m", "first")
        clone = factory.folder / "clone"
        git(factory.folder, "clone", "--quiet", str(upstream), str(clone))
        (upstream / "version.txt").write_text("2.0.0\n")
        git(upstream, "commit", "--quiet", "-am", "second")
        newest = git(upstream, "rev-parse", "HEAD")
        (clone / "main.c").write_text("mine\n")
        (clone / "notes.txt").write_text("of nobody's business\n")
        factory.configure(
            firmware={"directory": "clone", "update": True,
                      "build": f'"{IMPRINT}" simulate firmware . --version "$(cat version.txt)"'},
            credentials={"archive": "aws_credentials"})

        first = factory.prepare("--lot", "order-17")
        self.assert_status(first, 0)
        update = first.named("firmware_update")[0]
        self.assertEqual(update["to"], newest)
        self.assertEqual(update["commits"], 1)
        self.assertTrue(update["stash"])
        self.assertEqual((clone / "version.txt").read_text(), "2.0.0\n")
        # What was set aside can be brought back.
        self.assertEqual((clone / "main.c").read_text(), "theirs\n")
        git(clone, "stash", "pop")
        self.assertEqual((clone / "main.c").read_text(), "mine\n")
        git(clone, "checkout", "--quiet", "main.c")
        self.assertEqual((clone / "notes.txt").read_text(), "of nobody's business\n")
        git(clone, "clean", "-fdq")

        passed = first.named("board_passed")
        self.assertEqual(len(passed), 1, str(first))
        mac = factory.mac()
        self.assertEqual(passed[0]["thing"], mac)
        self.assertEqual(passed[0]["mac"], mac)

        thing = factory.aws("describe-thing", "--thing-name", mac)
        self.assertEqual(thing["thingTypeName"], "e2e-type")
        self.assertEqual(thing["attributes"], {"line": "7"})
        self.assertEqual(factory.aws("describe-thing-type", "--thing-type-name", "e2e-type")["thingTypeName"],
                         "e2e-type")
        principals = factory.aws("list-thing-principals", "--thing-name", mac)["principals"]
        self.assertEqual(len(principals), 1)
        certificate = principals[0].rsplit("/", 1)[1]
        self.assertEqual(certificate, passed[0]["certificate_id"])
        described = factory.aws("describe-certificate", "--certificate-id", certificate)["certificateDescription"]
        self.assertEqual(described["status"], "ACTIVE")
        policies = factory.aws("list-attached-policies", "--target", principals[0])["policies"]
        self.assertEqual([policy["policyName"] for policy in policies], ["e2e-policy"])

        archive = factory.folder / "aws_credentials"
        self.assertEqual(archive.stat().st_mode & 0o777, 0o700)
        self.assertEqual(sorted(path.name for path in archive.iterdir()),
                         [".gitignore", f"{mac}.certificate.pem.crt", f"{mac}.private.pem.key", f"{mac}.public.pem.key"])
        self.assertEqual((archive / f"{mac}.private.pem.key").stat().st_mode & 0o777, 0o600)
        self.assertEqual((archive / f"{mac}.certificate.pem.crt").read_text(), described["certificatePem"])

        # The board runs the new firmware, and the broker knows it by its MAC.
        wait_for("the board at the broker", lambda: f" as {mac} " in factory.broker_log())
        self.assertIn("2.0.0", " ".join(event["line"] for event in first.named("board_console")))

        second = factory.prepare()
        self.assert_status(second, 0)
        replaced = second.named("board_passed")[0]
        self.assertNotEqual(replaced["certificate_id"], certificate)
        self.assertEqual(replaced["retired"], 1)
        everything = factory.aws("list-certificates")["certificates"]
        self.assertEqual([(item["certificateId"], item["status"]) for item in everything],
                         [(replaced["certificate_id"], "ACTIVE")])
        self.assert_undisturbed(factory)

        shown = factory.run("ledger", "show", mac)
        self.assert_status(shown, 0)
        self.assertIn("order-17", shown.output)
        self.assertIn(certificate[:12], shown.output)
        self.assertIn(replaced["certificate_id"][:12], shown.output)

    def test_several_boards_are_prepared_side_by_side(self):
        factory = self.factory(boards=3)
        outcome = factory.prepare()
        self.assert_status(outcome, 0)
        self.assertEqual({event["mac"] for event in outcome.named("board_passed")},
                         {factory.mac(i) for i in range(3)})
        self.assertEqual(outcome.named("run_finished")[0]["passed"], 3)
        self.assert_undisturbed(factory, boards=3)

    def test_a_change_upstream_that_needs_a_merge_is_refused_and_changes_are_put_back(self):
        factory = self.factory(boards=1)
        upstream = factory.folder / "upstream"
        upstream.mkdir()
        git(upstream, "init", "--quiet")
        (upstream / "a").write_text("1")
        git(upstream, "add", ".")
        git(upstream, "commit", "--quiet", "-m", "first")
        clone = factory.folder / "clone"
        git(factory.folder, "clone", "--quiet", str(upstream), str(clone))
        (upstream / "a").write_text("2")
        git(upstream, "commit", "--quiet", "-am", "theirs")
        (clone / "b").write_text("ours")
        git(clone, "add", ".")
        git(clone, "commit", "--quiet", "-m", "ours")
        (clone / "c").write_text("not committed")
        factory.configure(firmware={"directory": "clone", "update": True})
        outcome = factory.prepare()
        self.assert_error(outcome, 3, "git_diverged")
        self.assertEqual((clone / "c").read_text(), "not committed")
        self.assertEqual(factory.certificates(), {})


if __name__ == "__main__":
    unittest.main(warnings="ignore")
