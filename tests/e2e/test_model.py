"""Every operation that the local registry serves, against AWS's own service model (as botocore has it): where
it is served, and that an input which the model does not allow is refused."""

import pathlib
import re
import unittest

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from bench import FactoryTest

ROUTES = pathlib.Path(__file__).resolve().parents[2] / "src" / "local_registry" / "api" / "routes.cpp"
HEX = "0" * 64
VALID = ["a", "1", "aa", "a1b2", HEX, f"arn:aws:iot:eu-west-1:000000000000:cert/{HEX}", "2026-01-01", "{}",
         "arn:aws:iam::123456789012:role/role", "YQ=="]
WRONG = ["\u0001", " ", "ä!", "a b/", "%"]

def routes():
    text = ROUTES.read_text()
    return re.findall(r'Route\{"(\w+)",\s*"(\w+)",\s*"([^"]+)"', text)


def matches(shape, text):
    pattern = shape.metadata.get("pattern")
    if not shape.metadata.get("min", 0) <= len(text) <= shape.metadata.get("max", 1 << 30):
        return False
    return pattern is None or re.fullmatch(java(pattern), text) is not None


def java(pattern):
    """What the model's patterns have that Python writes otherwise: classes of characters."""
    for name, meant in {"C": r"\x00-\x1f\x7f-\x9f", "Upper": "A-Z", "Digit": "0-9", "L": "A-Za-z", "N": "0-9",
                        "Z": " "}.items():
        pattern = pattern.replace(rf"\p{{{name}}}", meant)
    return pattern


def valid(shape):
    """A value of the shape, with its required members alone."""
    kind = shape.type_name
    if kind == "string":
        if shape.enum:
            return shape.enum[0]
        low = max(shape.metadata.get("min", 0), 1)
        for text in [*VALID, *(text[0] * low for text in VALID)]:
            if matches(shape, text):
                return text
        raise AssertionError(f"no value for {shape.name}: {shape.metadata}")
    if kind in ("integer", "long"):
        return max(shape.metadata.get("min", 1), 1)
    if kind == "boolean":
        return True
    if kind == "list":
        return [valid(shape.member)]
    if kind == "map":
        return {valid(shape.key): valid(shape.value)}
    return {name: valid(shape.members[name]) for name in shape.required_members}


def violations(shape):
    """Values that the shape does not allow, each with its reason."""
    if shape.type_name == "string":
        if shape.enum:
            yield "no word of its enumeration", "NO_SUCH_WORD"
            return
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
        sample = valid(shape)
        if high is not None and high < 1 << 17:
            yield "too long", (sample[-1] * (high + 1))
        if low > 1:
            yield "too short", sample[:low - 1]
        if shape.metadata.get("pattern"):
            for text in WRONG:
                text = text * max(low, 1)
                if re.fullmatch(java(shape.metadata["pattern"]), text) is None and len(text) <= (high or 1 << 30):
                    yield "not of its pattern", text
                    break
    elif shape.type_name in ("integer", "long"):
        if "min" in shape.metadata and shape.metadata["min"] > 0:
            yield "too small", shape.metadata["min"] - 1
        if "max" in shape.metadata:
            yield "too large", shape.metadata["max"] + 1


# Later than the models of Debian's botocore: held against the model where it has them.
NEWER = {"ListPrincipalThingsV2", "ListThingPrincipalsV2"}


class Model(FactoryTest):
    def setUp(self):
        factory = self.factory(boards=0)
        facts = factory.registry_facts()
        keys = dict(line.split(" = ") for line in (factory.state / "credentials").read_text().splitlines()
                    if " = " in line)
        self.client = botocore.session.Session().create_client(
            "iot", region_name=facts["region"], endpoint_url=facts["endpoint_url"],
            aws_access_key_id=keys["aws_access_key_id"], aws_secret_access_key=keys["aws_secret_access_key"],
            config=Config(parameter_validation=False, retries={"max_attempts": 0}))
        self.model = self.client.meta.service_model
        # Of services of their own, at the same address.
        self.data_planes = {name for service in ("iot-data", "iot-jobs-data")
                            for name in botocore.session.Session().get_service_model(service).operation_names}

    def routes(self):
        return [route for route in routes() if route[0] in self.model.operation_names or
                route[0] not in NEWER and route[0] not in self.data_planes]

    def call(self, operation, parameters):
        """The error's name and HTTP status; nothing where it was taken."""
        try:
            self.client._make_api_call(operation, parameters)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        return None

    def test_each_operation_is_served_where_the_model_has_it(self):
        self.assertGreater(len(self.routes()), 50)
        for name, method, path in self.routes():
            http = self.model.operation_model(name).http
            self.assertEqual((http["method"], http["requestUri"].split("?")[0].replace("+}", "}")), (method, path), name)

    def test_what_the_model_does_not_allow_is_refused(self):
        checked, faults = 0, []
        for name, _, _ in self.routes():
            operation = self.model.operation_model(name)
            shape = operation.input_shape
            if shape is None:
                continue
            for member, of in shape.members.items():
                cases = [(why, value) for why, value in violations(of)]
                in_uri = of.serialization.get("location") == "uri"
                if member in shape.required_members and not in_uri:
                    cases.append(("missing", None))
                for why, value in cases:
                    parameters = valid(shape)
                    parameters.pop(member, None)
                    if value is not None:
                        parameters[member] = value
                    answer = self.call(name, parameters)
                    checked += 1
                    if answer == ("InvalidRequestException", 400):
                        continue
                    # Another error of the operation's own, as a malformed policy has one.
                    own = {error.metadata.get("error", {}).get("code", error.name) for error in operation.error_shapes}
                    if answer and answer[0] in own and answer[0] in ("MalformedPolicyException", "CertificateValidationException",
                                                                     "InvalidQueryException"):
                        continue
                    faults.append(f"{name}.{member} {why}: {answer}")
        print(f"\n{checked} inputs that the model does not allow, over {len(self.routes())} operations")
        self.assertEqual(faults, [])

    def test_errors_are_the_operations_own(self):
        """With nothing in it, what each operation answers to a valid input is in its list of errors, with the
        model's HTTP status."""
        faults = []
        for name, _, _ in self.routes():
            operation = self.model.operation_model(name)
            answer = self.call(name, valid(operation.input_shape) if operation.input_shape else {})
            if answer is None:
                continue
            known = {shape.name: shape.metadata.get("error", {}).get("httpStatusCode") for shape in operation.error_shapes}
            if answer[0] not in known or known[answer[0]] not in (None, answer[1]):
                faults.append(f"{name}: {answer}, the model has {known}")
        self.assertEqual(faults, [])


if __name__ == "__main__":
    unittest.main(warnings="ignore")
