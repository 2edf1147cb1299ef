# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Converts the guides from Markdown to the reStructuredText of docs.ansible.com: labels, links, titles, diagrams.

The only source of the guides is ``docs/*.md``. The quick start consists of the first chapters of ``README.md``.
Usage: ``python -m tools.site_pages FOLDER``, in the environment ``site``.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pypandoc
import yaml
from mermaidx import Diagram

from tools import site_event_sources
from tools.paths import NAME, NAMESPACE, ROOT

QUICK_START, EVENT_SOURCES = "quick_start", "event_sources"
_DOCSITE = ROOT / "docs" / "docsite"
_LABELS = f"ansible_collections.{NAMESPACE}.{NAME}.docsite"
_FORGE = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"] + "/blob/main/"
RAW = _FORGE.replace("https://github.com/", "https://raw.githubusercontent.com/").replace("/blob/", "/")
_READER = "commonmark_x-smart+gfm_auto_identifiers"
# The scale at which the texts of a diagram are as large as those of the page.
_LEAST_SCALE = 0.48
_FIRST_CHAPTER, _NEXT_CHAPTER = "## Install the collection", "## What the collection contains"

Node = dict[str, Any]
_DROPPED: Node = {}


class PageError(Exception):
    """A page cannot be converted. The message says which one and why."""


def page_names() -> list[str]:
    """Return the pages in the order of the site, which is that of ``docs/docsite/extra-docs.yml``."""
    listed = yaml.safe_load((_DOCSITE / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    return [name for section in listed for name in section["toctree"]]


def markdown_of(name: str) -> str:
    """Return the source of a page."""
    if name == EVENT_SOURCES:
        return site_event_sources.markdown()
    if name != QUICK_START:
        return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    _before, first, rest = (ROOT / "README.md").read_text(encoding="utf-8").partition(_FIRST_CHAPTER)
    chapters, following, _after = rest.partition(_NEXT_CHAPTER)
    if not first or not following:
        raise PageError(f"README.md has no longer the chapters {_FIRST_CHAPTER!r} and {_NEXT_CHAPTER!r}")
    return f"# Quick start\n\n{first}{chapters}"


def write_pages(folder: Path, names: Sequence[str]) -> list[Path]:
    """Write these pages as reStructuredText into a folder. Raises PageError."""
    folder.mkdir(parents=True, exist_ok=True)
    trees = {name: _tree_of(name) for name in page_names()}
    anchors = {name: {header["c"][1][0] for header in _headers(tree["blocks"])} for name, tree in trees.items()}
    written = []
    for name in names:
        tree = trees[name]
        page = _Page(name, anchors)
        tree["blocks"] = page.blocks(tree["blocks"])
        arguments = ["--wrap=none", "--list-tables=true"]
        text = pypandoc.convert_text(json.dumps(tree), "rst", format="json", extra_args=arguments)
        text = _with_blank_lines(text)
        path = folder / f"{name}.rst"
        path.write_text(f"{_HEADER}\n.. _{_LABELS}.{name}:\n\n{text}", encoding="utf-8")
        written.append(path)
    return written


_HEADER = """..
  Copyright (c) 2026, The fleetops.thingspace authors
  GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later
"""


# A directive at the beginning of a line or of a list item.
_DIRECTIVE = re.compile(r"(\s*(?:(?:[-*]|\d+\.)\s+)*)\.\. [\w-]+::")


def _with_blank_lines(text: str) -> str:
    """Add the blank lines after labels and code blocks that pandoc omits.

    Do not add lines within code blocks: YAML has many lines that are less indented than the previous line.
    """
    lines: list[str] = []
    block: int | None = None
    for line in text.splitlines():
        before = lines[-1] if lines else ""
        is_end = block is not None and bool(line.strip()) and len(line) - len(line.lstrip()) <= block
        block = None if is_end else block
        if line.strip() and before.strip() and (is_end or re.match(r"\.\. _\S+:$", before)):
            lines.append("")
        found = _DIRECTIVE.match(line) if block is None else None
        block = len(found[1]) if found else block
        lines.append(line)
    return "\n".join(lines) + "\n"


def _tree_of(name: str) -> Node:
    # Convert attributes to pandoc's format: ```{.yaml title="gate.yml"}
    text = re.sub(r'^(\s*```)(\w+) (title="[^"]+")$', r"\1{.\2 \3}", markdown_of(name), flags=re.MULTILINE)
    tree: Node = json.loads(pypandoc.convert_text(text, "json", format=_READER))
    return tree


def _headers(blocks: list[Node]) -> Iterator[Node]:
    return (block for block in blocks if block["t"] == "Header")


class _Page:
    """Rewrites the tree of one page. ``anchors`` are those of all pages."""

    def __init__(self, name: str, anchors: dict[str, set[str]]) -> None:
        self._name = name
        self._anchors = anchors

    def blocks(self, blocks: list[Node]) -> list[Node]:
        """Return the blocks with labels before headings, without comments and the table of contents."""
        kept = [block for block in blocks if not self._is_contents(block)]
        return [new for block in kept for new in self._block(block)]

    def _is_contents(self, block: Node) -> bool:
        """Whether the block is the table of contents, which Sphinx generates itself."""
        if block["t"] != "BulletList":
            return False
        links = [node for node in _walk(block) if node.get("t") == "Link"]
        return len(links) == len(block["c"]) and all(link["c"][2][0].startswith("#") for link in links)

    def _block(self, block: Node) -> list[Node]:
        kind = block["t"]
        if kind == "RawBlock":
            return []
        if kind == "CodeBlock":
            return [_code(block)]
        if kind == "Header":
            anchor = block["c"][1][0]
            block["c"][1] = ["", [], []]
            label = [] if block["c"][0] == 1 else [_raw(f".. _{_LABELS}.{self._name}.{anchor}:")]
            return [*label, self._with_links(block)]
        return [self._with_links(block)]

    def _with_links(self, node: Node) -> Node:
        changed: Node = _mapped(node, self._changed)
        return changed

    def _changed(self, node: Node) -> Node | None:
        if node["t"] == "Image":
            # docs.ansible.com does not accept pictures from collections.
            inside = self._inside(node["c"][2][0])
            node["c"][2][0] = node["c"][2][0] if inside is None else RAW + inside
            return None
        return self._link(node) if node["t"] == "Link" else _nested(node)

    def _link(self, node: Node) -> Node | None:
        target = node["c"][2][0]
        file, _hash, anchor = target.partition("#")
        inside = file.removeprefix(_FORGE) if file.startswith(_FORGE) else self._inside(file)
        if inside is None:
            return None
        name = self._name if not inside else Path(inside).stem if Path(inside).parent == Path("docs") else ""
        if inside == "README.md" and anchor in self._anchors[QUICK_START]:
            name = QUICK_START
        if name not in self._anchors:
            node["c"][2][0] = _FORGE + inside + (f"#{anchor}" if anchor else "")
            return node
        if anchor and anchor not in self._anchors[name]:
            raise PageError(f"{self._name}: {target} leads to no heading")
        label = ".".join(part for part in (_LABELS, name, anchor) if part)
        text = _text(node["c"][1]).replace("<", "").replace("`", "")
        return {"t": "RawInline", "c": ["rst", f":ref:`{text} <{label}>`"]}

    def _inside(self, file: str) -> str | None:
        """Return the path in the repository, an empty path for the page itself, or None for an external address."""
        if "://" in file:
            return None
        if not file:
            return ""
        here = ROOT if self._name == QUICK_START else ROOT / "docs"
        return str((here / file).resolve().relative_to(ROOT))


def _code(block: Node) -> Node:
    (_identifier, classes, attributes), content = block["c"]
    language = classes[0] if classes else "text"
    if language == "mermaid":
        return _raw(f".. raw:: html\n\n   {_drawn(content)}")
    caption = [f"   :caption: {value}" for key, value in attributes if key == "title"]
    lines = [f"   {line}".rstrip() for line in content.splitlines()]
    return _raw("\n".join([f".. code-block:: {language}", *caption, "", *lines]))


def _drawn(diagram: str) -> str:
    """Return the diagram as a single line of HTML, as wide as the page, but not too narrow to read."""
    name = f"diagram-{zlib.crc32(diagram.encode()):08x}"
    svg = re.sub(r"\s+", " ", Diagram(diagram).svg()).replace("my-svg", name)
    width = float(re.findall(r"max-width: ([\d.]+)px", svg)[0])
    svg = svg.replace("max-width:", f"min-width: {width * _LEAST_SCALE:.0f}px; max-width:", 1)
    return f'<div class="diagram" role="region" tabindex="0" aria-label="Diagram">{svg}</div>'


def _nested(node: Node) -> Node | None:
    """Convert code and comments within lists and quotes."""
    if node["t"] == "CodeBlock":
        return _code(node)
    return _DROPPED if node["t"] == "RawBlock" and node["c"][0] == "html" else None


def _raw(text: str) -> Node:
    return {"t": "RawBlock", "c": ["rst", text]}


def _mapped(node: Any, change: Callable[[Node], Node | None]) -> Any:
    """Return a copy of the tree in which ``change`` replaces nodes. Nodes for which it returns None stay the same."""
    if isinstance(node, list):
        return [new for new in (_mapped(item, change) for item in node) if new is not _DROPPED]
    if not isinstance(node, dict):
        return node
    changed = change(node) if "t" in node else None
    return changed if changed is not None else {key: _mapped(value, change) for key, value in node.items()}


def _walk(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _walk(child)


def _text(inlines: list[Node]) -> str:
    blank = {"Space": " ", "SoftBreak": " "}
    parts = []
    for node in _walk(inlines):
        kind = node.get("t")
        if kind == "Str":
            parts.append(node["c"])
        elif kind == "Code":
            parts.append(node["c"][1])
        else:
            parts.append(blank.get(str(kind), ""))
    return "".join(parts)


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]), page_names())
