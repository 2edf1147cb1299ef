# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site into dist/site, in the environment ``site``. Usage: ``python -m tools.site``.

``python -m tools.site FOLDER GUIDE ...`` only builds these guides into a folder, in a few seconds.

antsibull-docs creates the pages of the plugins and the role, as it does for docs.ansible.com. ``tools.site_pages``
creates the guides. Any warning of Sphinx and any dead link within the site makes the build fail.

``python -m tools.site --links`` requests every external link instead, including those on pages outside the site. It
needs the network, so no other check runs it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pypandoc
import yaml

from tools import site_links, site_pages, worktree
from tools.paths import NAME, NAMESPACE, ROOT, VENVS

OUTPUT = ROOT / "dist" / "site"
_WORK = VENVS / "site-work"
_COLLECTION = _WORK / "collections" / "ansible_collections" / NAMESPACE / NAME
_BIN = Path(sys.executable).parent
_PAGES = _WORK / "pages"
# The labels in Ansible's own documentation to which the pages of antsibull-docs link.
_ANSIBLE = {
    "action_plugins": ("plugins/action.html#action-plugins", "Action plugins"),
    "ansible_configuration_settings": ("reference_appendices/config.html", "Ansible configuration settings"),
    "common_return_values": ("reference_appendices/common_return_values.html", "Common return values"),
    "list_of_collections": ("collections/index.html", "Collections"),
    "module_defaults_groups": ("playbook_guide/playbooks_module_defaults.html", "Module defaults groups"),
    "inventory_plugins": ("plugins/inventory.html", "Inventory plugins"),
}
_MODULES = ("ansible.builtin.set_stats",)
_VARIABLES = ("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED",)


class SiteError(Exception):
    """The site has an error. The message describes it."""


def _inventory(work: Path) -> Path:
    """Write an inventory file for Sphinx with the parts of Ansible's documentation that the pages link to."""
    labels = dict(_ANSIBLE)
    for module in _MODULES:
        where = f"collections/{module.replace('.', '/')}_module.html"
        labels[f"ansible_collections.{module}_module"] = (where, module)
    head = b"# Sphinx inventory version 2\n# Project: Ansible\n# Version: latest\n"
    head += b"# The remainder of this file is compressed using zlib.\n"
    lines = [f"{label} std:label -1 {where} {title}\n" for label, (where, title) in labels.items()]
    lines += [f"{name} std:envvar -1 reference_appendices/config.html#envvar-{name} -\n" for name in _VARIABLES]
    path = work / "ansible.inv"
    path.write_bytes(head + zlib.compress("".join(lines).encode()))
    return path


def _run(name: str, arguments: list[str], work: Path, variables: dict[str, str]) -> None:
    done = subprocess.run(
        [str(_BIN / name), *arguments],
        cwd=work,
        env={**os.environ, "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(work), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SiteError(done.stdout)


class _Links(HTMLParser):
    """The links and the anchors of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the link and the anchor of a tag."""
        for name, value in attrs:
            if value and name in ("href", "src"):
                self.links.add(value)
            elif value and name == "id":
                self.anchors.add(value)


def dead_links(site: Path) -> list[str]:
    """Return the dead links within the site, each with its page.

    LinkChecker 10.6 finds the same, but needs 98 s of CPU time instead of 1 s.
    """
    pages = {}
    for path in site.rglob("*.html"):
        pages[path.resolve()] = _Links()
        pages[path.resolve()].feed(path.read_text(encoding="utf-8"))
    found = []
    for path, page in pages.items():
        for link in page.links:
            file, _hash, anchor = link.partition("#")
            target = (path.parent / file.partition("?")[0]).resolve() if file else path
            if "://" in link or link.startswith(("mailto:", "data:")):
                continue
            is_known = target.exists() and (not anchor or target not in pages or anchor in pages[target].anchors)
            if not is_known:
                found.append(f"{path.name}: {link}")
    return sorted(found)


def _with_pictures(folder: Path) -> None:
    """Make the guides show the pictures of the checkout instead of those of the last release."""
    shutil.copytree(ROOT / "docs" / "images", folder / "images")
    for path in folder.glob("*.rst"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f"{site_pages.RAW}docs/images/", "images/"), encoding="utf-8")


def with_captions(index: str) -> str:
    """Return the first page with a caption for each part of the navigation, and short names for plugins there."""
    lines: list[str] = []
    heading = ""
    for line in index.splitlines():
        if lines and line and not line.strip("=-~") and len(line) == len(lines[-1]):
            heading = lines[-1]
        lines.append(re.sub(r"^    (\w+)_(module|inventory|role)$", r"    \1 \2 <\1_\2>", line))
        if line.startswith("    :maxdepth:"):
            lines.append(f"    :caption: {heading.removesuffix(' Index')}")
    return "\n".join(lines) + "\n"


def _variables(work: Path) -> dict[str, str]:
    """Return the variables that Sphinx's settings in tests/site/conf.py read."""
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(work / "collections"),
        "SITE_INVENTORY": str(_inventory(work)),
        "SITE_REPOSITORY": galaxy["repository"],
        "SITE_VERSION": galaxy["version"],
    }


