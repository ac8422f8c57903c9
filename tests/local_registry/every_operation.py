"""Calls every operation of the local registry with botocore and holds the answers against the
service model. Argument: a JSON file made by aws_test.cpp."""

import datetime
import json
import subprocess
import sys
import time

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

setup = json.load(open(sys.argv[1]))
session = botocore.session.get_session()
once = Config(retries={"max_attempts": 0})
iot = session.create_client("iot", endpoint_url=setup["endpoint_url"], config=once)
data = session.create_client("iot-data", endpoint_url=setup["endpoint_url"], config=once)
devices = session.create_client("iot-jobs-data", endpoint_url=setup["endpoint_url"], config=once)
models = [client.meta.service_model for client in (iot, data, devices)]
called = set()
seen = {}  # operation: the members of its output that came at least once
faults = []

# What the model has and the local registry has not.
NEVER = {
    "DescribeThing": {"billingGroupName"},
    "DescribeJob": {"documentSource"},
    "DescribeThingGroup": {"indexName", "queryString", "queryVersion", "status"},
}

# Newer than the botocore that Debian has; certificates_test.cpp calls them.
NEWER = {"ListThingPrincipalsV2", "ListPrincipalThingsV2"} - set(models[0].operation_names)

JSON_TYPES = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "timestamp": (int, float),
    "list": list,
    "map": dict,
    "structure": dict,
}


def check_shape(shape, value, where):
    """The JSON as it came, against the shape: nothing unknown, nothing required missing."""
    if not isinstance(value, JSON_TYPES[shape.type_name]):
        faults.append(f"{where}: {value!r} is no {shape.type_name}")
    elif shape.type_name == "structure":
        for name in value.keys() - shape.members.keys():
            faults.append(f"{where}: the model has no member {name}")
        for name in set(shape.required_members) - value.keys():
            faults.append(f"{where}: {name} is missing")
        for name in value.keys() & shape.members.keys():
            check_shape(shape.members[name], value[name], f"{where}.{name}")
    elif shape.type_name == "list":
        for i, item in enumerate(value):
            check_shape(shape.member, item, f"{where}[{i}]")
    elif shape.type_name == "map":
        for name, item in value.items():
            check_shape(shape.value, item, f"{where}.{name}")


def check_raw(http_response, model, **_):
    operation = model
    called.add(operation.name)
    if http_response.status_code >= 300:
        return
    if operation.output_shape is not None and "payload" in operation.output_shape.serialization:
        # The caller reads it.
        seen.setdefault(operation.name, set()).add(operation.output_shape.serialization["payload"])
        return
    body = json.loads(http_response.content or b"{}")
    if operation.output_shape is not None:
        check_shape(operation.output_shape, body, operation.name)
        seen.setdefault(operation.name, set()).update(body)
    elif body != {}:
        faults.append(f"{operation.name}: answers though it has no output")
    if len(http_response.headers.get("x-amzn-RequestId", "")) != 36:
        faults.append(f"{operation.name}: no request id")


def hook(client):
    client.meta.events.register(f"after-call.{client.meta.service_model.service_name}", check_raw)
    return client


hook(iot)
hook(data)
hook(devices)


def check(condition, what):
    if not condition:
        faults.append(what)


def refused(code, method, client=iot, **parameters):
    """The call must end with this error, with the status that the model gives it, and as one of
    the errors that the model lists for the operation."""
    operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    try:
        getattr(client, method)(**parameters)
    except ClientError as error:
        got = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        check(got == code, f"{method}: {got} instead of {code}: {error}")
        check(error.response["Error"]["Message"], f"{method}: {code} without a message")
        listed = {shape.name: shape for shape in operation.error_shapes}
        if client in (iot, data, devices):
            check(got in listed, f"{method}: the model does not list {got}")
        if got in listed:
            expected = listed[got].metadata["error"]["httpStatusCode"]
            check(status == expected, f"{method}: {got} with status {status} instead of {expected}")
        return error.response
    faults.append(f"{method}: succeeded instead of {code}")
    return {}


def names(method, list_name, key=None, page_size=2, **parameters):
    """All items through botocore's own paginator."""
    pages = list(
        iot.get_paginator(method).paginate(PaginationConfig={"PageSize": page_size}, **parameters)
    )
    check(all(len(page[list_name]) <= page_size for page in pages), f"{method}: a page is too long")
    return [item[key] if key else item for page in pages for item in page[list_name]]


