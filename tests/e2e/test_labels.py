"""Labels: of each board that passes, on a real socket, by a real CUPS, in a folder; once more by hand; and a printer's
trouble, which is no board's."""

import os
import re
import shutil
import socket
import subprocess
import threading
import unittest

from bench import FactoryTest, wait_for


class SocketPrinter:
    """Takes what is sent to its port, one label a connection."""

    def __init__(self):
        self.labels = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                label = b""
                while piece := connection.recv(4096):
                    label += piece
                self.labels.append(label)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


# A backend that prints into a folder, and has no paper while there is a file that says so.
BACKEND = """#!/bin/sh
[ $# -gt 0 ] || { echo 'direct folder "Unknown" "a folder"'; exit 0; }
folder=${DEVICE_URI#folder:}
if [ -e "$folder/no-paper" ]; then echo 'ERROR: out of paper' >&2; exit 4; fi
cat "${6:--}" > "$folder/job-$1"
"""


class Cups:
    """CUPS's own scheduler on a socket of the test's own."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.paper = folder / "paper"
        for name in ("etc", "spool", "cache", "state", "tmp", "paper", "bin/backend", "bin/filter"):
            (folder / name).mkdir(parents=True)
        for name in ("spool", "cache", "state", "tmp", "paper"):
            shutil.chown(folder / name, "lp", "lp")
        for name in (folder.parent, folder):
            name.chmod(0o711)
        (folder / "bin/daemon").symlink_to("/usr/lib/cups/daemon")
        backend = folder / "bin/backend/folder"
        backend.write_text(BACKEND)
        backend.chmod(0o755)
        (folder / "cups-files.conf").write_text(
            f"ServerRoot {folder}/etc\nRequestRoot {folder}/spool\nCacheDir {folder}/cache\nStateDir {folder}/state\n"
            f"TempDir {folder}/tmp\nServerBin {folder}/bin\nDataDir /usr/share/cups\nUser lp\nGroup lp\n"
            f"SystemGroup root\nAccessLog {folder}/access\nErrorLog {folder}/error\nPageLog {folder}/page\n")
        (folder / "cupsd.conf").write_text(
            f"Listen {folder}/socket\nBrowsing Off\nWebInterface No\nDefaultAuthType None\n"
            "<Location />\nOrder allow,deny\nAllow all\n</Location>\n"
            "<Policy default>\n<Limit All>\nOrder deny,allow\n</Limit>\n</Policy>\n")
        self.environment = {**environment, "CUPS_SERVER": f"{folder}/socket", "LC_ALL": "C"}
        self.process = subprocess.Popen(["/usr/sbin/cupsd", "-f", "-c", folder / "cupsd.conf", "-s",
                                         folder / "cups-files.conf"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_for("CUPS", (folder / "socket").exists, self.process)
        self.do("lpadmin", "-p", "zebra", "-v", f"folder:{self.paper}", "-m", "raw", "-E")

    def do(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout

    def close(self):
        self.process.terminate()
        self.process.wait(20)


def codes(image):
    return subprocess.run(["zbarimg", "--quiet", "--nodbus", "--raw", image], capture_output=True, text=True,
                          check=False).stdout.split()


class Labels(FactoryTest):
    def prepared(self, *options, **factory):
        made = self.factory(**factory)
        self.assert_status(made.prepare(*options), 0)
        return made

    def test_each_board_that_passes_gets_its_label(self):
        factory = self.factory(boards=2)
        done = factory.run("prepare", "--json", "--port", factory.port(0), "--port", factory.port(1), "--lot", "order-17",
                           "--set", "label.printer=file:labels", "--set", "label.format=png")
        self.assert_status(done, 0)
        boards = {factory.mac(0), factory.mac(1)}
        self.assertEqual({event["mac"] for event in done.named("label_printed")}, boards)
        self.assertEqual({path.stem: codes(path) for path in (factory.folder / "labels").iterdir()},
                         {mac: [mac] for mac in boards})
        # Another run in the lot skips them: no second label.
        shutil.rmtree(factory.folder / "labels")
        again = factory.run("prepare", "--json", "--port", factory.port(0), "--lot", "order-17", "--set",
                            "label.printer=file:labels")
        self.assertEqual((len(again.named("board_skipped")), again.named("label_printed")), (1, []))
        self.assertFalse((factory.folder / "labels").exists())

    def test_a_printer_that_is_off_fails_no_board(self):
        printer = SocketPrinter()
        address = f"label.printer=tcp://127.0.0.1:{printer.port}"
        printer.close()
        factory = self.factory()
        done = factory.prepare("--set", address)
        self.assert_status(done, 0)
        self.assertEqual(len(done.named("board_passed")), 1)
        first, *_, last = done.named("label_trouble")
        self.assertEqual((first["code"], first["given_up"]), ("label_printer", False))
        self.assertTrue(last["given_up"])
        self.assertIn("Connection refused", last["reason"])
        self.assertIn(f"imprint label {factory.mac()} --print", last["mend"])
        told = factory.run("prepare", "--port", factory.port(0), "--set", address)
        self.assert_status(told, 0)
        self.assertIn(f"LABEL bay0 {factory.mac()}: the printer 127.0.0.1", told.output)
        # By hand, once it is on; and an error while it is not.
        self.assert_error(factory.run("label", factory.mac(), "--print", "--json", "--set", address), 3, "label_printer")
        printer = SocketPrinter()
        self.addCleanup(printer.close)
        self.assert_status(factory.run("label", factory.mac(), "--print", "--set",
                                       f"label.printer=tcp://127.0.0.1:{printer.port}"), 0)
        wait_for("the label", lambda: printer.labels)
        [label] = printer.labels
        self.assertRegex(label, rb"(?s)\A~HS\^XA.*\^PW400\^LL200.*\^XZ\n\Z")

    @unittest.skipUnless(os.geteuid() == 0, "cupsd runs as root")
    def test_cups_prints_and_its_trouble_is_told(self):
        factory = self.factory()
        cups = Cups(factory.folder / "cups", factory.environment())
        self.addCleanup(cups.close)
        printer = ["--set", "label.printer=cups:zebra"]
        server = {"CUPS_SERVER": f"{cups.folder}/socket"}
        done = factory.run("prepare", "--json", "--port", factory.port(0), *printer, environment=factory.environment(**server))
        self.assert_status(done, 0)
        [printed] = done.named("label_printed")
        self.assertEqual(printed["mac"], factory.mac())
        [job] = cups.paper.iterdir()
        self.assertEqual(job.read_bytes()[:5], b"%PDF-")
        self.assert_status(factory.run("label", factory.mac(), "--output", "same.pdf"), 0)
        self.assertEqual(job.read_bytes(), (factory.folder / "same.pdf").read_bytes())
        # CUPS takes this one, and finds that there is no paper.
        (cups.paper / "no-paper").touch()
        held = factory.run("label", factory.mac(), "--print", "--json", *printer, environment=factory.environment(**server))
        self.assert_error(held, 3, "label_printer")
        self.assertIn("CUPS holds the label", held.output)
        self.assertIn("out of paper", held.output)
        # The next one it does not get: the queue stands.
        stands = factory.run("label", factory.mac(), "--print", "--json", *printer, environment=factory.environment(**server))
        self.assert_error(stands, 3, "label_printer")
        self.assertIn("disabled since", stands.output)
        self.assertEqual(len(cups.do("lpstat", "-o", "zebra").splitlines()), 1)
        unknown = factory.run("label", factory.mac(), "--print", "--json", "--set", "label.printer=cups:none",
                              environment=factory.environment(**server))
        self.assert_error(unknown, 3, "label_printer")

    def test_a_template_that_makes_no_label_is_told_before_the_first_board(self):
        factory = self.factory()
        for item, code in (('{type="text",x=1,y=1,width=9,height=3,content="{seral}"}', "label_template"),
                           ('{type="text",x=1,y=1,width=60,height=3,content="{mac}"}', "label_template"),
                           ('{type="qr",x=1,y=1,size=5,content="{certificate_id}"}', "label_content"),
                           ('{type="qr",x=1,y=1,size=20,content="{lot}"}', "label_content")):
            refused = factory.prepare("--set", "label.printer=file:labels", "--set", f"label.item=[{item}]")
            self.assert_error(refused, 3, code)
            self.assertEqual(refused.named("board_started"), [])
        self.assertFalse((factory.folder / "ledger.sqlite").exists())
        doctor = factory.run("doctor", "--json", "--set", 'label.item=[{type="qr",x=1,y=1,size=5,content="{mac}"}]')
        [check] = [check for check in doctor.named("check") if check["name"] == "labels"]
        self.assertEqual((check["health"], check["code"]), ("fail", "label_content"))

    def test_labels_are_files_of_any_form(self):
        factory = self.prepared("--lot", "order-17")
        mac = factory.mac()
        shown = factory.run("label", mac)
        self.assert_status(shown, 0)
        self.assertTrue(shown.output.startswith("<svg "))
        written = factory.run("label", mac, "--output", "label.png", "--json")
        self.assert_status(written, 0)
        self.assertEqual([(one["path"], one["format"], one["boards"]) for one in written.named("label_written")],
                         [("label.png", "png", [mac])])
        self.assertEqual(codes(factory.folder / "label.png"), [mac])
        self.assert_status(factory.run("label", "--lot", "order-17", "--output", "labels/", "--format", "zpl"), 0)
        self.assertTrue((factory.folder / "labels" / f"{mac}.zpl").read_bytes().startswith(b"^XA"))
        (factory.folder / "own.toml").write_text(
            '[label]\nwidth = 30\nheight = 30\n[[label.item]]\ntype = "qr"\nx = 1\ny = 1\nsize = 28\n'
            'content = "{lot}/{firmware_version}"\n')
        self.assert_status(factory.run("label", mac, "--template", "own.toml", "--output", "own.png"), 0)
        self.assertEqual(codes(factory.folder / "own.png"), ["order-17/1.0.0"])
        sample = factory.run("label", "--sample", "--output", "sample.pdf")
        self.assert_status(sample, 0)
        facts = subprocess.run(["pdfinfo", factory.folder / "sample.pdf"], capture_output=True, text=True, check=True).stdout
        self.assertTrue(re.search(r"Page size: +141\.732 x 70\.8661 pts", facts), facts)

    def test_what_cannot_be_asked_for_is_told(self):
        factory = self.prepared()
        mac = factory.mac()
        for words, status, code in ((["246f28aaaaaa"], 6, "board_unknown"), (["--lot", "none"], 6, "board_unknown"),
                                    ([], 2, "bad_usage"), ([mac, "--sample"], 2, "bad_usage"),
                                    (["24:6f"], 2, "bad_mac"), ([mac, "--output", "label.jpg"], 2, "bad_usage"),
                                    ([mac, "--print"], 3, "label_printer"),
                                    ([mac, "--print", "--format", "png"], 2, "bad_usage"),
                                    ([mac, "--template", "none.toml", "--output", "x.svg"], 3, "file_missing")):
            self.assert_error(factory.run("label", "--json", *words), status, code)
        self.assert_status(factory.run("registry", "retire", mac, "--reason", "scrapped"), 0)
        gone = factory.run("label", mac, "--json")
        self.assert_error(gone, 6, "label_not_passed")
        self.assertIn("it is retired", gone.output)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
