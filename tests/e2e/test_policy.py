"""A board that somebody has taken apart: what its key is good for, and until when."""

import json
import shutil
import subprocess
import unittest

from bench import PATIENCE, FactoryTest

NOT_AUTHORISED = 5  # CONNACK's return code, and mosquitto_pub's exit status


class RogueBoard(FactoryTest):
    def mosquitto(self, factory, program, key, client_id, *arguments):
        facts = factory.registry_facts()
        return subprocess.run(
            [program, "-h", facts["mqtt_host"], "-p", str(facts["mqtt_port"]), "-i", client_id,
             "--cafile", str(factory.state / "ca" / "root-ca.pem"), "--cert", f"{key}.certificate.pem.crt",
             "--key", f"{key}.private.pem.key", *arguments],
            capture_output=True, text=True, timeout=PATIENCE)

    def publish(self, factory, key, client_id, topic):
        return self.mosquitto(factory, "mosquitto_pub", key, client_id, "-t", topic, "-m", "x", "-q", "1").returncode

    def test_its_key_opens_its_own_topics_and_nothing_once_it_is_retired(self):
        factory = self.factory(boards=2)
        self.assert_status(factory.run("init", "--force"), 0)
        factory.configure(identity__policy={"document": "imprint-policy.json"},
                          credentials={"archive": "aws_credentials"})
        # With the policy that `init` writes the boards connect and prove it.
        self.assert_status(factory.prepare(), 0)
        factory.stop(factory.boards_process)
        rogue, victim = factory.mac(0), factory.mac(1)
        taken = factory.folder / "taken"
        shutil.copytree(factory.folder / "aws_credentials", taken)
        key = taken / rogue

        self.assertEqual(self.publish(factory, key, rogue, f"devices/{rogue}/state"), 0)
        self.assertNotIn("may not", factory.broker_log())
        self.assertEqual(self.publish(factory, key, victim, f"devices/{victim}/state"), NOT_AUTHORISED)
        self.assertIn(f"client {victim} refused: no statement allows iot:Connect", factory.broker_log())
        for topic in (f"devices/{victim}/state", f"$aws/things/{victim}/shadow/update",
                      f"devices/{victim}/x:topic/devices/{rogue}/x"):
            self.publish(factory, key, rogue, topic)
            self.assertIn(f"client {rogue} may not publish on {topic}: ", factory.broker_log())
        for topic_filter in ("#", "devices/#", "devices/+/state", f"devices/{victim}/#"):
            heard = self.mosquitto(factory, "mosquitto_sub", key, rogue, "-t", topic_filter, "-W", "5", "-C", "1")
            self.assertEqual(heard.stdout, "")
            self.assertIn(f"client {rogue} may not subscribe to {topic_filter}: ", factory.broker_log())

        # The board is prepared anew: its former certificate is retired.
        factory.start_boards()
        self.assert_status(factory.prepare(boards=1), 0)
        factory.stop(factory.boards_process)
        self.assertEqual(self.publish(factory, key, rogue, f"devices/{rogue}/state"), NOT_AUTHORISED)
        fresh = factory.folder / "aws_credentials" / rogue
        self.assertEqual(self.publish(factory, fresh, rogue, f"devices/{rogue}/state"), 0)


class WidePolicy(FactoryTest):
    def test_one_that_lets_every_board_do_everything_is_refused_before_anything_is_made(self):
        factory = self.factory()
        (factory.folder / "policy.json").write_text(json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}))
        self.assert_error(factory.prepare(), 3, "policy_wide", "identity.policy.allow_wide")
        self.assertEqual(factory.client().list_things()["things"], [])
        self.assertEqual(factory.client().list_policies()["policies"], [])
        meant = factory.prepare("--set", "identity.policy.allow_wide=true")
        self.assert_status(meant, 0)
        self.assertIn("may connect as any client", json.dumps(meant.named("note")))
        # It is in the registry now, and refused there too.
        self.assert_error(factory.prepare(), 4, "policy_wide", "e2e-policy")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