def is_recent(time):
    now = datetime.datetime.now(datetime.timezone.utc)
    return abs(now - time) < datetime.timedelta(minutes=5)


DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}],
    }
)

# Endpoint
check(iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"], "endpoint")
refused("InvalidRequestException", "describe_endpoint", endpointType="iot:CredentialProvider")

# Thing types
for name in ("esp32", "esp32s3", "old"):
    iot.create_thing_type(
        thingTypeName=name,
        thingTypeProperties={"thingTypeDescription": "boards", "searchableAttributes": ["lot"]},
    )
refused("ResourceAlreadyExistsException", "create_thing_type", thingTypeName="esp32")
check(names("list_thing_types", "thingTypes", "thingTypeName") == ["esp32", "esp32s3", "old"], "types")
iot.deprecate_thing_type(thingTypeName="old")
described = iot.describe_thing_type(thingTypeName="old")["thingTypeMetadata"]
check(described["deprecated"] and is_recent(described["deprecationDate"]), "deprecation")
refused("InvalidRequestException", "delete_thing_type", thingTypeName="esp32")
refused("ResourceNotFoundException", "delete_thing_type", thingTypeName="none")
refused("ResourceNotFoundException", "describe_thing_type", thingTypeName="none")
refused("ResourceNotFoundException", "deprecate_thing_type", thingTypeName="none")

# Things
for i in range(5):
    iot.create_thing(
        thingName=f"board-{i}",
        thingTypeName="esp32",
        attributePayload={"attributes": {"lot": str(i % 2)}},
    )
refused("ResourceAlreadyExistsException", "create_thing", thingName="board-0")
refused("ResourceNotFoundException", "create_thing", thingName="x", thingTypeName="none")
refused("InvalidRequestException", "create_thing", thingName="x", thingTypeName="old")
refused("ResourceNotFoundException", "describe_thing", thingName="x")
refused("InvalidRequestException", "describe_thing", thingName="a b")
check(len(names("list_things", "things", "thingName")) == 5, "things")
check(
    names("list_things", "things", "thingName", attributeName="lot", attributeValue="1")
    == ["board-1", "board-3"],
    "things by attribute",
)
iot.update_thing(
    thingName="board-0",
    attributePayload={"attributes": {"bay": "2"}, "merge": True},
    expectedVersion=1,
)
thing = iot.describe_thing(thingName="board-0")
check(thing["attributes"] == {"lot": "0", "bay": "2"} and thing["version"] == 2, "update_thing")
refused("VersionConflictException", "update_thing", thingName="board-0", expectedVersion=1)
refused("ResourceNotFoundException", "update_thing", thingName="x")
refused("VersionConflictException", "delete_thing", thingName="board-0", expectedVersion=1)

# Thing groups
iot.create_thing_group(thingGroupName="factory")
for name in ("line-1", "line-2"):
    iot.create_thing_group(
        thingGroupName=name,
        parentGroupName="factory",
        thingGroupProperties={
            "thingGroupDescription": "a line",
            "attributePayload": {"attributes": {"bays": "8"}},
        },
    )
refused("ResourceAlreadyExistsException", "create_thing_group", thingGroupName="line-1")
group = iot.describe_thing_group(thingGroupName="line-1")
check(group["thingGroupMetadata"]["rootToParentThingGroups"][0]["groupName"] == "factory", "root")
check(len(names("list_thing_groups", "thingGroups", "groupName")) == 3, "groups")
refused("ResourceNotFoundException", "describe_thing_group", thingGroupName="none")
for i in range(5):
    iot.add_thing_to_thing_group(thingGroupName="line-1", thingName=f"board-{i}")
refused("InvalidRequestException", "add_thing_to_thing_group", thingGroupName="line-2", thingName="board-0")
refused("ResourceNotFoundException", "add_thing_to_thing_group", thingGroupName="none", thingName="board-0")
iot.create_thing_group(thingGroupName="lot-7")
iot.add_thing_to_thing_group(thingGroupArn=group["thingGroupArn"].replace("line-1", "lot-7"), thingName="board-0")
check(names("list_thing_groups_for_thing", "thingGroups", "groupName", page_size=1, thingName="board-0") == ["line-1", "lot-7"], "groups of a thing")
iot.delete_thing_group(thingGroupName="lot-7")
check(len(names("list_things_in_thing_group", "things", thingGroupName="factory", recursive=True)) == 5, "things of a group")
iot.remove_thing_from_thing_group(thingGroupName="line-1", thingName="board-0")
refused("ResourceNotFoundException", "list_thing_groups_for_thing", thingName="none")
refused("ResourceNotFoundException", "list_things_in_thing_group", thingGroupName="none")
refused("InvalidRequestException", "delete_thing_group", thingGroupName="factory")
refused("VersionConflictException", "delete_thing_group", thingGroupName="line-2", expectedVersion=7)

# Certificates
issued = [
    iot.create_certificate_from_csr(certificateSigningRequest=csr, setAsActive=i == 0)
    for i, csr in enumerate(setup["csrs"])
]
pair = iot.create_keys_and_certificate(setAsActive=False)
check(pair["keyPair"]["PrivateKey"].startswith("-----BEGIN RSA PRIVATE KEY-----"), "key pair")
own = iot.register_certificate_without_ca(certificatePem=setup["own_certificate"], status="INACTIVE")
again = refused("ResourceAlreadyExistsException", "register_certificate_without_ca", certificatePem=setup["own_certificate"])
check(again.get("resourceId") == own["certificateId"], "resourceId of the registered one")
refused("CertificateValidationException", "register_certificate_without_ca", certificatePem="none")
refused("InvalidRequestException", "create_certificate_from_csr", certificateSigningRequest="none")
first = issued[0]
description = iot.describe_certificate(certificateId=first["certificateId"])["certificateDescription"]
check(description["status"] == "ACTIVE" and is_recent(description["creationDate"]), "description")
ids = [one["certificateId"] for one in issued + [pair, own]]
check(names("list_certificates", "certificates", "certificateId") == ids[::-1], "newest first")
check(names("list_certificates", "certificates", "certificateId", ascendingOrder=True) == ids, "oldest first")
nobody = "0" * 64
refused("ResourceNotFoundException", "describe_certificate", certificateId=nobody)
refused("ResourceNotFoundException", "update_certificate", certificateId=nobody, newStatus="ACTIVE")
refused("ResourceNotFoundException", "delete_certificate", certificateId=nobody)
refused("InvalidRequestException", "update_certificate", certificateId=ids[0], newStatus="PENDING_TRANSFER")
iot.update_certificate(certificateId=ids[4], newStatus="REVOKED")
refused("CertificateStateException", "update_certificate", certificateId=ids[4], newStatus="ACTIVE")

# CAs, and certificates under them
def signed_by_own_ca(common_name):
    request = subprocess.run(
        ["openssl", "req", "-new", "-key", "board.key", "-subj", f"/CN={common_name}"],
        check=True, capture_output=True).stdout
    return subprocess.run(
        ["openssl", "x509", "-req", "-CA", "own-ca.pem", "-CAkey", "own-ca.key", "-days", "2"],
        check=True, capture_output=True, input=request).stdout.decode()


own_ca = open("own-ca.pem").read()
code = iot.get_registration_code()["registrationCode"]
check(code == iot.get_registration_code()["registrationCode"], "registration code")
refused("RegistrationCodeValidationException", "register_ca_certificate", caCertificate=own_ca, verificationCertificate=signed_by_own_ca("x"))
refused("CertificateValidationException", "register_ca_certificate", caCertificate=own_ca, verificationCertificate=first["certificatePem"])
refused("InvalidRequestException", "register_ca_certificate", caCertificate=own_ca)
refused("CertificateValidationException", "register_certificate", certificatePem=setup["under_own_ca"])
ca = iot.register_ca_certificate(
    caCertificate=own_ca, verificationCertificate=signed_by_own_ca(code), allowAutoRegistration=True,
    registrationConfig={"templateBody": "{}", "roleArn": "arn:aws:iam::000000000000:role/x"})
refused("ResourceAlreadyExistsException", "register_ca_certificate", caCertificate=own_ca, certificateMode="SNI_ONLY")
refused("CertificateStateException", "register_certificate", certificatePem=setup["under_own_ca"])
iot.update_ca_certificate(certificateId=ca["certificateId"], newStatus="ACTIVE")
refused("CertificateStateException", "delete_ca_certificate", certificateId=ca["certificateId"])
under = iot.register_certificate(certificatePem=setup["under_own_ca"], caCertificatePem=own_ca, status="ACTIVE")
refused("ResourceAlreadyExistsException", "register_certificate", certificatePem=setup["under_own_ca"])
description = iot.describe_certificate(certificateId=under["certificateId"])["certificateDescription"]
check(description["caCertificateId"] == ca["certificateId"], "caCertificateId")
second_under = iot.register_certificate(certificatePem=signed_by_own_ca("y"), setAsActive=True)
under_ids = [under["certificateId"], second_under["certificateId"]]
check(names("list_certificates_by_ca", "certificates", "certificateId", page_size=1, caCertificateId=ca["certificateId"], ascendingOrder=True) == under_ids, "certificates by CA")
described = iot.describe_ca_certificate(certificateId=ca["certificateId"])
check(described["certificateDescription"]["autoRegistrationStatus"] == "ENABLE", "auto-registration")
check(described["registrationConfig"]["templateBody"] == "{}", "registrationConfig")
subprocess.run(["openssl", "req", "-x509", "-new", "-key", "board.key", "-subj", "/CN=Other CA", "-days", "2", "-out", "other-ca.pem"], check=True, capture_output=True)
other_ca = iot.register_ca_certificate(caCertificate=open("other-ca.pem").read(), certificateMode="SNI_ONLY")["certificateId"]
check(names("list_ca_certificates", "certificates", "certificateId", page_size=1) == [other_ca, ca["certificateId"]], "CAs")
iot.delete_ca_certificate(certificateId=other_ca)
for method in ("describe_ca_certificate", "update_ca_certificate", "delete_ca_certificate"):
    refused("ResourceNotFoundException", method, certificateId=nobody)
for certificate_id in under_ids:
    iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
    iot.delete_certificate(certificateId=certificate_id)
iot.update_ca_certificate(certificateId=ca["certificateId"], newStatus="INACTIVE", newAutoRegistrationStatus="DISABLE", removeAutoRegistration=True)
iot.delete_ca_certificate(certificateId=ca["certificateId"])

# Provisioning
TEMPLATE = json.dumps({
    "Parameters": {"Serial": {"Type": "String"}, "CSR": {"Type": "String"}},
    "Resources": {
        "thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Fn::Join": ["-", ["new", {"Ref": "Serial"}]]}}},
        "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}, "Status": "INACTIVE"}},
    },
})
for name in ("one", "two"):
    iot.create_provisioning_template(
        templateName=name, description="boards", templateBody=TEMPLATE, enabled=True, provisioningRoleArn="arn:aws:iam::000000000000:role/x",
        preProvisioningHook={"targetArn": "arn:aws:lambda:eu-west-1:000000000000:function:f"})
