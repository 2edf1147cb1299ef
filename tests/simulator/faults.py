# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that disturb the service: which requests they hit, and for how long."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from simulator.counters import KINDS, Kind
from simulator.errors import GATEWAY_NAMES

Action = Literal[
    "status",
    "gateway",
    "html",
    "not_json",
    "truncated",
    "empty",
    "reset",
    "close",
    "hang",
    "slow",
    "redirect",
    "huge",
    "wrong_encoding",
    "echo_secrets",
    "extra_fields",
    "date",
    "cursor_stuck",
    "duplicate_device",
]

# About the pages of device reports, whatever else a rule says.
_REPORT_ACTIONS = ("cursor_stuck", "duplicate_device")
_NEEDED = {
    "status": "status",
    "gateway": "name",
    "redirect": "url",
    "extra_fields": "fields",
    "date": "value",
}


@dataclasses.dataclass
class FaultRule:
    """A rule. It matches by kind (one or a list of those in the counters) and by a part of the path.

    skip: so many matching requests pass first; times: so many are hit then (absent: all).
    The other fields belong to single actions:

    * status: ``status`` with ``json`` or ``text`` as body, and ``headers``;
    * gateway: ``name`` of a gateway body (900901, 900902, 900906, 900800, xml_403, xml_404);
    * slow: ``seconds`` (real) between two bytes; redirect: ``url``; huge: ``mib``;
    * wrong_encoding: bytes that are no UTF-8, or with ``name`` gzip a false Content-Encoding;
    * extra_fields: ``fields`` put into the JSON object of the answer; date: ``value`` of the Date header;
    * cursor_stuck: a page of a device report says that there is more, behind the cursor that was asked for;
    * duplicate_device: such a page starts with the last device of the page before. It hits no first page.

    ``status`` and ``headers`` are also taken by html, not_json, empty and echo_secrets.
    """

    action: Action
    kind: Kind | list[Kind] | None = None
    path: str | None = None
    skip: int = 0
    times: int | None = None
    status: int | None = None
    json: Any = None
    text: str | None = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    name: str | None = None
    seconds: float = 0.05
    url: str | None = None
    mib: int = 16
    fields: dict[str, Any] | None = None
    value: str | None = None
    seen: int = dataclasses.field(default=0, init=False)
    used: int = dataclasses.field(default=0, init=False)

    def __post_init__(self) -> None:
        needed = _NEEDED.get(self.action)
        if needed is not None and getattr(self, needed) is None:
            raise ValueError(f"the action {self.action!r} needs {needed!r}")
        if self.action == "gateway" and self.name not in GATEWAY_NAMES:
            raise ValueError(f"the name of a gateway body is one of {', '.join(GATEWAY_NAMES)}")
        if self.action in _REPORT_ACTIONS:
            if self.kind not in (None, "device_report"):
                raise ValueError(f"the action {self.action!r} is for the kind device_report only")
            self.kind = "device_report"
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError("status must be from 200 to 599")
        if self.skip < 0 or (self.times is not None and self.times < 1):
            raise ValueError("skip must be 0 or more, times 1 or more")
        if self.seconds < 0 or self.mib < 1:
            raise ValueError("seconds must be 0 or more, mib 1 or more")

    def matches(self, kind: Kind, path: str, cursor: int = 0) -> bool:
        """Whether the rule is about this request (its skip and times not regarded).

        ``cursor`` is that of a page of a device report, 0 for the first page.
        """
        if self.action == "duplicate_device" and not cursor:
            return False
        kinds = KINDS if self.kind is None else [self.kind] if isinstance(self.kind, str) else self.kind
        return kind in kinds and (self.path is None or self.path in path)


class FaultBook:
    """All rules; the first one that matches and is not used up wins."""

    def __init__(self, rules: list[FaultRule]) -> None:
        self.rules = rules

    def take(self, kind: Kind, path: str, cursor: int = 0) -> FaultRule | None:
        """The rule for a request, if any; counts it as used."""
        for rule in self.rules:
            if not rule.matches(kind, path, cursor):
                continue
            rule.seen += 1
            if rule.seen <= rule.skip or (rule.times is not None and rule.used >= rule.times):
                continue
            rule.used += 1
            return rule
        return None
