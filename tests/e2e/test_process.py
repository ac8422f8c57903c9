"""The process itself: what it leaves alone, how it ends, and what it keeps to itself."""

import fcntl
import json
import os
import pathlib
import pty
import resource
import shutil
import signal
import subprocess
import time
import unittest

from bench import Factory, FactoryTest, IMPRINT, PATIENCE

NOBODY = 65534


def git(directory, *arguments):
    done = subprocess.run(["git", "-c", "user.name=Test", "-c", "user.email=t@example.invalid", "-C", str(directory),
                           *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class InACheckout(FactoryTest):
    """The layout of the README: configuration, ledger and archive in the firmware's own checkout."""

    def setUp(self):
        self.factory_ = self.factory()
        upstream = self.factory_.folder / "upstream"
        shutil.copytree(self.factory_.project, upstream)
        (upstream / "main.c").write_text("theirs\n")
        git(upstream, "init", "--quiet")
        git(upstream, "add", "-Af")
        git(upstream, "commit", "--quiet", "-m", "first")
        self.checkout = self.factory_.folder / "checkout"
        git(self.factory_.folder, "clone", "--quiet", str(upstream), str(self.checkout))
        self.upstream = upstream
        # A user is in the folder.
        self.factory_.configure(firmware={"directory": ".", "update": True}, registry={"state": str(self.factory_.state)},
                                credentials={"archive": "aws_credentials"}, ledger={"path": None})
        self.configuration = (self.factory_.folder / "imprint.toml").read_text()
        self.policy = (self.factory_.folder / "policy.json").read_text()

    def run_here(self, *arguments):
        done = subprocess.run([IMPRINT, *map(str, arguments)], capture_output=True, text=True, cwd=self.checkout,
                              stdin=subprocess.DEVNULL, env=self.factory_.environment(), timeout=5 * PATIENCE)
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return done.returncode, events, done.stderr

    def prepare_here(self):
        return self.run_here("prepare", "--json", "--port", self.factory_.port(0))

    def test_nothing_of_imprints_own_is_moved_or_handed_to_git(self):
        status, _, errors = self.run_here("init")
        self.assertEqual(status, 0, errors)
        (self.checkout / "imprint.toml").write_text(self.configuration)
        (self.checkout / "policy.json").write_text(self.policy)
        for attempt in (1, 2):
            (self.checkout / "main.c").write_text("mine\n")
            status, events, errors = self.prepare_here()
            self.assertEqual(status, 0, errors)
            self.assertTrue([event["stash"] for event in events if event["event"] == "firmware_update"][0])
            self.assertEqual((self.checkout / "imprint.toml").read_text(), self.configuration)
            self.assertTrue((self.checkout / "aws_credentials" / f"{self.factory_.mac()}.private.pem.key").exists())
            status, events, errors = self.run_here("ledger", "list", "--json")
            self.assertEqual(len([event for event in events if "attempt" in event["event"]]), attempt, events)
        git(self.checkout, "add", "-A")
        staged = git(self.checkout, "diff", "--cached", "--name-only")
        for name in ("ledger", "aws_credentials", ".key"):
            self.assertNotIn(name, staged)
        kept = b"".join(subprocess.run(["git", "-C", str(self.checkout), "cat-file", "--batch-all-objects", "--batch"],
                                       capture_output=True, check=True).stdout.splitlines())
        self.assertNotIn(b"PRIVATE KEY", kept)

    def test_a_ledger_that_git_would_take_is_refused_before_the_first_board(self):
        (self.checkout / "imprint.toml").write_text(self.configuration)
        (self.checkout / "policy.json").write_text(self.policy)
        status, events, errors = self.prepare_here()
        self.assertEqual(status, 3, errors)
        self.assertEqual([event.get("code") for event in events], ["git_would_track"])
        self.assertIn("/imprint-ledger.sqlite*", errors)
        self.assertFalse((self.checkout / "imprint-ledger.sqlite").exists())

    def test_a_configuration_that_the_update_brings_is_not_run_by_halves(self):
        (self.upstream / "imprint.toml").write_text(self.configuration)
        (self.upstream / "policy.json").write_text(self.policy)
        (self.upstream / ".gitignore").write_text("/imprint-ledger.sqlite*\n")
        git(self.upstream, "add", "-Af")
        git(self.upstream, "commit", "--quiet", "-m", "with a configuration")
        git(self.checkout, "pull", "--quiet")
        (self.upstream / "imprint.toml").write_text(self.configuration + "# another\n")
        git(self.upstream, "commit", "--quiet", "-am", "another configuration")
        status, events, errors = self.prepare_here()
        self.assertEqual(status, 3, errors)
        self.assertEqual(events[-1]["code"], "config_changed")
        self.assertEqual(self.factory_.certificates(), {})
        status, _, errors = self.prepare_here()
        self.assertEqual(status, 0, errors)


class Folders(FactoryTest):
    def setUp(self):
        self.plain = Factory(boards=0, registry=False)
        self.addCleanup(self.plain.close)

    def test_a_folder_with_other_things_in_it_is_not_written_over(self):
        before = {path: path.read_bytes() for path in self.plain.folder.iterdir() if path.is_file()}
        mode = self.plain.folder.stat().st_mode
        for command in (["demo", "--state", "."], ["simulate", "firmware", self.foreign_build()]):
            outcome = self.plain.run(*command, "--json")
            self.assert_error(outcome, 2, "folder_in_use")
        self.assertEqual({path: path.read_bytes() for path in self.plain.folder.iterdir() if path.is_file()}, before)
        self.assertEqual(self.plain.folder.stat().st_mode, mode)

    def foreign_build(self):
        folder = self.plain.folder / "mine"
        (folder / "build").mkdir(parents=True)
        (folder / "partitions.csv").write_text("mine")
        return folder

    def test_output_that_is_lost_is_an_error_at_the_end(self):
        self.plain.configure(ledger={"path": "ledger.sqlite"})
        (self.plain.folder / "device.json").write_text((self.plain.folder / "policy.json").read_text())
        for command in (["--help"], ["--version"], ["prepare", "--help"],
                        ["registry", "policy", "check", "device.json", "--json"],
                        ["image", "inspect", self.plain.project / "build" / "aws_iot.bin", "--json"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([IMPRINT, *map(str, command)], stdout=full, stderr=subprocess.PIPE, text=True,
                                      cwd=self.plain.folder, env=self.plain.environment(), timeout=PATIENCE)
            self.assertEqual(done.returncode, 3, (command, done.stderr))
        self.assertIn("standard output cannot be written: No space left on device", done.stderr)
        # A reader that has enough has lost nothing.
        head = subprocess.run(f"'{IMPRINT}' --help | true; echo ${{PIPESTATUS[0]}}", shell=True, executable="/bin/bash",
                              capture_output=True, text=True, env=self.plain.environment(), timeout=PATIENCE, check=True)
        self.assertEqual(head.stdout.strip(), "0")

    def test_words_that_are_no_text_are_the_command_lines_fault(self):
        for command in (["prepare", "--lot", b"\xff\xfe"], ["prepare", "--set", b"identity.attributes=a=\xff"],
                        ["registry", "retire", b"\xff", "--reason", "x"], ["registry", "retire", "a", "--reason", b"\xff"]):
            done = subprocess.run([IMPRINT.encode(), *(os.fsencode(word) for word in command), b"--json"],
                                  capture_output=True, cwd=self.plain.folder, env=self.plain.environment(), timeout=PATIENCE,
                                  check=False)
            self.assertEqual(done.returncode, 2, (command, done.stderr))
            self.assertIn(b"UTF-8", done.stderr)
        environment = {os.fsencode(k): os.fsencode(v) for k, v in self.plain.environment().items()}
        environment[b"IMPRINT_VERIFY_CONSOLE"] = b"\xff"
        done = subprocess.run([IMPRINT, "doctor"], capture_output=True, cwd=self.plain.folder, env=environment,
                              timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)

    def test_places_that_are_links_or_anothers_are_refused(self):
        self.plain.make_authority()
        theirs = self.plain.folder / "theirs"
        theirs.mkdir(mode=0o755)
        (self.plain.folder / "link").symlink_to(theirs)
        (self.plain.folder / "ledger-link").symlink_to(theirs / "ledger.sqlite")
        (self.plain.folder / "log-link").symlink_to(theirs / "log")
        places = ["link"]
        if os.geteuid() == 0:
            os.chown(theirs, NOBODY, NOBODY)
            places += ["theirs", "theirs/below"]
        before = theirs.stat()
        for place in places:
            for command in (["registry", "serve", "--state", place],
                            ["prepare", "--port", "/dev/null", "--set", f"credentials.archive={place}"],
                            ["registry", "mint", place, "--count", "1", "--set", "identity.issue=own-ca", "--set",
                             "identity.ca.certificate=ca.pem", "--set", "identity.ca.key=ca.key"]):
                self.assert_error(self.plain.run(*command, "--json"), 3, "not_ours")
        self.assert_error(self.plain.run("prepare", "--port", "/dev/null", "--ledger", "ledger-link", "--json"), 3, "not_ours")
        self.assertEqual(list(theirs.iterdir()), [])
        self.assertEqual((theirs.stat().st_mode, theirs.stat().st_uid), (before.st_mode, before.st_uid))
        if os.geteuid() != 0:
            return
        # What a shell is to run as root has to be root's own.
        (self.plain.folder / "imprint.toml").write_text(
            (self.plain.folder / "imprint.toml").read_text().replace("[firmware]", '[firmware]\nbuild = "touch ran"'))
        os.chown(self.plain.folder / "imprint.toml", NOBODY, NOBODY)
        os.mkfifo(self.plain.folder / "port")
        outcome = self.plain.run("prepare", "--port", "/dev/null", "--json")
        self.assertNotEqual(outcome.status, 0)
        self.assertFalse((self.plain.folder / "ran").exists())


class Endings(FactoryTest):
    def test_a_lot_that_boards_cannot_have_is_refused_before_the_first_board(self):
        factory = self.factory(registry=False)
        factory.configure(identity={"attributes": {"lot": "{lot}"}})
        outcome = factory.prepare("--lot", "order 17")
        self.assert_error(outcome, 2, "lot", "try --lot order-17")
        self.assertEqual(outcome.named("board_started"), [])
        self.assert_error(factory.prepare("--lot", "x" * 300), 2, "lot")

    def test_a_mac_that_no_single_board_has_gets_no_identity(self):
        for mac in ("ffffffffffff", "01005e000001"):
            factory = self.factory(boards=0)
            factory.MAC, factory.boards = mac[:11], 1
            factory.spawn("simulate", "board", "--dir", factory.bays, "--mac", mac, log="boards.log")
            deadline = time.monotonic() + PATIENCE
            while not factory.port(0).exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            outcome = factory.prepare()
            self.assertEqual(outcome.status, 1, str(outcome))
            self.assertEqual([event["code"] for event in outcome.named("board_failed")], ["mac_damaged"])
            self.assertEqual(factory.certificates(), {})
            self.assertEqual(factory.client().list_things()["things"], [])

    def test_a_reader_that_sleeps_stops_no_board_and_misses_nothing(self):
        factory = self.factory(boards=2)
        ports = [word for i in range(2) for word in ("--port", str(factory.port(i)))]
        reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)  # full after a dozen events
        with open(reading, encoding="utf-8") as pipe:
            process = subprocess.Popen([IMPRINT, "prepare", "--json", *ports], cwd=factory.folder, stdout=writing,
                                       stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=factory.environment())
            os.close(writing)
            try:
                outcomes = []
                deadline = time.monotonic() + PATIENCE
                while outcomes != ["passed", "passed"] and time.monotonic() < deadline:
                    time.sleep(0.1)
                    outcomes = [event["outcome"] for event in
                                factory.run("ledger", "list", "--json").named("ledger_attempt")]
                self.assertEqual(outcomes, ["passed", "passed"])
                self.assertIsNone(process.poll(), "it waits for its reader")
                events = [json.loads(line) for line in pipe]
                self.assertEqual(process.wait(PATIENCE), 0, process.stderr.read())
            finally:
                process.kill()
                process.stderr.close()
        names = [event["event"] for event in events]
        self.assertEqual(names[-1], "run_finished")
        self.assertEqual(names.count("board_passed"), 2)
        for bay in ("bay0", "bay1"):
            of_bay = [event for event in events if event.get("bay") == bay]
            # "identity" is told only where the firmware is written before the cloud has made it.
            self.assertEqual([event["step"] for event in of_bay
                              if event["event"] == "board_step" and event["step"] != "identity"],
                             ["identify", "firmware", "credentials", "activate", "verify", "retire"])
            self.assertEqual((of_bay[0]["event"], of_bay[-1]["event"]), ("board_started", "board_passed"))
            self.assertEqual(of_bay, sorted(of_bay, key=lambda event: event["time"]))

    def test_a_second_interrupt_ends_it_though_nobody_reads(self):
        factory = self.factory(boards=1)
        reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        with open(reading, encoding="utf-8"):
            process = subprocess.Popen([IMPRINT, "prepare", "--json", "--port", str(factory.port(0))],
                                       cwd=factory.folder, stdout=writing, stdin=subprocess.DEVNULL,
                                       env=factory.environment())
            os.close(writing)
            outcomes = []
            deadline = time.monotonic() + PATIENCE
            while outcomes != ["passed"] and time.monotonic() < deadline:
                time.sleep(0.1)
                outcomes = [event["outcome"] for event in
                            factory.run("ledger", "list", "--json").named("ledger_attempt")]
            process.send_signal(signal.SIGTERM)
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(0.5)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(PATIENCE), 130)

    def test_an_interrupt_reaches_what_waits_for_the_registry(self):
        # Whatever waited for its answer, or for its turn, would do so for minutes.
        factory = self.factory()
        factory.configure(registry={"deadline": 3600, "call_timeout": 300})
        process = factory.start_prepare()
        for line in process.stdout:
            if '"step":"firmware"' in line:
                factory.registry_process.send_signal(signal.SIGSTOP)
                break
        try:
            time.sleep(1)
            process.send_signal(signal.SIGTERM)
            rest = process.stdout.read()
            self.assertEqual(process.wait(PATIENCE), 130, rest)
            self.assertIn('"board_stopped"', rest)
        finally:
            factory.registry_process.send_signal(signal.SIGCONT)
        # What is left does no harm, and the next run clears it.
        self.assertEqual([status for status, _, _ in factory.certificates().values() if status == "ACTIVE"], [])
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory)

    def test_a_machine_without_threads_to_spare_fails_boards_and_not_the_station(self):
        factory = self.factory(boards=2)
        ports = [word for i in range(2) for word in ("--port", str(factory.port(i)))]
        codes = set()
        # Each thread takes a gigabyte of addresses for its stack: one more of them is refused at one
        # of these limits, the next at another.
        for gigabytes in (2.6, 3.6, 4.6, 5.6):
            def limit(limit=int(gigabytes * 2 ** 30)):
                resource.setrlimit(resource.RLIMIT_STACK, (2 ** 30, resource.getrlimit(resource.RLIMIT_STACK)[1]))
                resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            done = subprocess.run([IMPRINT, "prepare", "--json", *ports], capture_output=True, text=True,
                                  cwd=factory.folder, env=factory.environment(), preexec_fn=limit, timeout=5 * PATIENCE,
                                  check=False)
            self.assertIn(done.returncode, (0, 1, 70), (gigabytes, done.stdout[-2000:], done.stderr))
            events = [json.loads(line) for line in done.stdout.splitlines()]
            ended = [event for event in events if event["event"] in ("board_passed", "board_failed")]
            if done.returncode != 70:  # not even the first thread, which takes in signals
                self.assertEqual(len(ended), 2, (gigabytes, done.stdout[-2000:], done.stderr))
            codes |= {event.get("code") for event in ended if event["event"] == "board_failed"}
        self.assertIn("thread_not_started", codes)
        self.assertLessEqual(codes, {"thread_not_started", None})
        self.assert_status(factory.prepare(), 0)
        self.assert_undisturbed(factory, boards=2)

    def test_a_process_that_ends_badly_leaves_no_core_file(self):
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        if hard == 0:
            self.skipTest("this machine allows no core files at all")
        factory = self.factory(boards=0, registry=False)
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)

        def status_after_abort():
            process = subprocess.Popen(
                [IMPRINT, "board", "monitor", "--port", os.ttyname(slave)], cwd=factory.folder,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=factory.environment(),
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (hard, hard)))
            limits = pathlib.Path(f"/proc/{process.pid}/limits")
            soft = "unlimited"
            deadline = time.monotonic() + PATIENCE
            while soft != "0" and time.monotonic() < deadline:
                soft = [line.split()[4] for line in limits.read_text().splitlines() if "core file size" in line][0]
                time.sleep(0.02)
            self.assertEqual(soft, "0")
            process.send_signal(signal.SIGABRT)
            _, status = os.waitpid(process.pid, 0)
            process.returncode = -os.WTERMSIG(status)
            return os.WCOREDUMP(status)

        self.assertFalse(status_after_abort())


if __name__ == "__main__":
    unittest.main(warnings="ignore")