refused("ResourceAlreadyExistsException", "create_provisioning_template", templateName="one", templateBody=TEMPLATE, provisioningRoleArn="arn:aws:iam::000000000000:role/x")
check(names("list_provisioning_templates", "templates", "templateName", page_size=1) == ["one", "two"], "templates")
described = iot.describe_provisioning_template(templateName="one")
check(described["templateBody"] == TEMPLATE and is_recent(described["creationDate"]), "template")
for name in ("one", "two"):
    iot.delete_provisioning_template(templateName=name)
refused("ResourceNotFoundException", "describe_provisioning_template", templateName="one")
refused("ResourceNotFoundException", "delete_provisioning_template", templateName="one")
provisioned = iot.register_thing(templateBody=TEMPLATE, parameters={"Serial": "7", "CSR": setup["csrs"][0]})
check(provisioned["resourceArns"]["thing"].endswith(":thing/new-7"), "provisioned thing")
refused("InvalidRequestException", "register_thing", templateBody=TEMPLATE)
refused("ResourceRegistrationFailureException", "register_thing", templateBody=TEMPLATE, parameters={"Serial": "8", "CSR": "none"})
iot.detach_thing_principal(thingName="new-7", principal=provisioned["resourceArns"]["certificate"])
iot.delete_certificate(certificateId=provisioned["resourceArns"]["certificate"].split("/")[1])
iot.delete_thing(thingName="new-7")

