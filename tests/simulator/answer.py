# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP answer as plain data, so that faults can change it before it is sent."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

JSON_TYPE = "application/json"


@dataclasses.dataclass(frozen=True)
class Answer:
    """Status, body and headers (name, value) of an answer. Content-Length is set when it is sent."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def with_header(self, name: str, value: str) -> Answer:
        """A copy in which the header ``name`` has this value only."""
        kept = tuple(header for header in self.headers if header[0].lower() != name.lower())
        return dataclasses.replace(self, headers=(*kept, (name, value)))


def json_bytes(content: Any) -> bytes:
    """Return JSON as the service writes it, without spaces."""
    return json.dumps(content, separators=(",", ":")).encode("utf-8")


def json_answer(content: Any, status: int = 200) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, json_bytes(content), (("Content-Type", JSON_TYPE),))


def text_answer(text: str, status: int, content_type: str) -> Answer:
    """An answer with a text body in UTF-8."""
    return Answer(status, text.encode("utf-8"), (("Content-Type", content_type),))
