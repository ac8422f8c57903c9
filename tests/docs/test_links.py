"""Every link of every page leads somewhere: files, headings, pictures; offline. And the pages become those of the site."""

import pathlib
import subprocess
import tempfile
import unittest

import markdown


class Links(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_a_heading(self):
        anchors = {}
        wrong = []
        for path in markdown.pages():
            for line, target in markdown.read(path).links():
                if target.startswith(("https://", "http://", "mailto:")):
                    continue
                file, _, anchor = target.partition("#")
                there = (path.parent / file).resolve() if file else path
                where = f"{path.relative_to(markdown.ROOT)}:{line}: {target}"
                if not there.is_relative_to(markdown.ROOT) or not there.exists():
                    wrong.append(f"{where}: no such file")
                elif anchor and there.suffix == ".md":
                    if there not in anchors:
                        anchors[there] = markdown.read(there).anchors()
                    if anchor not in anchors[there]:
                        wrong.append(f"{where}: no such heading")
        self.assertEqual(wrong, [])

    def test_every_picture_is_shown_somewhere(self):
        shown = {(path.parent / target).resolve() for path in markdown.pages() for _, target in markdown.read(path).links()}
        there = {path for folder in ("recordings", "screens", "labels") for path in
                 (markdown.ROOT / "docs" / folder).iterdir() if path.suffix in (".png", ".svg")}
        self.assertEqual(there - shown, set())

    def test_nothing_in_a_page_is_taken_for_a_part_of_the_sites_own_pages(self):
        wrong = []
        for path in markdown.pages():
            for line, text in markdown.read(path).prose:
                outside = markdown.without_code(text)
                if "{{" in outside or (markdown.re.search(r"<[a-zA-Z]", outside) and "<!--" not in outside):
                    wrong.append(f"{path.relative_to(markdown.ROOT)}:{line}: {text}")
        self.assertEqual(wrong, [])

    def test_the_site_has_all_pages_and_no_link_out_of_them(self):
        with tempfile.TemporaryDirectory() as folder:
            script = markdown.ROOT / "docs" / "site" / "stage.mjs"
            done = subprocess.run(["node", "--input-type=module", "-e",
                                   f"import {{ stage }} from {str(script)!r}; stage({folder!r});"],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            staged = pathlib.Path(folder)
            pages = [path for path in staged.rglob("*.md")]
            self.assertEqual(len(pages), len(markdown.pages()))
            for path in pages:
                for line, target in markdown.read(path).links():
                    if target.startswith(("https://", "http://", "#")):
                        continue
                    file = target.partition("#")[0]
                    if file.startswith("/files/"):
                        there = staged / "public" / file[1:]
                    elif file.startswith("/"):
                        there = staged / (file[1:].removesuffix(".html") + ".md")
                    else:
                        there = path.parent / file
                    self.assertTrue(there.exists(), f"{path.relative_to(staged)}:{line}: {target}")

    def test_the_site_makes_the_same_anchors(self):
        headings = sorted({markdown.plain(text) for path in markdown.pages() for _, text in
                           markdown.read(path).headings()})
        script = markdown.ROOT / "docs" / "site" / "slug.mjs"
        done = subprocess.run(["node", "--input-type=module", "-e",
                               f"import {{ slug }} from {str(script)!r}; import {{ readFileSync }} from 'node:fs';"
                               "for (const line of readFileSync(0, 'utf8').trimEnd().split('\\n'))"
                               " console.log(slug(line));"],
                              input="\n".join(headings), capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(done.stdout.splitlines(), [markdown.slug(heading) for heading in headings])


class Markdown(unittest.TestCase):
    """The reader that the others trust."""

    def test_what_is_in_a_fence_is_no_link_and_no_heading(self):
        page = markdown.parse("# A `b`\n\n```sh not-run needs a board\n# no\n[x](y)\n```\n\n[z](w.md#a-b) `[q](r)`\n")
        self.assertEqual(page.anchors(), {"a-b"})
        self.assertEqual(page.links(), [(8, "w.md#a-b")])
        self.assertEqual((page.fences[0].line, page.fences[0].language, page.fences[0].marks),
                         (4, "sh", "not-run needs a board"))

    def test_a_heading_that_is_there_twice_gets_a_number(self):
        self.assertEqual(markdown.parse("## Keys\n## Keys\n").anchors(), {"keys", "keys-1"})

    def test_a_fence_without_an_end_is_an_error(self):
        with self.assertRaises(ValueError):
            markdown.parse("```\nno end\n")


if __name__ == "__main__":
    unittest.main()
