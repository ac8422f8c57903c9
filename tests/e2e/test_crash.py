"""Everything at once: the program killed, its ledger's disk full or not to be written at all, the registry gone, at
random instants; then what is left is told as it is, and a clean run ends as if nothing had happened.

IMPRINT_CRASHES says how many times (default: a few), IMPRINT_SEED with which dice."""

import os
import random
import resource
import signal
import subprocess
import unittest

from bench import FactoryTest, IMPRINT

CRASHES = int(os.environ.get("IMPRINT_CRASHES", "4"))
SEED = int(os.environ.get("IMPRINT_SEED", "1"))
BOARDS = 2


class Crash(FactoryTest):
    def on_flash(self, identity, board):
        pem = self.factory_.client().describe_certificate(certificateId=identity)["certificateDescription"][
            "certificatePem"].encode()
        flash = (self.factory_.bays / f"bay{board}.flash").read_bytes()
        return all(pem[at:at + 60] in flash for at in (100, 380))

    def start(self):
        def ignore():
            # A file that may not grow is an error to write to, as on a full disk, and not the end of the process.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        ports = [argument for i in range(BOARDS) for argument in ("--port", str(self.factory_.port(i)))]
        return subprocess.Popen([IMPRINT, "prepare", "--json", *ports], cwd=self.factory_.folder,
                                env=self.factory_.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True, preexec_fn=ignore)

    def trouble(self, dice):
        """Some of all that can happen, each at an instant of its own: (after how many events, what)."""
        chosen = []
        if dice.random() < 0.7:
            # 0: nothing can be written, not even beside the ledger; else what is there already can be.
            chosen.append((dice.randint(1, 60), "disk", dice.choice([0, 32768, 65536])))
        if dice.random() < 0.6:
            chosen.append((dice.randint(1, 60), "registry", None))
        if dice.random() < 0.6 or not chosen:
            chosen.append((dice.randint(1, 70), "signal",
                           dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT])))
        return sorted(chosen, key=lambda one: one[0])

    def disturbed(self, dice):
        factory = self.factory_
        trouble = self.trouble(dice)
        happened = []
        process = self.start()
        count = 0
        for line in process.stdout:
            count += 1
            while trouble and trouble[0][0] <= count:
                _, what, value = trouble.pop(0)
                happened.append((count, what, value))
                try:
                    if what == "disk":
                        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (value, value))
                    elif what == "signal":
                        process.send_signal(value)
                    else:
                        factory.stop(factory.registry_process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        process.wait(120)
        if factory.registry_process.poll() is not None:
            factory.start_registry("--port", self.address)
        return happened, process.returncode

    def told(self, command):
        done = self.factory_.run(*command)
        self.assertIn(done.status, (0, 4), str(done))
        return done

    def check_truth(self, context):
        """What is ACTIVE and on no board is told, by reconcile and by sweep."""
        factory = self.factory_
        differences = {one["certificate_id"] for one in self.told(["registry", "reconcile", "--json"])
                       .named("difference")}
        for identity, (status, things, _) in factory.certificates().items():
            if status != "ACTIVE":
                continue
            self.assertTrue(things, f"{context}: {identity} is ACTIVE and on no thing")
            board = next(i for i in range(BOARDS) if factory.mac(i) in things)
            if not self.on_flash(identity, board):
                self.assertIn(identity, differences, f"{context}: ACTIVE, on no board, and reconcile is silent")

    def test_whatever_comes_together_a_clean_run_mends_it(self):
        self.factory_ = factory = self.factory(boards=BOARDS)
        self.address = factory.registry_facts()["endpoint_url"].rsplit(":", 1)[1]
        factory.configure(registry={"deadline": 3, "call_timeout": 2})
        dice = random.Random(SEED)
        ends = {}
        for number in range(CRASHES):
            if dice.random() < 0.3:
                factory.clear_identities()
                for suffix in ("", "-wal", "-shm", "-owed"):
                    (factory.folder / f"ledger.sqlite{suffix}").unlink(missing_ok=True)
            happened, status = self.disturbed(dice)
            context = f"seed {SEED}, round {number}: {happened}, exit {status}"
            self.check_truth(context)
            clean = factory.prepare()
            self.assertEqual(clean.status, 0, f"{context}\n{clean}")
            self.assert_undisturbed(factory, boards=BOARDS)
            for identity, (_, things, _) in factory.certificates().items():
                board = next(i for i in range(BOARDS) if factory.mac(i) in things)
                self.assertTrue(self.on_flash(identity, board), context)
            again = self.told(["registry", "reconcile", "--json"])
            self.assertEqual(again.status, 0, f"{context}\n{again}")
            ends[status] = ends.get(status, 0) + 1
        print(f"\n{CRASHES} disturbed runs of {BOARDS} boards, seed {SEED}: exit codes {ends}; "
              "each was told as it was, and mended by a clean run")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