# Policies
for name in ("p", "q", "r"):
    iot.create_policy(policyName=name, policyDocument=DOCUMENT)
refused("ResourceAlreadyExistsException", "create_policy", policyName="p", policyDocument=DOCUMENT)
refused("MalformedPolicyException", "create_policy", policyName="x", policyDocument="{}")
check(iot.get_policy(policyName="p")["policyDocument"] == DOCUMENT, "document")
refused("ResourceNotFoundException", "get_policy", policyName="x")
check(names("list_policies", "policies", "policyName") == ["r", "q", "p"], "policies")
for number in range(2, 6):
    version = iot.create_policy_version(policyName="p", policyDocument=DOCUMENT, setAsDefault=number == 5)
    check(version["policyVersionId"] == str(number), "version number")
refused("VersionsLimitExceededException", "create_policy_version", policyName="p", policyDocument=DOCUMENT)
check(len(iot.list_policy_versions(policyName="p")["policyVersions"]) == 5, "versions")
check(iot.get_policy_version(policyName="p", policyVersionId="5")["isDefaultVersion"], "default")
refused("DeleteConflictException", "delete_policy_version", policyName="p", policyVersionId="5")
refused("DeleteConflictException", "delete_policy", policyName="p")
iot.set_default_policy_version(policyName="p", policyVersionId="2")
for number in (1, 3, 4, 5):
    iot.delete_policy_version(policyName="p", policyVersionId=str(number))
