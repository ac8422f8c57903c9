"""AWS's own SDKs against the local registry, unchanged: boto3 from Debian, @aws-sdk/client-iot and
aws-iot-device-sdk-v2 from npm."""

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

    def test_device(self):
        iot = boto3.client("iot", region_name=self.facts["region"], endpoint_url=self.facts["endpoint_url"],
                           aws_access_key_id=self.keys[0], aws_secret_access_key=self.keys[1])
        files = {name: self.bench.folder / name for name in ("device.key", "device.csr", "device.pem")}
        subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", files["device.key"],
                        "-subj", "/CN=device", "-out", files["device.csr"]], capture_output=True, check=True)
        iot.create_thing(thingName="device")
        made = iot.create_certificate_from_csr(
            certificateSigningRequest=files["device.csr"].read_text(), setAsActive=True)
        files["device.pem"].write_text(made["certificatePem"])
        iot.create_policy(policyName="device", policyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}))
        iot.attach_policy(policyName="device", target=made["certificateArn"])
        iot.attach_thing_principal(thingName="device", principal=made["certificateArn"])
        iot.create_job(jobId="update", targets=[f"arn:aws:iot:{self.facts['region']}:000000000000:thing/device"],
                       document=json.dumps({"version": 2}))
        setup = {"thing": "device", "certificate": str(files["device.pem"]), "key": str(files["device.key"]),
                 "ca": str(self.bench.state / "ca" / "root-ca.pem"), "port": self.facts["mqtt_port"]}
        done = subprocess.run(["node", HERE / "device_walk.mjs", json.dumps(setup)], capture_output=True, text=True,
                              timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual(seen["none"], [404, "No shadow exists with name: 'credentials'"])
        self.assertEqual(seen["first"], [1, {"color": "red", "level": 3}, True])
        self.assertEqual(seen["conflict"], [409, "Version conflict"])
        self.assertEqual(seen["whole"], [2, {"color": "red", "level": 3}, None])
        self.assertEqual(seen["deltas"], [[1, {"color": "red", "level": 3}]])
        self.assertEqual(seen["documents"], [[None, 1], [1, 2]])
        self.assertEqual((seen["deleted"], seen["classic"]), (2, 1))
        self.assertEqual(seen["pending"], [["update", True]])
        self.assertEqual(seen["started"], ["update", "IN_PROGRESS", {"version": 2}])
        self.assertEqual(seen["stale"][0], "VersionMismatch")
        self.assertEqual(seen["next"], [None])
        self.assertEqual(seen["unknown"][0], "ResourceNotFound")
        self.assertEqual(iot.describe_job(jobId="update")["job"]["status"], "COMPLETED")
        data = boto3.client("iot-data", region_name=self.facts["region"], endpoint_url=self.facts["endpoint_url"],
                            aws_access_key_id=self.keys[0], aws_secret_access_key=self.keys[1])
        shadow = json.loads(data.get_thing_shadow(thingName="device")["payload"].read())
        self.assertEqual(shadow["state"], {"reported": {"on": True}})

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
