"""What the record tells: each bay from its start, what was flashed, who was killed, and the lot that stays."""

import csv
import hashlib
import io
import json
import shutil
import signal
import subprocess
import unittest

from bench import FactoryTest, wait_for


def git(folder, *arguments):
    subprocess.run(["git", "-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-C", str(folder),
                    *arguments], check=True, capture_output=True)


class Ledger(FactoryTest):
    def attempts(self, factory):
        listed = factory.run("ledger", "list", "--json")
        self.assert_status(listed, 0)
        return listed.named("ledger_attempt")

    def test_refused_unanswered_and_killed_boards_have_their_rows(self):
        factory = self.factory(board_options=["--secure-boot"])
        refused = factory.prepare()
        self.assert_status(refused, 1)
        [attempt] = self.attempts(factory)
        self.assertEqual((attempt["mac"], attempt["outcome"], attempt["code"]),
                         (factory.mac(), "failed", "chip_secured"))
        self.assertIn("chip_secured", factory.run("ledger", "show", factory.mac()).output)
        # Nobody answers: killed meanwhile, and to the end.
        factory.boards_process.send_signal(signal.SIGSTOP)
        self.addCleanup(factory.boards_process.send_signal, signal.SIGCONT)
        process = factory.start_prepare()
        wait_for("its row", lambda: len(self.attempts(factory)) == 2)
        self.assertEqual(self.attempts(factory)[0]["outcome"], "running")
        process.kill()
        process.wait(60)
        self.assertEqual(self.attempts(factory)[0]["outcome"], "killed")
        self.assert_status(factory.prepare(), 8)
        attempt = self.attempts(factory)[0]
        self.assertEqual((attempt["mac"], attempt["bay"], attempt["outcome"]), ("", "bay0", "empty"))
        factory.boards_process.send_signal(signal.SIGCONT)

    def test_what_was_flashed_is_told_not_what_the_source_says(self):
        factory = self.factory()
        git(factory.project, "init", "-q")
        (factory.project / "main.c").write_text("1\n")
        (factory.project / ".gitignore").write_text("build/\n")
        git(factory.project, "add", ".")
        git(factory.project, "commit", "-q", "-m", "one")
        self.assert_status(factory.prepare(), 0)
        # Another commit, the same build.
        (factory.project / "main.c").write_text("2\n")
        git(factory.project, "commit", "-q", "-a", "-m", "two")
        stale = subprocess.run(["touch", "-d", "1 hour ago", *map(str, (factory.project / "build").rglob("*.bin"))],
                               check=True)
        self.assertEqual(stale.returncode, 0)
        second = factory.prepare()
        self.assert_status(second, 0)
        self.assertTrue([note for note in second.named("note") if "older than its source" in note["text"]], second)
        two, one = self.attempts(factory)
        self.assertEqual(one["firmware"], two["firmware"], "the same bytes")
        self.assertNotEqual(one["firmware_commit"], two["firmware_commit"])
        self.assertEqual(one["app_version"], "1.0.0")
        shown = factory.run("ledger", "show", factory.mac(), "--json").named("ledger_file")
        told = {file["path"].rsplit("/", 1)[1]: (file["size"], file["sha256"]) for file in shown}
        for name, (size, digest) in told.items():
            [path] = (factory.project / "build").rglob(name)
            self.assertEqual((size, digest), (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()))
        self.assertGreaterEqual(len(told), 3)
        [ready] = second.named("firmware_ready")
        self.assertEqual({file["path"].rsplit("/", 1)[1]: (file["size"], file["sha256"]) for file in ready["file_list"]},
                         {name: of for name, of in told.items() if of[1] in str(ready["files"])})
        for file, text in zip(ready["file_list"], ready["files"], strict=True):
            self.assertEqual(text, f"{file['offset']:#x} {file['path']} ({file['size']} bytes, SHA-256 {file['sha256']})")

    def test_a_rotation_keeps_the_lot_of_the_board(self):
        factory = self.factory()
        factory.configure(identity={"attributes": {"lot": "{lot}"}})

        def lot_on_board():
            out = factory.folder / "unpacked"
            shutil.rmtree(out, ignore_errors=True)
            self.assert_status(factory.run("image", "unpack", factory.bays / "bay0.flash", out, "--partition",
                                           "storage"), 0)
            return json.loads((out / "device.json").read_text())["lot"]

        self.assert_status(factory.prepare("--lot", "order-17"), 0)
        self.assertEqual(lot_on_board(), "order-17")
        self.assert_status(factory.run("registry", "rotate", "--port", factory.port(0)), 0)
        self.assertEqual(lot_on_board(), "order-17")
        self.assert_status(factory.run("registry", "rotate", "--port", factory.port(0), "--lot", "order-18"), 0)
        self.assertEqual(lot_on_board(), "order-18")
        staged = factory.run("registry", "rotate", "--stage", "images", factory.mac(), "--json")
        self.assert_status(staged, 0)
        image = factory.folder / staged.named("rotation")[0]["image"]
        self.assertIn(b'"lot":"order-18"', image.read_bytes().replace(b'"lot": ', b'"lot":'))

    def test_a_file_of_a_certificate_that_is_no_more_in_force_is_named(self):
        factory = self.factory()
        self.assert_status(factory.prepare("--lot", "order-17"), 0)
        export = ["ledger", "export", "--pems", "pems"]
        self.assertEqual(factory.run(*export).errors, "")
        self.assertEqual(factory.run(*export, "--lot", "another").errors, "", "not in this list, and in force")
        self.assert_status(factory.run("registry", "retire", factory.mac(), "--reason", "scrapped"), 0)
        file = factory.folder / "pems" / f"{factory.mac()}.pem.crt"
        for words in [], ["--lot", "another"], ["--outcome", "passed"]:
            told = factory.run(*export, *words)
            self.assert_status(told, 0)
            self.assertIn(file.name, told.errors)
            self.assertTrue(file.exists(), "it is nobody's to delete")

    def test_a_lot_is_listed_with_the_certificates_that_its_boards_have(self):
        factory = self.factory(boards=2)
        ports = ["--port", factory.port(0), "--port", factory.port(1)]
        self.assert_status(factory.run("prepare", *ports, "--lot", "order-17", "--operator", "Ann, shift 2",
                                       "--set", "station.name=line 1"), 0)
        self.assert_status(factory.run("prepare", *ports, "--lot", "order-17"), 0)  # skipped
        shown = factory.run("ledger", "show", factory.mac(0))
        self.assertEqual(shown.output.count("  effect  "), 1, "no table where nothing was done")
        self.assert_status(factory.run("prepare", *ports, "--lot", "order-17", "--again"), 0)
        exported = factory.run("ledger", "export", "--lot", "order-17", "--outcome", "passed", "--pems", "pems")
        self.assert_status(exported, 0)
        rows = list(csv.DictReader(io.StringIO(exported.output)))
        self.assertEqual([row["mac"] for row in rows], sorted(row["thing"] for row in rows))
        living = {identity for identity, (status, _, _) in factory.certificates().items() if status == "ACTIVE"}
        self.assertEqual({row["certificate_id"] for row in rows}, living)
        for row in rows:
            self.assertEqual((row["outcome"], row["certificate_state"], row["attempts"]), ("passed", "proven", "3"))
            pem = factory.folder / "pems" / f"{row['mac']}.pem.crt"
            told = subprocess.run(["openssl", "x509", "-in", pem, "-noout", "-serial"], capture_output=True, text=True,
                                  check=True).stdout.strip().removeprefix("serial=").lower().lstrip("0")
            self.assertEqual(row["certificate_serial"], told)
            self.assertNotIn(b"PRIVATE", pem.read_bytes())
        gone = rows[0]["mac"]
        self.assert_status(factory.run("registry", "retire", gone, "--reason", "scrapped"), 0)
        again = factory.run("ledger", "export", "--json", "--lot", "order-17").named("ledger_board")
        self.assertEqual({one["mac"]: one["outcome"] for one in again}, {gone: "retired", rows[1]["mac"]: "passed"})
        listed = factory.run("ledger", "list", "--json", "--outcome", "passed").named("ledger_attempt")
        self.assertEqual([one["mac"] for one in listed], [rows[1]["mac"]], "neither replaced nor retired ones count")
        # Another station's ledger, brought into a third.
        for _ in range(2):
            self.assert_status(factory.run("ledger", "merge", "ledger.sqlite", "--ledger", "office.sqlite"), 0)
        office = factory.run("ledger", "export", "--json", "--ledger", "office.sqlite").named("ledger_board")
        self.assertEqual([(one["mac"], one["outcome"]) for one in office],
                         [(one["mac"], one["outcome"]) for one in again])
        self.assert_error(factory.run("ledger", "merge", "office.sqlite", "--ledger", "office.sqlite", "--json"), 2,
                          "ledger_same")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