refused("ResourceNotFoundException", "get_policy_version", policyName="p", policyVersionId="1")
refused("ResourceNotFoundException", "set_default_policy_version", policyName="p", policyVersionId="1")

# Attachments
arn = first["certificateArn"]
unknown = arn[: -len(ids[0])] + nobody
for name in ("p", "q", "r"):
    iot.attach_policy(policyName=name, target=arn)
iot.attach_policy(policyName="p", target=issued[1]["certificateArn"])
iot.attach_policy(policyName="p", target=group["thingGroupArn"])
check(names("list_attached_policies", "policies", "policyName", target=arn) == ["p", "q", "r"], "attached")
check(len(names("list_targets_for_policy", "targets", policyName="p")) == 3, "targets")
refused("ResourceNotFoundException", "attach_policy", policyName="x", target=arn)
refused("ResourceNotFoundException", "attach_policy", policyName="p", target=unknown)
refused("InvalidRequestException", "attach_policy", policyName="p", target="text")
refused("InvalidRequestException", "detach_policy", policyName="p", target="text")
refused("ResourceNotFoundException", "list_attached_policies", target=unknown)
refused("ResourceNotFoundException", "list_targets_for_policy", policyName="x")
refused("DeleteConflictException", "delete_policy", policyName="q")
iot.attach_principal_policy(policyName="q", principal=issued[2]["certificateArn"])
check(names("list_attached_policies", "policies", "policyName", target=issued[2]["certificateArn"]) == ["q"], "attached the old way")
iot.detach_policy(policyName="q", target=issued[2]["certificateArn"])

for i in range(3):
    iot.attach_thing_principal(thingName=f"board-{i}", principal=arn)
iot.attach_thing_principal(thingName="board-0", principal=issued[1]["certificateArn"])
check(len(names("list_thing_principals", "principals", page_size=1, thingName="board-0")) == 2, "principals")
check(names("list_principal_things", "things", principal=arn) == ["board-0", "board-1", "board-2"], "things of one")
refused("ResourceNotFoundException", "attach_thing_principal", thingName="x", principal=arn)
refused("ResourceNotFoundException", "attach_thing_principal", thingName="board-0", principal=unknown)
refused("InvalidRequestException", "attach_thing_principal", thingName="board-0", principal="text")
refused("ResourceNotFoundException", "list_thing_principals", thingName="x")
refused("ResourceNotFoundException", "list_principal_things", principal=unknown)
refused("ResourceNotFoundException", "detach_thing_principal", thingName="x", principal=arn)

# Jobs
def job(name, *things, **more):
    arns = [iot.describe_thing(thingName=thing)["thingArn"] for thing in things]
    return iot.create_job(jobId=name, targets=arns, document='{"do":"it"}', description="a job", **more)


for name in ("first", "second", "third"):
    job(name, "board-0", "board-1", timeoutConfig={"inProgressTimeoutInMinutes": 60})
refused("ResourceAlreadyExistsException", "create_job", jobId="first", targets=[thing["thingArn"]], document="{}")
refused("ResourceNotFoundException", "create_job", jobId="x", targets=[thing["thingArn"] + "x"], document="{}")
refused("InvalidRequestException", "create_job", jobId="x", targets=["text"], document="{}")
check(iot.get_job_document(jobId="first")["document"] == '{"do":"it"}', "document of a job")
check(names("list_jobs", "jobs", "jobId") == ["third", "second", "first"], "jobs")
check(len(names("list_job_executions_for_job", "executionSummaries", page_size=1, jobId="first")) == 2, "executions")
check(names("list_job_executions_for_thing", "executionSummaries", "jobId", thingName="board-0")
      == ["first", "second", "third"], "executions of a thing")
