# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes every described call once, with the examples in the description, in an order in which all succeed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
from simulator_tests.raw import RawClient

from simulator.stock import DEMO_CREDENTIALS

_SECONDS = 10
# These calls come last, because they remove what other calls need.
_LAST = ("delete", "logout", "revoke")
_USER = {name: DEMO_CREDENTIALS[name] for name in ("username", "password")}
_OWN_VALUES: dict[str, dict[str, Any]] = {
    "RevokeRequest": {"grant_type": "client_credentials", "token": "0" * 32},
    "LoginBody": _USER,
}


class Caller:
    """Makes the calls of a description. Keeps the campaigns that it has scheduled, one for each version."""

    def __init__(self, described: dict[str, Any], client: RawClient) -> None:
        self._described = described
        self._client = client
        self._scheduled: dict[str, str] = {}

    def all_calls(self) -> Iterator[tuple[str, str, requests.Response]]:
        """Yield the method, the path (as described) and the answer of each call."""
        wanted = [
            (method, path)
            for path, item in self._described["paths"].items()
            for method in item
            if method != "parameters"
        ]
        for method, path in sorted(wanted, key=self._order):
            yield method, path, self._call(method, path)

    @staticmethod
    def _order(call: tuple[str, str]) -> tuple[bool, bool, bool]:
        method, path = call
        is_last = method == "delete" or path.endswith(_LAST)
        return is_last, path.endswith("logout"), method == "get"

    def _call(self, method: str, path: str) -> requests.Response:
        version = next((part for part in path.split("/") if part in ("v1", "v2", "v3")), "")
        operation = self._described["paths"][path][method]
        is_for_keys = path.startswith("/ts/")
        if method == "delete" and path.endswith("{id}"):
            # The existing campaign can already be cancelled, by another path of the same call.
            self._schedule(version)
        parameters = self._parameters(path, version)
        content = self._content(operation)
        answer = requests.request(
            method,
            self._client.api_url + path.format(**parameters["path"]),
            params=parameters["query"],
            data=content if is_for_keys else None,
            json=None if is_for_keys else content,
            auth=(DEMO_CREDENTIALS["api_key"], DEMO_CREDENTIALS["api_secret"]) if is_for_keys else None,
            headers=None if is_for_keys else self._client.headers(),
            timeout=_SECONDS,
        )
        if path.endswith("login"):
            # A login can end the previous session.
            self._client.session_token = answer.json()["sessionToken"]
        if path.startswith("/fota") and method == "post" and "id" in (fields := answer.json()):
            self._scheduled[version] = fields["id"]
        return answer

    def _schedule(self, version: str) -> None:
        path = {"v1": "/fota/v1/upgrades", "v2": "/fota/v2/campaigns/{acc}", "v3": "/fota/v3/campaigns/firmware/{acc}"}
        self._call("post", path[version])

    def _parameters(self, path: str, version: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {"path": {}, "query": {}}
        for reference in self._described["paths"][path].get("parameters", ()):
            parameter = self._resolved(reference)
            value = parameter.get("example", parameter["schema"].get("const"))
            if parameter["name"] == "id":
                value = self._scheduled.get(version, value)
            found[parameter["in"]][parameter["name"]] = value
        return found

    def _content(self, operation: dict[str, Any]) -> Any:
        if "requestBody" not in operation:
            return None
        (media,) = operation["requestBody"]["content"].values()
        name = media["schema"]["$ref"].rpartition("/")[2]
        return _OWN_VALUES[name] if name in _OWN_VALUES else self._resolved(media["schema"])["example"]

    def _resolved(self, reference: dict[str, Any]) -> dict[str, Any]:
        found = self._described
        for step in reference["$ref"].lstrip("#/").split("/"):
            found = found[step]
        return found
