# SPDX-License-Identifier: Apache-2.0
"""The gallery is one page in the repository, and one page for each part here."""
import re

from simul_site import markup

PART = re.compile(r"^## The programs of “(.*)”$", re.MULTILINE)
PROGRAM = re.compile(r"^### (.*)$", re.MULTILINE)
FOLDER = re.compile(r"/gallery/(\w+)/")
INDEX = "gallery/index.md"


class Gallery:
    """Its pages, `{path: text}`, and where each of its headings has gone, `{anchor: path}`."""

    def __init__(self, text):
        found = list(PART.finditer(text))
        self.pages = {INDEX: text[: found[0].start()] if found else text}
        self.homes = {}
        for part, end in zip(found, [other.start() for other in found[1:]] + [len(text)]):
            self._part(part[1], markup.slug(part[0].lstrip("# ")), text[part.end() : end])

    def _part(self, name, anchor, programs):
        folder = FOLDER.search(programs)
        path = f"gallery/{folder[1] if folder else markup.slug(name)}.md"
        if path in self.pages:
            path = f"gallery/{markup.slug(name)}.md"
        for program in PROGRAM.finditer(programs):
            self.homes[markup.slug(program[1])] = path
        self.homes[anchor] = path
        about = "A part of [the gallery](gallery.md), which names all programs and says how to run them.\n"
        programs = markup.prose(programs, lambda text: PROGRAM.sub(r"## \1", text))
        self.pages[path] = f"# {name}\n\n{about}{programs}"

    @property
    def parts(self):
        return [path for path in self.pages if path != INDEX]
