"""The proof before shipping: the station uses each new identity itself, at the real broker."""

import contextlib
import itertools
import json
import socket
import threading
import unittest

from bench import FactoryTest


class Relay:
    """Hands so many connections on to a port, and hangs up on every one after them."""

    def __init__(self, port, most):
        self.target, self.most = port, most
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = []

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        for one in [self.listener, *self.sockets]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def accept(self):
        with contextlib.suppress(OSError):
            for number in itertools.count(1):
                client, _ = self.listener.accept()
                if number > self.most:
                    client.close()
                    continue
                broker = socket.create_connection(("127.0.0.1", self.target))
                self.sockets += [client, broker]
                for source, sink in ((client, broker), (broker, client)):
                    threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


class Proof(FactoryTest):
    def proving(self, policy=None, boards=1, **verify):
        factory = self.factory(boards=boards)
        self.sections = dict(verify={"connect": True, "timeout": 3, **verify})
        if policy is not None:
            (factory.folder / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": policy}))
            self.sections["identity__policy"] = {"allow_wide": True}
        factory.configure(**self.sections)
        return factory

    def assert_unproven(self, factory, code, *words):
        failed = factory.prepare()
        self.assert_error(failed, 1, code, *words)
        self.assertEqual([board["certificate_state"] for board in failed.named("board_failed")], ["inactive"])
        self.assertEqual([status for status, _, _ in factory.certificates().values()], ["INACTIVE"])
        self.assertNotIn("verify", [step["step"] for step in failed.named("board_step")], "the board was not started")

    CONNECT = {"Effect": "Allow", "Action": "iot:Connect",
               "Resource": "arn:aws:iot:*:*:client/${iot:Connection.Thing.ThingName}"}

    def test_a_narrow_policy_is_proven_for_each_board(self):
        factory = self.proving(boards=3)
        done = factory.prepare()
        self.assert_status(done, 0)
        self.assert_undisturbed(factory, boards=3)
        steps = [step["step"] for step in done.named("board_step") if step.get("mac") == factory.mac()]
        self.assertEqual(steps[-4:], ["activate", "proof", "verify", "retire"])
        log = factory.broker_log()
        for i in range(3):
            mac = factory.mac(i)
            self.assertIn(f"client {mac} admitted", log)
            self.assertIn(f"{mac[:-1]}x", log, "another client id was tried")
            self.assertIn(f"$aws/things/{mac[:-1]}x/shadow", log, "another thing's topic was tried")
        # Again, with the former certificate to be retired.
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory, boards=3)

    def test_a_policy_that_lets_boards_pass_for_others_fails_the_board(self):
        own = "arn:aws:iot:*:*:topic/own/${iot:Connection.Thing.ThingName}/*"
        factory = self.proving([{"Effect": "Allow", "Action": "iot:Connect", "Resource": "arn:aws:iot:*:*:client/246f28*"},
                                {"Effect": "Allow", "Action": "iot:Publish", "Resource": own}])
        # The local registry's broker wants the thing of the client id: another one is let in by the policy alone.
        self.assert_unproven(factory, "proof_foreign_client_allowed", f"{factory.MAC}x")

    def test_a_policy_that_opens_other_topics_fails_the_board(self):
        factory = self.proving([self.CONNECT, {"Effect": "Allow", "Action": "iot:Publish",
                                               "Resource": "arn:aws:iot:*:*:topic/devices/*"}],
                               topic="devices/{mac}/state")
        self.assert_unproven(factory, "proof_foreign_topic_allowed", "publish to", f"devices/{factory.MAC}x/state")
        factory = self.proving([self.CONNECT,
                                {"Effect": "Allow", "Action": "iot:Publish",
                                 "Resource": "arn:aws:iot:*:*:topic/d/${iot:Connection.Thing.ThingName}"},
                                {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": "*"}])
        self.assert_unproven(factory, "proof_foreign_topic_allowed", "subscribe to", f"d/{factory.MAC}x")

    def test_a_policy_that_keeps_the_board_itself_out_fails_it(self):
        factory = self.proving([{"Effect": "Allow", "Action": "iot:Connect",
                                 "Resource": "arn:aws:iot:*:*:client/other"}])
        self.assert_unproven(factory, "proof_connect_refused", factory.mac())
        factory = self.proving([self.CONNECT], topic="devices/{mac}/state")
        self.assert_unproven(factory, "proof_publish_refused", f"devices/{factory.mac()}/state")

    def test_a_broker_that_goes_away_refuses_nobody(self):
        """Whatever the proof was about when the broker went: what it did not answer is no refusal."""
        factory = self.proving()
        facts = json.loads((factory.state / "registry.json").read_text())
        for admitted in range(1, 5):
            with self.subTest(admitted=admitted), Relay(facts["mqtt_port"], admitted) as relay:
                factory.configure(**self.sections, registry={"data_endpoint": f"127.0.0.1:{relay.port}"})
                self.assert_error(factory.prepare(), 1, "proof_unreachable", f"127.0.0.1:{relay.port}")
                self.assertNotIn("ACTIVE", [status for status, _, _ in factory.certificates().values()])
        with Relay(facts["mqtt_port"], 5) as relay:
            factory.configure(**self.sections, registry={"data_endpoint": f"127.0.0.1:{relay.port}"})
            self.assertNotIn("proof_unreachable", [board["code"] for board in factory.prepare().named("board_failed")])

    def test_a_broker_that_is_not_there_is_told_and_the_next_run_mends_it(self):
        factory = self.proving()
        factory.configure(**self.sections, registry={"data_endpoint": "127.0.0.1:9"})
        self.assert_unproven(factory, "proof_connect_refused", "127.0.0.1:9")
        factory.configure(**self.sections)
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
