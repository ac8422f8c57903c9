"""Boards prepared while the registry throttles, fails, loses replies and lags behind."""

import signal
import subprocess
import unittest

from bench import FactoryTest

EVERYTHING = """
quota = 30
latency = 5
stale = {stale}
[[fault]]
what = "throttle"
every = 6
[[fault]]
what = "error"
every = 7
[[fault]]
what = "lost"
every = 9
[[fault]]
what = "cut"
every = 11
[[fault]]
what = "delay"
chance = 0.1
ms = 150
"""

GENTLE = """
quota = 5
latency = 20
stale = 300
[[fault]]
what = "throttle"
first = 2
[[fault]]
operation = "AttachPolicy"
what = "lost"
every = 2
"""


class BadRegistry(FactoryTest):
    def serve(self, factory, plan):
        factory.stop(factory.registry_process)
        (factory.folder / "faults.toml").write_text(plan)
        factory.start_registry("--faults", factory.folder / "faults.toml")

    def good_again(self, factory):
        factory.stop(factory.registry_process)
        factory.start_registry()

    def test_with_the_owners_authority_every_board_passes_whatever_happens(self):
        factory = self.factory(boards=4)
        factory.make_authority()
        factory.configure(identity={"issue": "own-ca"}, identity__ca={"certificate": "ca.pem", "key": "ca.key"},
                          registry={"deadline": 60})
        for _ in range(2):
            self.serve(factory, EVERYTHING.format(stale=0))
            done = factory.prepare()
            self.good_again(factory)
            self.assert_status(done, 0)
            self.assert_undisturbed(factory, boards=4)

    def test_with_requests_every_board_passes_through_throttles_and_stale_reads(self):
        factory = self.factory(boards=3)
        factory.configure(registry={"deadline": 60})
        for _ in range(2):
            self.serve(factory, GENTLE)
            done = factory.prepare()
            self.good_again(factory)
            self.assert_status(done, 0)
            self.assert_undisturbed(factory, boards=3)

    def test_the_aws_cli_meets_the_faults_as_those_of_the_service(self):
        factory = self.factory(boards=0)
        self.serve(factory, '[[fault]]\noperation = "ListThings"\nwhat = "throttle"\nfirst = 1000\n')
        facts = factory.registry_facts()
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", facts["endpoint_url"], "--region", facts["region"],
                               "iot", "list-things"], capture_output=True, text=True, timeout=60,
                              env={**factory.aws_environment(), "AWS_MAX_ATTEMPTS": "2", "AWS_RETRY_MODE": "standard"})
        self.assertIn("An error occurred (ThrottlingException)", done.stderr)
        self.assertIn("Rate exceeded", done.stderr)
        self.assertEqual(factory.aws("list-policies"), {"policies": []})

    def test_a_write_with_lag_is_answered_and_kept_over_a_restart(self):
        factory = self.factory(boards=0)
        client = factory.client()
        client.create_thing(thingName="a")
        made = client.create_keys_and_certificate()
        client.attach_thing_principal(thingName="a", principal=made["certificateArn"])
        self.serve(factory, '[[fault]]\noperation = "DetachThingPrincipal"\nwhat = "lag"\nms = 60000\n')
        client = factory.client()
        client.detach_thing_principal(thingName="a", principal=made["certificateArn"])
        self.assertEqual(client.list_thing_principals(thingName="a")["principals"], [made["certificateArn"]])
        with self.assertRaises(client.exceptions.DeleteConflictException):
            client.delete_certificate(certificateId=made["certificateId"])
        self.good_again(factory)
        client = factory.client()
        self.assertEqual(client.list_thing_principals(thingName="a")["principals"], [])
        client.delete_certificate(certificateId=made["certificateId"])

    def test_a_registry_that_was_killed_is_told_at_once(self):
        factory = self.factory(boards=1)
        factory.stop(factory.registry_process, signal.SIGKILL)
        self.assertTrue((factory.state / "registry.json").exists())
        self.assert_error(factory.prepare(), 4, "registry_not_running", "imprint registry serve")

    def test_a_plan_that_is_wrong_is_told(self):
        factory = self.factory(boards=0, registry=False)
        (factory.folder / "faults.toml").write_text("[[fault]]\nwhat = 'explode'\nfirst = 1\n")
        self.assert_error(factory.run("registry", "serve", "--faults", "faults.toml", "--json"), 3, "fault_plan", "line 1")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