def _sphinx(builder: str, pages: Path, output: Path, work: Path, *options: str) -> None:
    arguments = ["-c", str(ROOT / "tests" / "site"), "-b", builder, "-q", "-j", "2", "-d", str(work / "doctrees")]
    _run("sphinx-build", [*arguments, *options, str(pages), str(output)], work, _variables(work))


def _write_sources() -> None:
    """Write the sources of all pages. Raises SiteError or site_pages.PageError."""
    shutil.rmtree(_WORK, ignore_errors=True)
    worktree.copy_to(_COLLECTION)
    site_pages.write_pages(_COLLECTION / "docs" / "docsite" / "rst", site_pages.page_names())
    variables = _variables(_WORK)
    lint = ["lint-collection-docs", "--plugin-docs", "--validate-collection-refs=self", str(_COLLECTION)]
    _run("antsibull-docs", lint, _WORK, variables)
    _PAGES.mkdir()
    collection = ["collection", "--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(_PAGES)]
    _run("antsibull-docs", [*collection, f"{NAMESPACE}.{NAME}"], _WORK, variables)
    _with_pictures(_PAGES / "docsite")
    index = _PAGES / "index.rst"
    index.write_text(with_captions(index.read_text(encoding="utf-8")), encoding="utf-8")


def build() -> int:
    """Build the site from scratch, and return the number of pages. Raises SiteError or site_pages.PageError."""
    _write_sources()
    shutil.rmtree(OUTPUT, ignore_errors=True)
    _sphinx("html", _PAGES, OUTPUT, _WORK, "-W", "--keep-going")
    dead = dead_links(OUTPUT)
    if dead:
        raise SiteError("These links lead nowhere:\n" + "\n".join(dead))
    return len(list(OUTPUT.rglob("*.html")))


def check_external_links() -> int:
    """Request every external link, and return the number of links. Raises SiteError or site_pages.PageError."""
    _write_sources()
    for page in ROOT.glob("*.md"):
        text = pypandoc.convert_text(page.read_text(encoding="utf-8"), "rst", format="gfm", extra_args=["--wrap=none"])
        (_PAGES / f"{page.stem}.rst").write_text(f":orphan:\n\n{text}", encoding="utf-8")
    output = _WORK / "links"
    failure = ""
    try:
        _sphinx("linkcheck", _PAGES, output, _WORK)
    except SiteError as error:
        failure = str(error)
    results = output / "output.json"
    report = site_links.read(results.read_text(encoding="utf-8")) if results.exists() else site_links.Report(0, ())
    if report.broken:
        raise SiteError("These external links are broken:\n" + "\n".join(report.broken))
    if failure or not report.checked:
        raise SiteError(failure or "Sphinx has found no external link")
    return report.checked


def build_guides(output: Path, guides: list[str]) -> None:
    """Build only some guides. Links to omitted pages become plain text. Raises SiteError or site_pages.PageError."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        pages = work / "pages"
        site_pages.write_pages(pages / "docsite", guides)
        _with_pictures(pages / "docsite")
        entries = "".join(f"   docsite/{guide}\n" for guide in guides)
        (pages / "index.rst").write_text(f"Guides\n======\n\n.. toctree::\n\n{entries}", encoding="utf-8")
        _sphinx("html", pages, output, work)


def main(arguments: list[str]) -> int:
    """Build the site or some of its guides, or check its external links, and print the result."""
    try:
        if arguments == ["--links"]:
            print(f"{check_external_links()} external links, all of them work")
        elif arguments:
            build_guides(Path(arguments[0]).absolute(), arguments[1:])
        else:
            print(f"{OUTPUT.relative_to(ROOT)}: {build()} pages, no warnings, no dead links within the site")
    except (SiteError, site_pages.PageError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
