"""A factory in a folder: a local registry, simulated boards and a firmware project, all of the built
program's own making, and the ways in which a user reaches them."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

IMPRINT = os.environ.get("IMPRINT", str(pathlib.Path(__file__).resolve().parents[2] / "build" / "imprint"))
PATIENCE = 60  # seconds that anything may take before the test gives up on it


def wait_for(what, condition, process=None):
    """Polls until the condition gives something true, and returns that."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        if process is not None and process.poll() is not None:
            raise AssertionError(f"{what}: its process ended with {process.returncode}")
        time.sleep(0.02)
    raise AssertionError(f"{what}: did not come in {PATIENCE} s")


class Outcome:
    """What one run of the program gave."""

    def __init__(self, status, output, errors):
        self.status = status
        self.output = output
        self.errors = errors
        self.events = []
        for line in output.splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                self.events.append(json.loads(line))

    def named(self, name):
        return [event for event in self.events if event.get("event") == name]

    def __str__(self):
        return f"exit {self.status}\n--- stdout\n{self.output[-6000:]}\n--- stderr\n{self.errors[-4000:]}"


class Factory:
    MAC = "246f2800000"  # and one digit for the board's number

    def __init__(self, boards=1, board_options=(), registry=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imprint-e2e-"))
        self.state = self.folder / "registry"
        self.bays = self.folder / "bays"
        self.project = self.folder / "project"
        self.home = self.folder / "home"
        self.home.mkdir()
        self.processes = []
        self.clients = {}
        self.boards = boards
        self.board_options = list(board_options)
        self.registry_process = None
        self.boards_process = None
        try:
            self.make_project()
            if registry:
                self.start_registry()
            if boards:
                self.start_boards()
        except BaseException:
            self.close()
            raise

    # -- parts -----------------------------------------------------------------------------------

    def environment(self, **more):
        """A user's environment without anything of this machine's own AWS set-up."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "IMPRINT_", "XDG_"))}
        kept.update(HOME=str(self.home), AWS_EC2_METADATA_DISABLED="true", NO_COLOR="1", LC_ALL="C.UTF-8")
        kept.update({k: str(v) for k, v in more.items()})
        return kept

    def spawn(self, *arguments, log, environment=None):
        with open(self.folder / log, "ab") as sink:
            process = subprocess.Popen([IMPRINT, *map(str, arguments)], stdout=sink, stderr=sink,
                                       stdin=subprocess.DEVNULL, cwd=self.folder,
                                       env=environment or self.environment())
        self.processes.append(process)
        return process

    def start_registry(self, *options):
        (self.state / "registry.json").unlink(missing_ok=True)
        self.registry_process = self.spawn("registry", "serve", "--state", self.state, *options, log="registry.log")
        wait_for("the local registry", (self.state / "registry.json").exists, self.registry_process)

    def start_boards(self):
        shutil.rmtree(self.bays / "links", ignore_errors=True)
        self.boards_process = self.spawn("simulate", "board", "--count", self.boards, "--dir", self.bays,
                                         "--mac", self.MAC + "0", *self.board_options, log="boards.log")
        wait_for("the boards", lambda: all(self.port(i).exists() for i in range(self.boards)), self.boards_process)

    def stop(self, process, how=signal.SIGTERM):
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def close(self):
        for process in reversed(self.processes):
            self.stop(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def port(self, index):
        return self.bays / f"bay{index}"

    def mac(self, index=0):
        return f"{self.MAC}{index:x}"

    # -- the project ------------------------------------------------------------------------------

    def make_project(self, version="1.0.0", chip="esp32"):
        subprocess.run([IMPRINT, "simulate", "firmware", self.project, "--version", version, "--chip", chip], check=True,
                       capture_output=True, env=self.environment())
        (self.folder / "policy.json").write_text(json.dumps({
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "iot:Connect",
                 "Resource": "arn:aws:iot:*:*:client/${iot:Connection.Thing.ThingName}"},
                {"Effect": "Allow", "Action": ["iot:Publish", "iot:Receive"],
                 "Resource": "arn:aws:iot:*:*:topic/$aws/things/${iot:Connection.Thing.ThingName}/shadow/*"},
                {"Effect": "Allow", "Action": "iot:Subscribe",
                 "Resource": "arn:aws:iot:*:*:topicfilter/$aws/things/${iot:Connection.Thing.ThingName}/shadow/*"},
            ]}))
        self.configure()

    def configure(self, **sections):
        """Writes imprint.toml; a section given here is laid over the usual one, key by key."""
        config = {
            "firmware": {"directory": "project"},
            "identity": {"thing_type": "e2e-type", "attributes": {"line": "7"}},
            "identity.policy": {"name": "e2e-policy", "document": "policy.json"},
            "registry": {"provider": "local", "state": "registry", "deadline": 10},
            "verify": {"timeout": 20},
            "ledger": {"path": "ledger.sqlite"},
        }
        for name, keys in sections.items():
            target = config.setdefault(name.replace("__", "."), {})
            for key, value in keys.items():
                if value is None:
                    target.pop(key, None)
                else:
                    target[key] = value
        lines = []
        for name, keys in config.items():
            lines.append(f"[{name}]")
            for key, value in keys.items():
                if isinstance(value, dict):
                    inner = ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items())
                    lines.append(f"{key} = {{ {inner} }}")
                else:
                    lines.append(f"{key} = {json.dumps(value)}")
        (self.folder / "imprint.toml").write_text("\n".join(lines) + "\n")

    # -- what a user types -------------------------------------------------------------------------

    def run(self, *arguments, environment=None):
        done = subprocess.run([IMPRINT, *map(str, arguments)], capture_output=True, text=True, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env=environment or self.environment(), timeout=5 * PATIENCE)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def prepare(self, *arguments, boards=None, environment=None):
        ports = [p for i in range(self.boards if boards is None else boards) for p in ("--port", self.port(i))]
        return self.run("prepare", "--json", *ports, *arguments, environment=environment)

    def start_prepare(self, *arguments):
        """The running program, its events to be read line by line."""
        ports = [p for i in range(self.boards) for p in ("--port", str(self.port(i)))]
        return self.popen("prepare", "--json", *ports, *arguments)

    def popen(self, *arguments):
        process = subprocess.Popen([IMPRINT, *map(str, arguments)],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                   text=True, bufsize=1, cwd=self.folder, env=self.environment())
        self.processes.append(process)
        return process

    def aws_environment(self):
        return self.environment(AWS_SHARED_CREDENTIALS_FILE=self.state / "credentials",
                                AWS_CONFIG_FILE=self.state / "config", AWS_PAGER="")

    def registry_facts(self):
        return json.loads((self.state / "registry.json").read_text())

    def aws(self, *arguments):
        """Debian's AWS CLI against the local registry."""
        facts = self.registry_facts()
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", facts["endpoint_url"], "--region", facts["region"],
                               "--output", "json", "iot", *arguments],
                              capture_output=True, text=True, env=self.aws_environment(), timeout=PATIENCE)
        if done.returncode != 0:
            raise AssertionError(f"aws iot {' '.join(arguments)}: {done.stderr}")
        return json.loads(done.stdout or "{}")

    def client(self):
        """botocore's client: the same witness as the CLI without its start-up time."""
        import botocore.session
        facts = self.registry_facts()
        keys = {}
        for line in (self.state / "credentials").read_text().splitlines():
            name, _, value = line.partition("=")
            keys[name.strip()] = value.strip()
        # To make one takes longer than to use it; after a restart the registry has another address.
        where = facts["endpoint_url"], keys["aws_access_key_id"]
        if where not in self.clients:
            self.clients[where] = botocore.session.Session().create_client(
                "iot", region_name=facts["region"], endpoint_url=facts["endpoint_url"],
                aws_access_key_id=keys["aws_access_key_id"], aws_secret_access_key=keys["aws_secret_access_key"])
        return self.clients[where]

    def certificates(self):
        """Every certificate: id → (status, things, policies)."""
        client = self.client()
        found = {}
        for item in client.list_certificates(pageSize=250)["certificates"]:
            arn = item["certificateArn"]
            found[item["certificateId"]] = (
                item["status"],
                client.list_principal_things(principal=arn)["things"],
                [policy["policyName"] for policy in client.list_attached_policies(target=arn)["policies"]])
        return found

    def clear_identities(self):
        """No certificate and no thing any more."""
        client = self.client()
        for item in client.list_certificates(pageSize=250)["certificates"]:
            arn, identity = item["certificateArn"], item["certificateId"]
            client.update_certificate(certificateId=identity, newStatus="INACTIVE")
            for policy in client.list_attached_policies(target=arn)["policies"]:
                client.detach_policy(policyName=policy["policyName"], target=arn)
            for thing in client.list_principal_things(principal=arn)["things"]:
                client.detach_thing_principal(thingName=thing, principal=arn)
            client.delete_certificate(certificateId=identity)
        for thing in client.list_things()["things"]:
            client.delete_thing(thingName=thing["thingName"])

    def make_authority(self, folder="."):
        """An owner's authority: ca.pem and ca.key."""
        for command in (["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ca.key"],
                        ["req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=Example device CA/O=Example",
                         "-days", "3650", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", "ca.pem"]):
            subprocess.run(["openssl", *command], check=True, capture_output=True, cwd=self.folder / folder)
        os.chmod(self.folder / folder / "ca.key", 0o600)

    def broker_log(self):
        return (self.state / "broker" / "mosquitto.log").read_text(errors="replace")


class FactoryTest(unittest.TestCase):
    maxDiff = None

    def factory(self, **options):
        factory = Factory(**options)
        self.addCleanup(factory.close)
        return factory

    def assert_status(self, outcome, status):
        self.assertEqual(outcome.status, status, str(outcome))

    def assert_error(self, outcome, status, code, *words):
        """One error event with this code, whose text holds all the words; the exit code fits."""
        self.assert_status(outcome, status)
        errors = outcome.named("error") + outcome.named("board_failed")
        self.assertEqual([error["code"] for error in errors], [code], str(outcome))
        text = json.dumps(errors)
        for word in words:
            self.assertIn(word, text, str(outcome))

    def assert_undisturbed(self, factory, boards=1):
        """The end state of a clean run: for each board one ACTIVE certificate, attached, and no other."""
        certificates = factory.certificates()
        self.assertEqual(sorted(things for _, things, _ in certificates.values()),
                         [[factory.mac(i)] for i in range(boards)], certificates)
        for status, _, policies in certificates.values():
            self.assertEqual(status, "ACTIVE")
            self.assertEqual(policies, ["e2e-policy"])
