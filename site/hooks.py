# SPDX-License-Identifier: Apache-2.0
"""What MkDocs calls while it builds the site: see mkdocs.yml."""
import json
import sys
from pathlib import Path

from mkdocs.exceptions import PluginError

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT / "site") not in sys.path:
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(ROOT / "site"))

from simul_site import markup, pages, reference  # noqa: E402

STAGED = ROOT / "target" / "pages"
api = reference.Reference(ROOT)


def on_config(config):
    """Lays out the pages and the navigation; both follow from docs/README.md."""
    api.read()
    try:
        site = pages.Pages(ROOT, api)
        config["nav"] = site.stage(STAGED)
    except pages.SiteError as error:
        raise PluginError(str(error)) from error
    config["docs_dir"] = str(STAGED)
    config["repo_url"] = site.repository
    config["repo_name"] = site.repository.split("/", 3)[-1]
    config["edit_uri"] = ""
    toc = config["mdx_configs"].setdefault("toc", {})
    toc["slugify"] = markup.slug
    return config


def on_serve(server, config, builder):
    """The pages that are staged anew by each build do not ask for another one."""
    server.unwatch(config["docs_dir"])
    return server


def on_page_content(html, page, config, files):
    """Links names in the text to the reference."""
    return api.link_names(html, page.file.src_uri)


def on_post_build(config):
    """Puts the reference into the site and its names into the search, which needs no listings of sources."""
    site = Path(config["site_dir"])
    api.publish(site)
    index = site / "search" / "search_index.json"
    found = json.loads(index.read_text(encoding="utf-8"))
    found["docs"] = [entry for entry in found["docs"] if not entry["location"].startswith("source/")]
    if api.modules:
        found["docs"] += api.search_entries()
    index.write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
