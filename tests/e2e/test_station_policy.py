"""The station's own IAM policy of the documentation: it suffices, and nothing in it is too much."""

import copy
import json
import pathlib
import unittest

from bench import FactoryTest

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "station-policy.json"
ACCOUNT = "000000000000"


class StationPolicy(FactoryTest):
    def setUp(self):
        self.bench = self.factory()
        self.facts = self.bench.registry_facts()
        self.client = self.bench.client()
        self.round = 0

    def credentials(self, document):
        (self.bench.folder / "station.json").write_text(json.dumps(document))
        made = self.bench.run("registry", "key", "--state", "registry", "--policy", "station.json")
        self.assert_status(made, 0)
        keys = dict(line.split(" = ") for line in made.output.splitlines() if " = " in line)
        return self.bench.environment(**{name.upper(): value for name, value in keys.items()},
                                      AWS_REGION=self.facts["region"])

    def document(self):
        """As the documentation says that it is filled in."""
        text = DOCUMENT.read_text()
        for place, value in {"PARTITION": "aws", "REGION": self.facts["region"], "ACCOUNT": ACCOUNT, "THING-TYPE": f"type-{self.round}",
                             "THING-GROUP": f"group-{self.round}", "POLICY": f"policy-{self.round}"}.items():
            text = text.replace(place, value)
        return json.loads(text)

    def configure(self, **attributes):
        self.bench.configure(
            registry={"provider": "aws", "endpoint_url": self.facts["endpoint_url"], "state": None, "deadline": 5},
            credentials={"root_ca": "registry/ca/root-ca.pem"}, verify={"console": ""},
            ledger={"path": f"ledger-{self.round}.sqlite"},
            identity={"thing_type": f"type-{self.round}", "thing_groups": [f"group-{self.round}"],
                      "attributes": attributes},
            identity__policy={"name": f"policy-{self.round}"})

    def a_stations_day(self, environment):
        """What a station does; gives the first command that fails, with its output."""
        mac = self.bench.mac()
        self.configure(line="1")

        def commands():
            yield lambda: self.bench.prepare(environment=environment)
            self.configure(line="2")
            yield lambda: self.bench.prepare(environment=environment)
            for line in (["registry", "show", mac], ["registry", "reconcile"]):
                yield lambda line=line: self.bench.run(*line, "--json", environment=environment)
            # Something to be swept up: loose, and with the devices' policy.
            made = self.client.create_keys_and_certificate(setAsActive=True)
            self.client.attach_policy(policyName=f"policy-{self.round}", target=made["certificateArn"])
            yield lambda: self.bench.run("registry", "sweep", "--older-than", "0", "--apply", "--json",
                                         environment=environment)
            yield lambda: self.bench.run("registry", "retire", mac, "--reason", "x", "--delete-thing", "--json",
                                         environment=environment)

        for command in commands():
            done = command()
            if done.status != 0:
                return done
        return None

    def test_it_suffices_and_each_action_in_it_is_needed(self):
        whole = self.document()
        failed = self.a_stations_day(self.credentials(whole))
        self.assertIsNone(failed, str(failed))
        self.assertEqual(self.bench.certificates(), {})
        self.assertEqual(self.client.list_things()["things"], [])
        needless = []
        actions = [(i, action) for i, statement in enumerate(whole["Statement"]) for action in statement["Action"]]
        for i, action in actions:
            self.bench.clear_identities()
            self.round += 1
            lacking = copy.deepcopy(self.document())
            lacking["Statement"][i]["Action"].remove(action)
            failed = self.a_stations_day(self.credentials(lacking))
            if failed is None:
                needless.append(action)
            else:
                self.assertIn("AccessDeniedException", failed.output + failed.errors, action)
                self.assertIn(action, failed.output + failed.errors)
        self.assertEqual(needless, [])

    def test_another_policy_thing_type_or_account_is_out_of_reach(self):
        environment = self.credentials(self.document())
        self.configure()
        self.bench.configure(registry={"provider": "aws", "endpoint_url": self.facts["endpoint_url"], "state": None},
                             credentials={"root_ca": "registry/ca/root-ca.pem"},
                             identity={"thing_type": "another"}, identity__policy={"name": "policy-0"})
        denied = self.bench.prepare(environment=environment)
        self.assert_error(denied, 4, "AccessDeniedException", "iot:DescribeThingType", "thingtype/another")

    def test_a_policy_that_cannot_be_weighed_is_refused(self):
        (self.bench.folder / "station.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iot:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}))
        refused = self.bench.run("registry", "key", "--state", "registry", "--policy", "station.json")
        self.assertEqual(refused.status, 3, str(refused))
        self.assertIn("conditions", refused.errors)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
