# SPDX-License-Identifier: Apache-2.0
"""What the pages of the site are made into, on small repositories: `python3 -m unittest discover site/test`."""
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from simul_site import markup, pages, reference  # noqa: E402
from simul_site.gallery import Gallery  # noqa: E402

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <scm><url>https://example.invalid/simul</url></scm>
</project>"""
INDEX = """# Documentation

## To begin

| you want | read |
| --- | --- |
| to learn it | [the tutorial](guide/tutorial.md) and [the guide](guide/java.md) |
| programs | [the gallery](gallery.md) |
| why | [the records](adr/README.md) |
"""
GALLERY = """# The gallery

Programs: [one](#one), [the rest](#the-programs-of-a-rest).

## The programs of “First steps”

### one

See [one](../demo/gallery/steps/One.kt).

```text
### not a program
```

## The programs of “A rest”

### two

After [one](#one).
"""


class MarkupTest(unittest.TestCase):
    def test_anchors_are_those_of_github(self):
        self.assertEqual("what-cancel-does", markup.slug("What `cancel()` does"))
        self.assertEqual("a--b_c-1", markup.slug("A & B_c, 1"))

    def test_a_block_ends_where_its_own_fence_ends(self):
        text = "a\n````md\n```kotlin\n````\nb\n"
        self.assertEqual([None, "md", None], [language for language, _ in markup.blocks(text)])
        self.assertEqual(text, "".join("".join(lines) for _, lines in markup.blocks(text)))

    def test_what_is_in_lists_is_indented_by_four(self):
        text = "They are:\n- a\n  b\n  - c\n\n    ```sh\n    - d\n      e\n    ```\n- f\n\n1. g\n\n   h\n\ni\n| a |\n| - |\n\n    code\n"
        wanted = (
            "They are:\n\n- a\n    b\n    - c\n\n        ```sh\n        - d\n          e\n        ```\n- f\n\n1. g\n\n    h\n\ni\n\n| a |\n| - |\n\n    code\n"
        )
        self.assertEqual(wanted, markup.lists(text))
        for same in ("```\nx\n- a\n  b\n| c |\n```\n", "a\n\nb - c\n"):
            self.assertEqual(same, markup.lists(same))

    def test_links_are_changed_and_code_is_not(self):
        text = "[a](x.md) `[b](x.md)`\n\n```\n[c](x.md)\n```\n![d](x.svg) <a href=\"y.md\">e</a> [`f(x)`](z.md)\n"
        changed = markup.relink(text, lambda link: link.upper())
        self.assertEqual("[a](X.MD) `[b](x.md)`\n\n```\n[c](x.md)\n```\n![d](X.SVG) <a href=\"Y.MD\">e</a> [`f(x)`](Z.MD)\n", changed)
        self.assertEqual(["x.md", "x.svg", "y.md", "z.md"], markup.links(text))

    def test_kotlin_and_java_become_tabs_where_nothing_is_between_them(self):
        kotlin, java = "```kotlin\nval a = 1\n\nval b = 2\n```\n", "```java\nint a;\n```\n"
        tabs = '=== "Kotlin"\n\n    ```kotlin\n    val a = 1\n\n    val b = 2\n    ```\n\n=== "Java"\n\n    ```java\n    int a;\n    ```\n'
        self.assertEqual(f"Both:\n\n{tabs}\nEnd.\n", markup.tabs(f"Both:\n\n{kotlin}\n{java}\nEnd.\n"))
        for apart in (f"{kotlin}\nIn Java:\n\n{java}", f"{kotlin}\n{kotlin}", f"- a\n\n  {kotlin}", kotlin, "No code.\n"):
            self.assertEqual(apart, markup.tabs(apart))

    def test_pairs_that_follow_each_other_stay_apart(self):
        pair = "```kotlin\na\n```\n\n```java\nb\n```\n\n"
        self.assertEqual(4, markup.tabs(pair + pair).count("=== "))
        self.assertEqual(pair.count("```") * 2, markup.tabs(pair + pair).count("```"))


class GalleryTest(unittest.TestCase):
    def test_each_part_is_a_page_and_its_programs_are_found_there(self):
        gallery = Gallery(GALLERY)
        self.assertEqual(["gallery/steps.md", "gallery/a-rest.md"], gallery.parts)
        self.assertEqual("gallery/steps.md", gallery.homes["one"])
        self.assertIn("\n## one\n", gallery.pages["gallery/steps.md"])
        self.assertIn("\n### not a program\n", gallery.pages["gallery/steps.md"])
        self.assertNotIn("## The programs", "".join(gallery.pages.values()))


class PagesTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        self.write("pom.xml", POM)
        self.write("README.md", "# Simul\n\nIt is.\n\nSee [all](docs/README.md), [the licence](LICENSE), [examples](examples), [one](docs/gallery.md#one).\n")
        self.write("LICENSE", "Do.\n")
        self.write("examples/a/pom.xml", POM)
        self.write("demo/gallery/steps/One.kt", "val one = 1\n")
        self.write("docs/README.md", INDEX)
        self.write("docs/gallery.md", GALLERY)
        self.write("docs/adr/README.md", "# Records\n\n- [1](0001-one.md)\n")
        self.write("docs/adr/0001-one.md", "# One\n")
        self.write("docs/guide/tutorial.md", "# Tutorial in `Kotlin`\n\n[two](../gallery.md#two) [up](../../README.md) [gone](gone.md)\n")
        self.write("docs/guide/java.md", "# Java\n")
        self.write("docs/guide/a.svg", "<svg/>")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def stage(self):
        api = reference.Reference(self.root)
        api.read()
        return pages.Pages(self.root, api).stage(self.root / "staged")

    def staged(self, path):
        return (self.root / "staged" / path).read_text(encoding="utf-8")

    def test_the_navigation_is_that_of_the_index(self):
        gallery = {"The gallery": ["gallery/index.md", {"First steps": "gallery/steps.md"}, {"A rest": "gallery/a-rest.md"}]}
        records = {"Records": ["adr/index.md", {"One": "adr/0001-one.md"}]}
        begin = [{"Tutorial in Kotlin": "guide/tutorial.md"}, {"Java": "guide/java.md"}, gallery, records]
        self.assertEqual([{"Simul": "index.md"}, {"Documentation": "documentation.md"}, {"To begin": begin}], self.stage())

    def test_a_page_that_the_index_leaves_out_is_an_error(self):
        self.write("docs/guide/lost.md", "# Lost\n")
        with self.assertRaisesRegex(pages.SiteError, "docs/guide/lost.md"):
            self.stage()

    def test_links_lead_to_where_the_pages_are(self):
        self.stage()
        self.assertIn("[all](documentation.md), [the licence](source/LICENSE.md)", self.staged("index.md"))
        self.assertIn("[examples](https://example.invalid/simul/tree/main/examples), [one](gallery/steps.md#one)", self.staged("index.md"))
        self.assertIn("[two](../gallery/a-rest.md#two) [up](../index.md) [gone](gone.md)", self.staged("guide/tutorial.md"))
        self.assertIn("[one](steps.md#one), [the rest](a-rest.md)", self.staged("gallery/index.md"))
        self.assertIn("(../source/demo/gallery/steps/One.kt.md)", self.staged("gallery/steps.md"))
        self.assertIn("After [one](steps.md#one)", self.staged("gallery/a-rest.md"))

    def test_files_that_pages_name_are_shown_and_others_are_copied(self):
        self.stage()
        self.assertIn("val one = 1", self.staged("source/demo/gallery/steps/One.kt.md"))
        self.assertIn("https://example.invalid/simul/blob/main/LICENSE", self.staged("source/LICENSE.md"))
        self.assertEqual("<svg/>", self.staged("guide/a.svg"))


if __name__ == "__main__":
    unittest.main()
