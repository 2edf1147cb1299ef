# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of a report: validates its path before the wait, and writes it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import stat
import sys
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import LibraryMissing, OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable

HTML: t.Final = ".html"
FORMS: t.Final = (HTML, ".md")


def form_of(path: str) -> str:
    """Return V(.html) or V(.md), as in the path, or an empty string for any other extension."""
    ending = Path(path).suffix.lower()
    return ending if ending in FORMS else ""


def check_place(path: str, option: str) -> None:
    """Raise OptionError or LibraryMissing if no report can be written there. C(option) is the name for the user."""
    shown = printable(path, 200)
    if not form_of(path):
        raise OptionError(
            f"{option} must end with {' or '.join(FORMS)}, which selects the format of the report, not {shown!r}."
        )
    place = Path(path).absolute()
    if os.path.isdir(place):
        raise OptionError(f"{option} is {shown!r}, which is a directory: set a file in it.")
    if not os.path.isdir(place.parent):
        raise OptionError(
            f"{option} is {shown!r}, but the directory {str(place.parent)!r} does not exist: create it first."
        )
    if not os.access(place.parent, os.W_OK | os.X_OK):
        raise OptionError(
            f"{option} is {shown!r}, but you cannot write to the directory {str(place.parent)!r}: use another one."
        )
    if form_of(path) == HTML and importlib.util.find_spec("pygal") is None:
        raise LibraryMissing(
            f"{option} is a report in HTML, but the Python library pygal is missing for {sys.executable}: "
            f"install it there ({sys.executable} -m pip install pygal), or let {option} end with .md."
        )


def write(path: str, text: str) -> bool:
    """Replace the file atomically. Return false if it already has this content. Raises OSError.

    Only the owner can read a new file, because a report lists devices. An existing file keeps its mode.
    """
    place, content = Path(path).absolute(), text.encode("utf-8", "replace")
    mode = 0o600
    with contextlib.suppress(FileNotFoundError):
        mode = stat.S_IMODE(place.stat().st_mode)
        if place.read_bytes() == content:
            return False
    number, name = tempfile.mkstemp(prefix=f".{place.stem[:40]}-", suffix=".part", dir=place.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        os.chmod(name, mode)
        os.replace(name, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    return True
