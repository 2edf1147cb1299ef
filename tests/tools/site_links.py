# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parses the result of Sphinx's builder ``linkcheck``, a file with one JSON object for each use of a link. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

_NOT_REQUESTED = ("ignored", "unchecked")
_FINE = ("working", "redirected")


@dataclass(frozen=True)
class Report:
    """The number of requested links, and a line for each broken link, with its page, address and error."""

    checked: int
    broken: tuple[str, ...]


def read(text: str) -> Report:
    """Parse the lines of ``output.json``. Links with an unknown status, such as a rate limit, count as broken."""
    uses = [json.loads(line) for line in text.splitlines()]
    requested = [use for use in uses if use["status"] not in _NOT_REQUESTED]
    broken = {
        f"{use['filename']}:{use['lineno']}: {use['uri']}: {use['status']}: {use['info']}".removesuffix(": ")
        for use in requested
        if use["status"] not in _FINE
    }
    return Report(len({use["uri"] for use in requested}), tuple(sorted(broken)))
