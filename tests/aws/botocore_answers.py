"""What botocore does with the same input: signatures, the credentials it would
use, the parts of a credential_process.

Reads a JSON list of cases from the file that is named, prints the list of its answers. With --cli it
is the AWS CLI's own copy of botocore that answers."""

import datetime
import getpass
import json
import os
import shlex
import sys


def nobody_types(prompt):
    raise EOFError


getpass.getpass = nobody_types  # before botocore takes it: a test waits for no terminal

if "--cli" in sys.argv:
    import awscli

    sys.path.insert(0, os.path.dirname(awscli.__file__))

import botocore.auth
import botocore.credentials
import botocore.httpsession
import botocore.session
import botocore.tokens
import botocore.utils
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class FixedTime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return cls(2026, 7, 14)


def proxy(case):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update(case["variables"])
    proxies = botocore.utils.get_environ_proxies(case["url"])
    return botocore.httpsession.ProxyConfiguration(proxies).proxy_url_for(case["url"]) is not None


def split(case):
    try:
        return shlex.split(case["line"])
    except ValueError:
        return None


def signature(case):
    credentials = Credentials(case["id"], case["secret"], case["token"] or None)
    request = AWSRequest(method=case["method"], url=case["url"], headers=dict(case["headers"]), data=case["body"])
    signer = botocore.auth.SigV4Auth(credentials, "iot", case["region"])
    signer.add_auth(request)
    return request.headers["Authorization"]


class SessionAt(botocore.session.Session):
    """Asks STS, SSO and SSO-OIDC at the address that the case names."""

    endpoint = None

    def create_client(self, *args, **kwargs):
        return super().create_client(*args, endpoint_url=self.endpoint, **kwargs)


def resolved(case):
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ["HOME"] = case["home"]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ.update(case["variables"])
    try:
        cache = os.path.join(case["home"], ".aws", "sso", "cache")
        botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR = cache
        botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR = cache
        session = SessionAt(profile=case["profile"] or None)
        session.endpoint = case.get("endpoint")
        credentials = session.get_credentials()
        keys = credentials.get_frozen_credentials() if credentials else None
        region = session.get_config_variable("region")
    except Exception as error:  # its kinds of failure are not ours
        return {"error": type(error).__name__}
    return {
        "id": keys.access_key if keys else None,
        "secret": keys.secret_key if keys else None,
        "token": keys.token or "" if keys else None,
        "region": region or "",
    }


def endpoint(case):
    """Where it would go, and None where this version knows no such address."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ.update(case["variables"], HOME=case["home"])
    parameters = {
        "Region": case["region"],
        "UseFIPS": case["variables"].get("AWS_USE_FIPS_ENDPOINT") == "true",
        "UseDualStack": case["variables"].get("AWS_USE_DUALSTACK_ENDPOINT") == "true",
    }
    if case["service"] == "sts":
        parameters["UseGlobalEndpoint"] = False
    try:
        client = botocore.session.get_session().create_client(
            case["service"], region_name=case["region"], aws_access_key_id="a", aws_secret_access_key="b"
        )
        return client._ruleset_resolver._provider.resolve_endpoint(**parameters).url
    except Exception:  # its kinds of failure are not ours
        return None


class Module:
    """Stands where botocore.auth looks for the time."""

    datetime = FixedTime


botocore.auth.datetime = Module
answer = {"signature": signature, "resolved": resolved, "split": split, "proxy": proxy, "endpoint": endpoint}
with open(sys.argv[1]) as cases:
    json.dump([answer[case["what"]](case) for case in json.load(cases)], sys.stdout)
