# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The path of a report."""

from __future__ import annotations

import importlib.util
import os
import stat
import typing as t
from pathlib import Path

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import LibraryMissing, OptionError
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.place import check_place, form_of, write

OPTION: t.Final = "campaign_wait_report"


@pytest.mark.parametrize(
    ("path", "form"),
    [("a.html", ".html"), ("a.HTML", ".html"), ("a.b.md", ".md"), ("a.htm", ""), ("html", ""), (".md", ""), ("", "")],
)
def test_the_ending_is_the_form(path: str, form: str) -> None:
    assert form_of(path) == form


@pytest.mark.parametrize("name", ["r.html", "r.md", "r\u00e9sum\u00e9.html"])
def test_a_path_that_can_be_used(tmp_path: Path, name: str) -> None:
    check_place(str(tmp_path / name), OPTION)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("r.pdf", "must end with .html or .md"),
        ("folder.html", "is a directory: set a file in it"),
        ("none/r.html", "create it first"),
        ("file/r.html", "create it first"),
        ("n\0ne/r.html", "create it first"),
    ],
)
def test_a_path_that_cannot_be_used_is_one_sentence(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(OptionError) as refusal:
        check_place(str(tmp_path / name), OPTION)
    assert refusal.value.message.startswith(f"{OPTION} ")
    assert says in refusal.value.message
    assert refusal.value.message.isprintable()


def test_a_folder_that_must_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As root, all folders are writable.
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    with pytest.raises(OptionError, match="you cannot write"):
        check_place(str(tmp_path / "r.md"), OPTION)


def test_html_needs_a_library_and_markdown_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    check_place(str(tmp_path / "r.md"), OPTION)
    with pytest.raises(LibraryMissing) as missing:
        check_place(str(tmp_path / "r.html"), OPTION)
    assert all(word in missing.value.message for word in (OPTION, "pip install pygal", ".md"))


def test_a_file_is_written_whole_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    assert write(str(path), "one\n\ud800")
    assert path.read_text(encoding="utf-8") == "one\n?"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["r.html"]


def test_a_file_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o664)
    assert write(str(path), "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    assert not write(str(path), "new")


def test_a_file_that_cannot_be_replaced_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.html"
    path.write_text("old", encoding="utf-8")

    def full_disk(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write(str(path), "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["r.html"]
