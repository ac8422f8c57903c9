"""AWS's own SDKs against the local registry, unchanged: boto3 from Debian, @aws-sdk/client-iot from npm."""

import json
import pathlib
import subprocess
import unittest

import boto3

from bench import FactoryTest

HERE = pathlib.Path(__file__).resolve().parent


class Sdks(FactoryTest):
    def setUp(self):
        self.bench = self.factory(boards=0)
        self.facts = self.bench.registry_facts()
        keys = dict(line.split(" = ") for line in (self.bench.state / "credentials").read_text().splitlines()
                    if " = " in line)
        self.keys = keys["aws_access_key_id"], keys["aws_secret_access_key"]
        made = subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                               "-keyout", "/dev/null", "-subj", "/CN=x"], capture_output=True, text=True, check=True)
        self.csr = made.stdout

    def test_javascript(self):
        done = subprocess.run(["node", HERE / "sdk_walk.mjs", self.facts["endpoint_url"], self.facts["region"],
                               *self.keys, self.csr], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual(seen["endpoint"], f"127.0.0.1:{self.facts['mqtt_port']}")
        self.assertEqual(seen["things"], [f"js-{i}" for i in range(7)])
        self.assertEqual((seen["key"], seen["status"], seen["created"], seen["principals"]), (True, "ACTIVE", True, 1))
        self.assertEqual(len(set(seen["certificates"])), 2)
        self.assertEqual(seen["errors"], [["ResourceNotFoundException", True, 404],
                                          ["CertificateStateException", True, 406],
                                          ["ResourceAlreadyExistsException", True, 409],
                                          ["InvalidRequestException", True, 400]])
        self.assertEqual(seen["left"], [0, 0])

    def test_boto3(self):
        iot = boto3.client("iot", region_name=self.facts["region"], endpoint_url=self.facts["endpoint_url"],
                           aws_access_key_id=self.keys[0], aws_secret_access_key=self.keys[1])
        iot.create_thing_type(thingTypeName="py")
        for i in range(7):
            iot.create_thing(thingName=f"py-{i}", thingTypeName="py", attributePayload={"attributes": {"n": str(i)}})
        pages = iot.get_paginator("list_things").paginate(thingTypeName="py", PaginationConfig={"PageSize": 2})
        self.assertEqual([thing["thingName"] for page in pages for thing in page["things"]],
                         [f"py-{i}" for i in range(7)])
        made = iot.create_certificate_from_csr(certificateSigningRequest=self.csr, setAsActive=True)
        arn = made["certificateArn"]
        iot.attach_thing_principal(thingName="py-0", principal=arn)
        self.assertEqual(iot.list_principal_things(principal=arn)["things"], ["py-0"])
        # The certificate is there already, and says so with its id.
        with self.assertRaises(iot.exceptions.ResourceAlreadyExistsException) as caught:
            iot.register_certificate_without_ca(certificatePem=made["certificatePem"])
        self.assertEqual(caught.exception.response["resourceId"], made["certificateId"])
        with self.assertRaises(iot.exceptions.DeleteConflictException):
            iot.update_certificate(certificateId=made["certificateId"], newStatus="INACTIVE")
            iot.delete_certificate(certificateId=made["certificateId"])
        iot.detach_thing_principal(thingName="py-0", principal=arn)
        iot.delete_certificate(certificateId=made["certificateId"])
        self.assertEqual(iot.list_certificates()["certificates"], [])


if __name__ == "__main__":
    unittest.main(warnings="ignore")
