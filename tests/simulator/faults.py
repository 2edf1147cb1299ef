# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fault rules: what they do, and which requests they match."""

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
    "content_type",
    "date",
    "wrong_name",
    "cursor_stuck",
    "duplicate_device",
    "endless_report",
]

# These match only device reports, whatever ``kind`` and ``path`` say.
_REPORT_ACTIONS = ("cursor_stuck", "duplicate_device", "endless_report")
_MIDWAY_ACTIONS = ("reset", "close", "hang")
_NEEDED = {
    "status": "status",
    "gateway": "name",
    "redirect": "url",
    "extra_fields": "fields",
    "content_type": "value",
}
_NAMES = {
    "gateway": GATEWAY_NAMES,
    "wrong_encoding": (None, "gzip", "utf-16"),
    "huge": (None, "gzip"),
}


@dataclasses.dataclass
class FaultRule:
    """A fault rule. It matches requests by their kind (one or several of those in the counters) and a part of the path.

    It hits the matching requests that meet all these conditions:

    * ``skip``: the number of requests that are not hit first; ``times``: how many are hit then (default: all);
    * ``share``: the fraction of the requests that are hit (greater than 0, up to 1), selected at random; the same
      ``seed`` repeats the selection;
    * ``after`` and ``lasts``: the rule starts this many simulated seconds after it was added, and is active for this
      many (default: without end).

    The other fields belong to individual actions:

    * status: ``status`` with ``json`` or ``text`` as body, and ``headers``;
    * gateway: ``name`` of a gateway body, such as 900901 or xml_404;
    * reset, close, hang: before the answer, or in the middle of its body (``midway``);
    * slow: ``seconds`` (real) between two bytes; redirect: ``url``;
    * huge: ``mib``; compressed if ``name`` is gzip;
    * wrong_encoding: bytes that are not UTF-8; with ``name`` utf-16 that encoding, with gzip a false Content-Encoding;
    * extra_fields: ``fields`` to add to the JSON object of the answer; content_type: ``value`` of that header;
    * date: ``value`` of the Date header, or ``skew``, its difference from the simulated clock in seconds;
    * wrong_name: a TLS certificate for another name. It hits connections, and has neither ``kind`` nor ``path``;
    * cursor_stuck: a page of a device report says that there is another page, but returns the cursor of the request;
    * duplicate_device: such a page starts with the last device of the previous page. It never hits the first page;
    * endless_report: such a page lists a device that does not exist, and says that there is another page.

    html, not_json, empty and echo_secrets also accept ``status`` and ``headers``. ``retry_after`` (seconds) adds that
    header to any answer that is not truncated; with ``retry_after_as`` date, as a time of the simulated clock.
    """

    action: Action
    kind: Kind | list[Kind] | None = None
    path: str | None = None
    skip: int = 0
    times: int | None = None
    share: float | None = None
    seed: int = 0
    after: float = 0.0
    lasts: float | None = None
    status: int | None = None
    json: Any = None
    text: str | None = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    retry_after: int | None = None
    retry_after_as: Literal["seconds", "date"] = "seconds"
    name: str | None = None
    midway: bool = False
    seconds: float = 0.05
    url: str | None = None
    mib: int = 16
    fields: dict[str, Any] | None = None
    value: str | None = None
    skew: float | None = None
    seen: int = dataclasses.field(default=0, init=False)
    used: int = dataclasses.field(default=0, init=False)
    added_at: float = dataclasses.field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._check_action()
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError("status must be from 200 to 599")
        if self.skip < 0 or (self.times is not None and self.times < 1):
            raise ValueError("skip must be 0 or more, times 1 or more")
        if self.share is not None and not 0 < self.share <= 1:
            raise ValueError("share must be more than 0, and 1 at most")
        if self.after < 0 or (self.lasts is not None and not self.lasts > 0):
            raise ValueError("after must be 0 or more, lasts more than 0")
        if self.seconds < 0 or self.mib < 1 or (self.retry_after or 0) < 0:
            raise ValueError("seconds and retry_after must be 0 or more, mib 1 or more")

    def _check_action(self) -> None:
        needed = _NEEDED.get(self.action)
        if needed is not None and getattr(self, needed) is None:
            raise ValueError(f"the action {self.action!r} needs {needed!r}")
        if self.action == "date" and (self.value is None) == (self.skew is None):
            raise ValueError("the action 'date' needs one of 'value' and 'skew'")
        if self.name not in _NAMES.get(self.action, (None,)):
            names = ", ".join(name for name in _NAMES.get(self.action, ()) if name) or "absent"
            raise ValueError(f"the name of the action {self.action!r} is one of {names}")
        if self.midway and self.action not in _MIDWAY_ACTIONS:
            raise ValueError(f"midway is for the actions {', '.join(_MIDWAY_ACTIONS)}")
        if self.action in _REPORT_ACTIONS:
            if self.kind not in (None, "device_report"):
                raise ValueError(f"the action {self.action!r} is for the kind device_report only")
            self.kind = "device_report"
        if self.action == "wrong_name" and (self.kind is not None or self.path is not None):
            raise ValueError("the action 'wrong_name' hits connections: it has neither kind nor path")

    def matches(self, kind: Kind, path: str, cursor: int = 0) -> bool:
        """Whether the rule matches this request, without its conditions on count, time and chance.

        ``cursor`` is that of a page of a device report, 0 for the first page.
        """
        if self.action == "wrong_name" or (self.action == "duplicate_device" and not cursor):
            return False
        kinds = KINDS if self.kind is None else [self.kind] if isinstance(self.kind, str) else self.kind
        return kind in kinds and (self.path is None or self.path in path)
