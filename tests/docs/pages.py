# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parses the pages of the documentation: blocks, headings, links, code words, tables, quotes."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools.paths import ROOT

EXAMPLES = "plugins/modules/campaign_info.py"


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, its first line there, its language, title and content."""

    page: str
    line: int
    language: str
    title: str
    content: str

    @property
    def name(self) -> str:
        """The page and line, in the format of editors."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Table:
    """A table: the texts of its head and rows, as Markdown."""

    head: list[str]
    rows: list[list[str]]


class Page:
    """A page. ``name`` is its path in the checkout."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._tokens = MarkdownIt("commonmark").enable("table").parse(text)

    @property
    def blocks(self) -> list[Block]:
        """Return all fenced or indented blocks."""
        return [self._block(token) for token in self._tokens if token.type in ("fence", "code_block")]

    @property
    def anchors(self) -> set[str]:
        """Return the anchors of the headings, as GitHub and Galaxy generate them."""
        return set(self._headings("h1", "h2", "h3", "h4"))

    @property
    def chapters(self) -> list[str]:
        """Return the anchors of the headings of the second level."""
        return self._headings("h2")

    @property
    def sections(self) -> list[str]:
        """Return the anchors of the headings of the third level."""
        return self._headings("h3")

    def _headings(self, *tags: str) -> list[str]:
        return [
            re.sub(r"[^\w -]", "", inline.content.lower()).replace(" ", "-")
            for heading, inline in zip(self._tokens, self._tokens[1:])
            if heading.type == "heading_open" and heading.tag in tags
        ]

    @property
    def paragraphs(self) -> list[str]:
        """Return the texts of all paragraphs, as Markdown."""
        pairs = zip(self._tokens, self._tokens[1:])
        return [inline.content for opened, inline in pairs if opened.type == "paragraph_open"]

    @property
    def links(self) -> list[str]:
        """Return the URLs of all links."""
        return [str(token.attrGet("href")) for token in self._inline() if token.type == "link_open"]

    @property
    def images(self) -> list[str]:
        """Return the URLs of all images."""
        return [str(token.attrGet("src")) for token in self._inline() if token.type == "image"]

    @property
    def code(self) -> list[str]:
        """Return the texts in backticks."""
        return [token.content for token in self._inline() if token.type == "code_inline"]

    @property
    def tables(self) -> list[Table]:
        """Return all tables."""
        found: list[list[list[str]]] = []
        for token, following in zip(self._tokens, [*self._tokens[1:], None]):
            if token.type == "table_open":
                found.append([])
            elif token.type == "tr_open":
                found[-1].append([])
            elif token.type in ("th_open", "td_open") and following is not None:
                found[-1][-1].append(following.content)
        return [Table(rows[0], rows[1:]) for rows in found]

    def table(self, *head: str) -> list[list[str]]:
        """Return the rows of the only table whose head begins with these texts."""
        (found,) = [table for table in self.tables if table.head[: len(head)] == list(head)]
        return found.rows

    @property
    def quotes(self) -> list[tuple[str, str]]:
        """Return each quote with the heading above it, both as one line of text without backticks."""
        found, heading, depth = [], "", 0
        for token, before in zip(self._tokens[1:], self._tokens):
            if before.type == "heading_open":
                heading = token.content.replace("`", "")
            depth += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
            if depth and token.type == "inline":
                found.append((heading, token.content))
        return found

    def _block(self, token: Token) -> Block:
        language, _blank, rest = token.info.strip().partition(" ")
        title = re.fullmatch(r'title="([^"]+)"', rest.strip())
        assert token.map is not None
        return Block(self.name, token.map[0] + 1, language, title[1] if title else rest, token.content)

    def _inline(self) -> Iterator[Token]:
        for token in self._tokens:
            yield from token.children or ()


@functools.cache
def page(name: str) -> Page:
    """Return the page with this path."""
    return Page(name, (ROOT / name).read_text(encoding="utf-8"))


@functools.cache
def pages() -> tuple[Page, ...]:
    """Return all Markdown pages for users."""
    patterns = ("README.md", "docs/*.md", "roles/*/README.md")
    return tuple(
        page(str(path.relative_to(ROOT))) for pattern in patterns for path in sorted(ROOT.glob(pattern), key=str)
    )


def blocks() -> list[Block]:
    """Return all blocks of all pages, and the examples of the module."""
    return [block for one in pages() for block in one.blocks] + [_examples(ROOT / EXAMPLES)]


def _examples(path: Path) -> Block:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EXAMPLES":
            return Block(EXAMPLES, node.lineno, "yaml", "", ast.literal_eval(node.value))
    raise LookupError(f"{path} has no EXAMPLES")


def codes(text: str) -> list[str]:
    """Return the texts in backticks in the text of a cell."""
    return re.findall(r"`([^`]+)`", text)
