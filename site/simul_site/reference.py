# SPDX-License-Identifier: Apache-2.0
"""The reference: what Dokka and Javadoc have left in target/api, a folder for each module, becomes a part of the site."""
import html
import json
import os
import posixpath
import re
import shutil
import urllib.parse
from fnmatch import fnmatch
from xml.etree import ElementTree

POM = {"pom": "http://maven.apache.org/POM/4.0.0"}
LOCATION = re.compile("^\\$dokka\\.location:([^\x1f]*)\x1f(.*)$")
UNRESOLVED = re.compile(r'<span data-unresolved-link="([^"]*)">(.*?)</span>', re.DOTALL)
# The address of the runtime in Javadoc's links: see the profile `docs` of the pom.
OFFLINE = re.compile(r'<a href="https://api\.invalid/simul-runtime/([^"#]*)\.html(?:#([^"]*))?"[^>]*>(.*?)</a>', re.DOTALL)
NAME = re.compile(r"<(a|pre|h[1-6])\b.*?</\1>|<code>([A-Za-z][A-Za-z0-9.]*)(?:\(\))?</code>", re.DOTALL)
# Pages on which a name may be that of another library, and those on which no word is only a name.
FOREIGN = ["adr/*", "*-cases.md", "gallery/*", "source/*", "guide/from-*", "changelog.md", "contributing.md", "comparison.md", "guide/comparison.md"]
FOREIGN += [f"guide/{name}.md" for name in ("drivers", "grpc", "redis", "mongodb", "postgresql", "durable-queue", "http", "kotlinx", "when-not")]
JAVA = ["guide/java.md"]
# Packages for the facade alone.
HIDDEN = ("dev.simul.interop", "dev.simul.bodies")


