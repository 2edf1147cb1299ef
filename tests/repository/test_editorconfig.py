# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The editor settings agree with the linters and with every file in the repository."""

from __future__ import annotations

import re

import editorconfig
import pytest
import tomllib
import yaml

from tools import worktree
from tools.paths import ROOT

_INDENT = {"space": re.compile(r" *(?!\t)"), "tab": re.compile(r"\t*")}


def settings(name: str) -> dict[str, str]:
    """Return the editor settings for a file of the checkout."""
    return dict(editorconfig.get_properties(str(ROOT / name)))


def faults(data: bytes, told: dict[str, str]) -> list[str]:
    """Return the settings that a text does not follow."""
    lines = data.decode(told["charset"]).split("\n")
    found = {
        "end_of_line": b"\r\n" in data,
        "insert_final_newline": bool(data) and not data.endswith(b"\n"),
        "trim_trailing_whitespace": any(line != line.rstrip(" \t") for line in lines),
        "indent_style": told.get("indent_style") == "space"
        and any(re.match(r" *\t", line) for line in lines)
        or told.get("indent_style") == "tab"
        and any(re.match(r" +\S", line) for line in lines),
    }
    return [name for name, is_wrong in found.items() if is_wrong and told.get(name, "unset") not in ("unset", "false")]


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"a\n", []),
        (b"", []),
        (b"a", ["insert_final_newline"]),
        (b"a \n", ["trim_trailing_whitespace"]),
        (b"\ta\n", ["indent_style"]),
        (b"a\r\n", ["end_of_line"]),
    ],
)
def test_a_text_that_has_them_not_is_found(data: bytes, wrong: list[str]) -> None:
    assert faults(data, settings("some.py")) == wrong


def test_every_file_of_the_tree_has_them() -> None:
    found = {}
    for path in worktree.known_files():
        data = (ROOT / path).read_bytes()
        wrong = [] if b"\0" in data else faults(data, settings(str(path)))
        if wrong:
            found[str(path)] = wrong
    assert not found


def test_the_longest_lines_are_those_of_the_linters() -> None:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    yamllint = yaml.safe_load((ROOT / ".yamllint").read_text(encoding="utf-8"))["rules"]
    assert settings("some.py")["max_line_length"] == str(ruff["line-length"])
    assert settings("some.yml")["max_line_length"] == str(yamllint["line-length"]["max"])