pending = devices.get_pending_job_executions(thingName="board-0")
check([one["jobId"] for one in pending["queuedJobs"]] == ["first", "second", "third"], "pending")
started = devices.start_next_pending_job_execution(thingName="board-0", statusDetails={"step": "1"})["execution"]
check(started["status"] == "IN_PROGRESS" and started["jobDocument"] == '{"do":"it"}', "started")
check(3500 < started["approximateSecondsBeforeTimedOut"] <= 3600, "time of an execution")
described = devices.describe_job_execution(thingName="board-0", jobId="$next", includeJobDocument=True)["execution"]
check(described["jobId"] == "first" and described["statusDetails"] == {"step": "1"}, "next job")
updated = devices.update_job_execution(thingName="board-0", jobId="first", status="SUCCEEDED", includeJobDocument=True,
                                       includeJobExecutionState=True)
check(updated["executionState"]["versionNumber"] == 3 and updated["jobDocument"] == '{"do":"it"}', "updated")
refused("InvalidStateTransitionException", "update_job_execution", client=devices, thingName="board-0", jobId="first", status="FAILED")
refused("TerminalStateException", "describe_job_execution", client=devices, thingName="board-0", jobId="first")
refused("ResourceNotFoundException", "start_next_pending_job_execution", client=devices, thingName="x")
refused("InvalidRequestException", "update_job_execution", client=devices, thingName="board-0", jobId="second", status="QUEUED")
execution = iot.describe_job_execution(thingName="board-0", jobId="first")["execution"]
check(execution["statusDetails"]["detailsMap"] == {"step": "1"} and is_recent(execution["startedAt"]), "execution")
refused("ResourceNotFoundException", "describe_job_execution", thingName="board-0", jobId="x")
iot.cancel_job_execution(thingName="board-1", jobId="first")
refused("InvalidStateTransitionException", "cancel_job_execution", thingName="board-1", jobId="first")
check(iot.describe_job(jobId="first")["job"]["status"] == "COMPLETED", "a job that is done")
iot.cancel_job(jobId="second", reasonCode="NO_NEED", comment="no need", force=True)
cancelled = iot.describe_job(jobId="second")["job"]
check(cancelled["jobProcessDetails"]["numberOfCanceledThings"] == 2 and is_recent(cancelled["createdAt"]), "a cancelled job")
refused("InvalidRequestException", "cancel_job", jobId="second")
refused("InvalidStateTransitionException", "delete_job", jobId="third")
iot.delete_job(jobId="third", force=True)
for name in ("first", "second"):
    iot.delete_job(jobId=name)
refused("ResourceNotFoundException", "describe_job", jobId="first")
check(iot.list_jobs()["jobs"] == [], "jobs are left")

# Away with it all
refused("InvalidRequestException", "delete_thing", thingName="board-0")
refused("CertificateStateException", "delete_certificate", certificateId=ids[0])
iot.update_certificate(certificateId=ids[0], newStatus="INACTIVE")
refused("DeleteConflictException", "delete_certificate", certificateId=ids[0])
for i in range(3):
    iot.detach_thing_principal(thingName=f"board-{i}", principal=arn)
iot.detach_thing_principal(thingName="board-0", principal=issued[1]["certificateArn"])
refused("DeleteConflictException", "delete_certificate", certificateId=ids[0])
iot.detach_policy(policyName="p", target=group["thingGroupArn"])
for certificate_id in ids:
    iot.delete_certificate(certificateId=certificate_id, forceDelete=True)
for name in ("p", "q", "r"):
    iot.delete_policy(policyName=name)
refused("ResourceNotFoundException", "delete_policy", policyName="p")
for i in range(5):
    iot.delete_thing(thingName=f"board-{i}")
iot.delete_thing(thingName="board-0")
for name in ("line-1", "line-2", "factory", "factory"):
    iot.delete_thing_group(thingGroupName=name)
for name in ("esp32", "esp32s3", "old"):
    iot.deprecate_thing_type(thingTypeName=name)
    iot.delete_thing_type(thingTypeName=name)
for method, list_name in (
    ("list_things", "things"),
    ("list_thing_types", "thingTypes"),
    ("list_thing_groups", "thingGroups"),
    ("list_certificates", "certificates"),
    ("list_policies", "policies"),
    ("list_ca_certificates", "certificates"),
    ("list_provisioning_templates", "templates"),
):
    check(getattr(iot, method)()[list_name] == [], f"{list_name} are left")