class Reference:
    def __init__(self, root):
        self.root = root
        self.folder = root / "target" / "api"
        self.modules = {}

    def read(self):
        """Reads what is built: the modules, and where each declaration is. There is nothing if `simul docs` has not built it, or leaves it out."""
        self.modules, self.locations = {}, {}
        self.kotlin, self.java = {}, {}
        if os.environ.get("SIMUL_SITE_API") == "no" or not (self.folder / "built").is_file():
            return
        for module in ElementTree.parse(self.root / "pom.xml").getroot().iterfind("pom:modules/pom:module", POM):
            pom = ElementTree.parse(self.root / module.text / "pom.xml").getroot()
            artifact = pom.findtext("pom:artifactId", namespaces=POM)
            if (self._built(artifact) / "index.html").is_file():
                self.modules[artifact] = pom.findtext("pom:description", namespaces=POM).strip()
        for artifact in self.modules:
            packages = self.folder / artifact / artifact / "package-list"
            if packages.is_file():
                self._read_dokka(artifact, packages.read_text(encoding="utf-8").split("\n"))
            else:
                self._read_javadoc(artifact)

    def _built(self, artifact):
        """Where the pages of an artifact were left; Javadoc's plugin adds a folder."""
        below = self.folder / artifact / "apidocs"
        return below if below.is_dir() else self.folder / artifact

    def _read_dokka(self, artifact, lines):
        for line in lines:
            location = LOCATION.match(line)
            if not location:
                continue
            place = f"{artifact}/{location[2]}"
            self.locations[location[1]] = place
            package, owner, name, taken = location[1].split("/")[:4]
            # Texts mean classes and the runtime's functions; what extends a class, or is a member of one, is named with it.
            is_function = name and not owner and artifact == "simul-runtime" and taken.startswith("#")
            if package.startswith(HIDDEN) or not (is_function or (owner and not name)):
                continue
            kind = f"in {package}, {artifact}"
            self._name(self.kotlin, owner or name, place, kind, package)

    def _read_javadoc(self, artifact):
        for entry in self._index(artifact, "type-search-index.js"):
            if "p" in entry:
                place = f"{artifact}/{entry['p'].replace('.', '/')}/{entry['l']}.html"
                self.locations[f"{entry['p']}/{entry['l']}///PointingToDeclaration/"] = place
                self._name(self.java, entry["l"], place, f"in {entry['p']}, {artifact}", entry["p"])
        for entry in self._index(artifact, "member-search-index.js"):
            if entry["c"] == "Asyncio" and "(" in entry["l"]:
                name = entry["l"].partition("(")[0]
                place = f"{artifact}/{entry['p'].replace('.', '/')}/Asyncio.html#{entry.get('u', entry['l'])}"
                self._name(self.java, name, place, f"of Asyncio, {artifact}", entry["p"])

    def _index(self, artifact, file):
        text = (self._built(artifact) / file).read_text(encoding="utf-8")
        return json.loads(text[text.index("[") : text.rindex("]") + 1])

    @staticmethod
    def _name(names, name, place, kind, package):
        """Of several with a name, that of the package further up, which is the one that texts mean."""
        if name not in names or len(package) < len(names[name][2]):
            names[name] = (place, kind, package)

    def pages(self):
        """The page that leads into the reference."""
        if not self.modules:
            return {}
        rows = "\n".join(
            f'<tr><td><a href="{name}/index.html"><code>{name}</code></a></td><td>{html.escape(about)}</td></tr>' for name, about in self.modules.items()
        )
        return {
            "api/index.md": "---\nhide: [toc]\n---\n# API reference\n\nEach artifact has a reference of its own. The search above finds their classes and "
            "functions, too. [Compatibility](../compatibility.md) says which of these stay as they are.\n\n"
            "<table><thead><tr><th>artifact</th><th>what is in it</th></tr></thead><tbody>\n" + rows + "\n</tbody></table>\n\n"
            "Java programs take `simul-facade`, and the classes that it shares with Kotlin, which are in `simul-runtime`.\n"
        }

    def navigation(self):
        return [{"API": ["api/index.md"]}] if self.modules else []

    def link_names(self, text, page):
        """The page with a link at the first mention of each name that has a place in the reference."""
        if not self.modules or page.startswith("api/") or any(fnmatch(page, pattern) for pattern in FOREIGN):
            return text
        names, seen = self.java if page in JAVA else self.kotlin, set()

        def link(code):
            name = code[2]
            if not name or name in seen or name not in names:
                return code[0]
            seen.add(name)
            place = posixpath.relpath(f"api/{names[name][0]}", posixpath.dirname(page) or ".")
            return f'<a class="simul-api" href="{html.escape(place)}">{code[0]}</a>'

        return NAME.sub(link, text)

    def publish(self, site):
        if not self.modules:
            return
        for artifact in self.modules:
            built = self._built(artifact)
            for source in built.rglob("*"):
                path = f"{artifact}/{source.relative_to(built).as_posix()}"
                home = site / "api" / path
                if source.is_dir():
                    continue
                home.parent.mkdir(parents=True, exist_ok=True)
                if source.suffix == ".html":
                    home.write_text(self._page(source.read_text(encoding="utf-8"), path), encoding="utf-8")
                elif source.name == "stylesheet.css":
                    # Some JDKs leave out Javadoc's fonts, and not what imports them.
                    home.write_text(re.sub(r"@import url\([^)]*\);", "", source.read_text(encoding="utf-8")), encoding="utf-8")
                else:
                    shutil.copyfile(source, home)

    def _page(self, text, path):
        """A page of the reference with links between the modules, and the way back to the guides."""
        here = posixpath.dirname(path)

        def link(place, content):
            return f'<a href="{html.escape(posixpath.relpath(place, here))}">{content}</a>' if place else content

        text = UNRESOLVED.sub(lambda span: link(self.locations.get(html.unescape(span[1])), span[2]) if html.unescape(span[1]) in self.locations else span[0], text)
        text = OFFLINE.sub(lambda a: link(self._runtime(a[1], a[2]), a[3]), text)
        text = self._without_lost_anchors(text, posixpath.basename(path))
        root = posixpath.relpath(".", here) + "/../"
        head = f'<link rel="stylesheet" href="{root}assets/api.css"><script src="{root}assets/api.js"></script></head>'
        bar = (
            f'<nav class="simul-bar" aria-label="Documentation"><a href="{root}index.html">Simul</a><a href="{root}documentation.html">Guides</a>'
            f'<a href="{root}api/index.html">API</a></nav>'
        )
        if 'class="root"' not in text:
            text = text.replace("<html ", '<html class="simul-javadoc" ', 1)
        return re.sub(r"(<body[^>]*>)", lambda body: body[1] + bar, text.replace("</head>", head, 1), count=1)

    @staticmethod
    def _without_lost_anchors(text, name):
        """The page with links to its head in place of those to anchors that Dokka or Javadoc have forgotten to make on it."""
        anchors = set(re.findall(r' (?:id|name|data-name)="([^"]*)"', text))

        def link(href):
            return href[0] if {href[1], urllib.parse.unquote(href[1])} & anchors else f'href="{name}"'

        return re.sub(rf'href="(?:{re.escape(name)})?#([^"]+)"', link, text)

    def _runtime(self, path, anchor):
        """Where Dokka has put what Javadoc would have put there."""
        package, _, name = path.rpartition("/")
        owner = f"{package.replace('/', '.')}/{name}/"
        member = re.match(r"\w+", anchor or "")
        if member:
            for found, place in self.locations.items():
                if found.startswith(f"{owner}{member[0]}/"):
                    return place
        return self.locations.get(f"{owner}//PointingToDeclaration/")

    def search_entries(self):
        for names in (self.kotlin, self.java):
            for name, (place, kind, _) in names.items():
                yield {"location": f"api/{place}", "title": name, "text": f"{name}, {kind}"}
