"""The program and the broker's plug-in have what cmake/Hardening.cmake asks for: a flag that gets lost shows here."""

import os
import pathlib
import re
import subprocess
import unittest

PROGRAM = os.environ["IMPRINT"]
PLUGIN = os.environ["PLUGIN"]
BOTH = (PROGRAM, PLUGIN)
LAYERS = pathlib.Path(os.environ["LAYERS"])


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C"}).stdout


def imported(path):
    """Names without the library's version."""
    lines = output("nm", "--dynamic", "--undefined-only", path).splitlines()
    return {line.split()[-1].split("@")[0] for line in lines}


class Both(unittest.TestCase):
    def test_all_symbols_are_bound_at_the_start_and_their_table_is_read_only(self):
        for path in BOTH:
            self.assertRegex(output("readelf", "-dW", path), r"\(FLAGS_1\).*\bNOW\b", path)
            self.assertIn("GNU_RELRO", output("readelf", "-lW", path), path)

    def test_no_stack_is_executable(self):
        for path in BOTH:
            stack = re.search(r"GNU_STACK.*", output("readelf", "-lW", path)).group()
            self.assertRegex(stack, r" RW +0x", path)

    def test_calls_that_copy_are_checked(self):
        for path in BOTH:
            names = imported(path)
            self.assertIn("__memcpy_chk", names, path)
            self.assertIn("__snprintf_chk", names, path)

    def test_the_standard_librarys_assertions_are_on(self):
        for path in BOTH:
            self.assertIn("_ZSt21__glibcxx_assert_failPKciS0_S0_", imported(path), path)

    def test_stacks_are_guarded(self):
        for path in BOTH:
            self.assertIn("__stack_chk_fail", imported(path), path)


class Program(unittest.TestCase):
    def test_it_may_be_loaded_anywhere(self):
        self.assertRegex(output("readelf", "-dW", PROGRAM), r"\(FLAGS_1\).*\bPIE\b")
        self.assertRegex(output("readelf", "-hW", PROGRAM), r"Type: +DYN")

    @unittest.skipUnless(os.uname().machine == "x86_64", "looks for x86's instructions")
    def test_a_large_frame_is_touched_page_by_page_and_jumps_land_where_they_may(self):
        code = output("objdump", "-d", "--no-show-raw-insn", PROGRAM)
        self.assertRegex(code, r"orq +\$0x0,\(%rsp\)")
        self.assertGreater(code.count("endbr64"), 1000)


class Layers(unittest.TestCase):
    def test_each_has_guarded_stacks(self):
        libraries = sorted(LAYERS.glob("*/libimprint_*.a"))
        self.assertGreater(len(libraries), 15)
        for library in libraries:
            with self.subTest(library.name):
                self.assertIn("U __stack_chk_fail", output("nm", library))


if __name__ == "__main__":
    unittest.main()