# Shadows and messages
def shadow(**more):
    return {"thingName": "board-0", "shadowName": "light", **more}


def answer(response):
    return json.loads(response["payload"].read())


refused("ResourceNotFoundException", "get_thing_shadow", client=data, **shadow())
refused("ResourceNotFoundException", "delete_thing_shadow", client=data, **shadow())
updated = answer(data.update_thing_shadow(**shadow(payload=json.dumps({"state": {"desired": {"on": True}}}))))
check(updated["version"] == 1 and updated["state"] == {"desired": {"on": True}}, "update_thing_shadow")
data.update_thing_shadow(**shadow(payload=b'{"state":{"reported":{"on":false}},"version":1,"clientToken":"t"}'))
check(answer(data.get_thing_shadow(**shadow()))["state"]["delta"] == {"on": True}, "get_thing_shadow")
refused("ConflictException", "update_thing_shadow", client=data, **shadow(payload=b'{"state":{},"version":1}'))
refused("InvalidRequestException", "update_thing_shadow", client=data, **shadow(payload=b"x"))
refused("UnsupportedDocumentEncodingException", "update_thing_shadow", client=data, **shadow(payload=b"\xff"))
refused("RequestEntityTooLargeException", "update_thing_shadow", client=data,
        **shadow(payload=json.dumps({"state": {"desired": {"text": "x" * 8192}}})))
for name in ("a", "b"):
    data.update_thing_shadow(thingName="board-0", shadowName=name, payload=b'{"state":{}}')
listed = data.list_named_shadows_for_thing(thingName="board-0", pageSize=2)
check(listed["results"] == ["a", "b"] and abs(time.time() - listed["timestamp"]) < 300, "list_named_shadows_for_thing")
rest = data.list_named_shadows_for_thing(thingName="board-0", pageSize=2, nextToken=listed["nextToken"])
check(rest["results"] == ["light"] and "nextToken" not in rest, "the rest of the shadows")
for name in ("a", "b", "light"):
    check(answer(data.delete_thing_shadow(thingName="board-0", shadowName=name))["version"] >= 1, "delete_thing_shadow")
data.publish(topic="a/b", qos=1, payload=b"\x00\xff")
refused("InvalidRequestException", "publish", client=data, topic="a/#")

# Credentials
credentials = session.get_credentials()


def client_with(**options):
    return session.create_client("iot", endpoint_url=setup["endpoint_url"], **options)


refused(
    "MissingAuthenticationTokenException",
    "list_things",
    client=client_with(config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0})),
)
refused(
    "InvalidSignatureException",
    "list_things",
    client=client_with(
        config=once, aws_access_key_id=credentials.access_key, aws_secret_access_key="wrong"
    ),
)
refused(
    "UnrecognizedClientException",
    "list_things",
    client=client_with(
        config=once, aws_access_key_id="AKIAXXXXXXXXXXXXXXXX", aws_secret_access_key="wrong"
    ),
)
refused(
    "ExpiredTokenException",
    "list_things",
    client=client_with(
        config=once,
        aws_access_key_id=setup["expired"]["id"],
        aws_secret_access_key=setup["expired"]["secret"],
        aws_session_token=setup["expired"]["token"],
    ),
)
refused("InvalidSignatureException", "list_things", client=client_with(config=once, region_name="us-east-1"))
refused("UnknownOperationException", "list_billing_groups", client=client_with(config=once))
sts = session.create_client("sts", endpoint_url=setup["endpoint_url"])
check(sts.get_caller_identity()["Account"] == "000000000000", "caller identity")

for operation in sorted(set(setup["operations"]) - called - NEWER):
    faults.append(f"{operation} was never called")
for operation in sorted(set(setup["operations"]) - NEWER):
    model = next((one for one in models if operation in one.operation_names), None)
    check(model, f"{operation} is in no model")
    shape = model.operation_model(operation).output_shape if model else None
    members = set(shape.members) if shape else set()
    for member in members - seen.get(operation, set()) - NEVER.get(operation, set()):
        faults.append(f"{operation}: {member} never came")
print("\n".join(faults))
print(f"{len(called & set(setup['operations'])) + len(NEWER)} operations, {len(faults)} faults")
sys.exit(1 if faults else 0)
