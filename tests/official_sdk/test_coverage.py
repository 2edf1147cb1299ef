# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of the official SDK, from its source: tests make all calls that the simulator supports."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import verizon.controllers

from simulator.app import API_TABLE

CONTROLLERS = Path(verizon.controllers.__path__[0])
# The definition of a call in the SDK: the function name, followed by server, path and method.
_CALL = re.compile(
    r"    def (?P<name>[a-z]\w*)\(self.*?\.server\(Server\.(?P<server>\w+)\)\s*\.path\([\"'](?P<path>[^\"']+)[\"']\)"
    r"\s*\.http_method\(HttpMethodEnum\.(?P<method>\w+)\)",
    re.DOTALL,
)
_BASES = {f"SOFTWARE_MANAGEMENT_V{number}": f"/fota/v{number}" for number in (1, 2, 3)} | {
    "THINGSPACE": "",
    "M2M": "/m2m",
}
# Calls that the simulator does not support, by the first part of the path. "devices" are those of an account.
NOT_SERVED = {"devices", "files", "firmware", "licenses", "logging", "software"}


class SdkCall(NamedTuple):
    """A call: its function, method and path. Parameters in the path are ``{}``."""

    name: str
    method: str
    path: str


def shape(path: str) -> str:
    """Return a path without the names of its parameters, which differ between SDK, documents and simulator."""
    return re.sub(r"\{\w+\}", "{}", path)


def sdk_calls() -> list[SdkCall]:
    """Return the calls of firmware management and sessions."""
    found = []
    for source in sorted(CONTROLLERS.glob("*_controller.py")):
        for match in _CALL.finditer(source.read_text(encoding="utf-8")):
            base = _BASES.get(match["server"])
            path = shape(f"{base}{match['path']}")
            if base is not None and path.startswith(("/fota/", "/m2m/v1/session/log")):
                found.append(SdkCall(match["name"], match["method"], path))
    return found


SERVED = {(method, shape(path)) for method, path, _kind, _handler in API_TABLE}
CALLS = sdk_calls()


def test_the_calls_of_the_sdk_are_found() -> None:
    # The number of the SDK's operations for firmware management, and the two for sessions.
    assert len(CALLS) == sum(
        path.read_text(encoding="utf-8").count("Server.SOFTWARE_MANAGEMENT_V") for path in CONTROLLERS.glob("*.py")
    ) + len([call for call in CALLS if call.path.startswith("/m2m")])
    assert len([call for call in CALLS if call.path.startswith("/m2m")]) == 2


def test_every_call_is_served_or_known_to_be_left_out() -> None:
    left_out = [call for call in CALLS if (call.method, call.path) not in SERVED]
    assert {call.path.split("/")[3] for call in left_out} == NOT_SERVED


def test_every_call_that_is_served_is_made_in_a_test() -> None:
    tests = [path for path in Path(__file__).parent.glob("*.py") if path != Path(__file__)]
    text = "".join(path.read_text(encoding="utf-8") for path in tests)
    served = [call for call in CALLS if (call.method, call.path) in SERVED]
    assert len(served) >= 35
    assert [call for call in served if f".{call.name}(" not in text] == []
