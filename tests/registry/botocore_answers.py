"""What botocore does with the same input: signatures, and the credentials it would use.

Reads a JSON list of cases from the file that is named, prints the list of its answers."""

import datetime
import json
import os
import sys

import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class FixedTime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return cls(2026, 7, 14)


def signature(case):
    credentials = Credentials(case["id"], case["secret"], case["token"] or None)
    request = AWSRequest(method=case["method"], url=case["url"], headers=dict(case["headers"]), data=case["body"])
    signer = botocore.auth.SigV4Auth(credentials, "iot", case["region"])
    signer.add_auth(request)
    return request.headers["Authorization"]


def resolved(case):
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ["HOME"] = case["home"]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ.update(case["variables"])
    try:
        session = botocore.session.Session(profile=case["profile"] or None)
        credentials = session.get_credentials()
        region = session.get_config_variable("region")
    except Exception as error:  # its kinds of failure are not ours
        return {"error": type(error).__name__}
    return {
        "id": credentials.access_key if credentials else None,
        "secret": credentials.secret_key if credentials else None,
        "token": credentials.token or "" if credentials else None,
        "region": region or "",
    }


class Module:
    """Stands where botocore.auth looks for the time."""

    datetime = FixedTime


botocore.auth.datetime = Module
answer = {"signature": signature, "resolved": resolved}
with open(sys.argv[1]) as cases:
    json.dump([answer[case["what"]](case) for case in json.load(cases)], sys.stdout)
