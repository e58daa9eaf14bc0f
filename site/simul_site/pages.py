# SPDX-License-Identifier: Apache-2.0
"""Which page of the site each file of the repository becomes, and what is in its navigation."""
import posixpath
import re
import shutil
from xml.etree import ElementTree

from simul_site import markup
from simul_site.gallery import INDEX, Gallery

POM = {"pom": "http://maven.apache.org/POM/4.0.0"}
NAMED = {"README.md": "index.md", "docs/README.md": "documentation.md", "docs/gallery.md": INDEX}
LANGUAGES = {".kt": "kotlin", ".java": "java", ".xml": "xml", ".py": "python", ".kts": "kotlin", ".yml": "yaml", ".sh": "bash", ".gradle": "groovy"}
STARTS = [("Learn it in Kotlin", "docs/guide/tutorial.md"), ("Learn it in Java", "docs/guide/java.md"), ("See programs", "docs/gallery.md")]
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//")


class SiteError(Exception):
    """What keeps the site from being built."""


class Pages:
    """The pages of the site, made of the repository at `root`; `api` is the reference, as far as it is built."""

    def __init__(self, root, api):
        self.root = root
        self.api = api
        self.repository = ElementTree.parse(root / "pom.xml").getroot().findtext("pom:scm/pom:url", namespaces=POM).strip()
        self.gallery = Gallery(self._read("docs/gallery.md"))
        self.homes = {}
        self.sources = []
        self._find()

    def _read(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def _find(self):
        """Pages are those of `docs` and of the root, and what these name: Markdown as pages, and other files as listings."""
        found = [path.relative_to(self.root).as_posix() for path in sorted((self.root / "docs").rglob("*.md"))]
        found += sorted(path.name for path in self.root.glob("*.md"))
        for path in found:
            self.homes[path] = self._home(path)
        for path in found:
            for link in markup.links(self._read(path)):
                target, _ = self._target(path, link)
                if target and target not in self.homes and not (self.root / target).is_dir() and not target.startswith("docs/"):
                    self.homes[target] = self._home(target)
                    (found if target.endswith(".md") else self.sources).append(target)

    @staticmethod
    def _home(path):
        if path in NAMED:
            return NAMED[path]
        folder, name = posixpath.split(path)
        if not path.endswith(".md"):
            return f"source/{path}.md"
        if folder == "":
            return name.lower()
        if path.startswith("docs/"):
            return posixpath.join(folder[5:], "index.md" if name == "README.md" else name)
        return f"{folder}.md" if name == "README.md" else path

    def _target(self, page, link):
        """The file that a link of a page names, from the root, and the rest of the link; (None, None) if it names none of the repository."""
        if ELSEWHERE.match(link):
            return None, None
        path, mark, anchor = link.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
        if target.startswith("..") or not (self.root / target).exists():
            return None, None
        if (self.root / target / "README.md").is_file():
            target = "README.md" if target == "." else f"{target}/README.md"
        return target, mark + anchor

    def link(self, page, home, link):
        """The link as the page at `home` has it in the site."""
        target, anchor = self._target(page, link)
        if target is None:
            return link
        if (self.root / target).is_dir():
            return f"{self.repository}/tree/main/{target}"
        if target == "docs/gallery.md" and anchor[1:] in self.gallery.homes:
            there = self.gallery.homes[anchor[1:]]
            anchor = "" if anchor.startswith("#the-programs-of") else anchor
        else:
            there = self.homes.get(target, target[5:] if target.startswith("docs/") else None)
        if there == home and anchor:
            return anchor
        return posixpath.relpath(there, posixpath.dirname(home) or ".") + anchor

    def stage(self, folder):
        """Writes all pages into the folder, and returns the navigation."""
        if folder.exists():
            shutil.rmtree(folder)
        for path, home in self.homes.items():
            if home == INDEX:
                for part, text in self.gallery.pages.items():
                    self._write(folder / part, self._page(path, part, text))
            elif path in self.sources:
                self._write(folder / home, self._listing(path))
            else:
                self._write(folder / home, self._page(path, home, self._read(path)))
        for path in (self.root / "docs").rglob("*"):
            if path.is_file() and path.suffix != ".md":
                home = folder / path.relative_to(self.root / "docs")
                home.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, home)
        for home, text in self.api.pages().items():
            self._write(folder / home, text)
        return self._navigation()

    @staticmethod
    def _write(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _page(self, path, home, text):
        text = markup.tabs(markup.relink(markup.lists(text), lambda link: self.link(path, home, link)))
        return self._front(text) if home == "index.md" else text

    def _front(self, text):
        """The front page, with the ways in below its first paragraph."""
        title, first, rest = text.split("\n\n", 2)
        ways = "".join(
            f'<a class="md-button{" md-button--primary" if path == STARTS[0][1] else ""}" href="{self.homes[path][:-3]}.html">{name}</a>'
            for name, path in STARTS
        )
        return f'{title}\n\n{first}\n\n<div class="simul-starts">{ways}</div>\n\n{rest}'

    def _listing(self, path):
        text = self._read(path)
        name = posixpath.basename(path)
        fence = "`" * max([3] + [len(run) + 1 for run in re.findall("`{3,}", text)])
        language = LANGUAGES.get(posixpath.splitext(name)[1], "text")
        lines = '' if language == "text" else ' linenums="1"'
        return (
            f"---\nhide: [toc]\n---\n# {name}\n\n`{path}`, [in the repository]({self.repository}/blob/main/{path})\n\n"
            f"{fence}{language}{lines}\n{text.rstrip()}\n{fence}\n"
        )

    def _navigation(self):
        """The groups of the documentation's index, and the pages that each of them names."""
        listed = {"README.md", "docs/README.md"}
        nav = [self._entry("README.md"), self._entry("docs/README.md")]
        for name, text in re.findall(r"^## (.*)\n((?:(?!^## ).*\n?)*)", self._read("docs/README.md"), re.MULTILINE):
            group = []
            for link in markup.links(text):
                path, _ = self._target("docs/README.md", link)
                if path and path.endswith(".md") and path not in listed:
                    group.append(self._section(path, listed))
            if group:
                nav.append({markup.plain(name): group})
        nav += self.api.navigation()
        missing = sorted(path for path in self.homes if path.endswith(".md") and path not in listed and (path.startswith("docs/") or "/" not in path))
        if missing:
            raise SiteError(f"docs/README.md names all pages but these, which the site would not show: {', '.join(missing)}. Add them to one of its tables.")
        return nav

    def _section(self, path, listed):
        """A page with those below it: the parts of the gallery, and the pages of a folder that has an index."""
        listed.add(path)
        if path == "docs/gallery.md":
            return {"The gallery": [INDEX] + [{markup.title(self.gallery.pages[part]): part} for part in self.gallery.parts]}
        if not path.startswith("docs/") or posixpath.basename(path) != "README.md":
            return self._entry(path)
        below = []
        for link in markup.links(self._read(path)):
            target, _ = self._target(path, link)
            if target and posixpath.dirname(target) == posixpath.dirname(path) and target.endswith(".md") and target not in listed:
                listed.add(target)
                below.append(self._entry(target))
        return {markup.title(self._read(path)): [self.homes[path]] + below}

    def _entry(self, path):
        return {markup.title(self._read(path)): self.homes[path]}
