# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain HTTP client for the simulator, which returns the JSON as sent. Tests compare the SDK with it."""

from __future__ import annotations

import json
from typing import Any

import requests

from simulator.stock import DEMO_CREDENTIALS

_SECONDS = 10.0

CAMPAIGN_PATHS = {
    "v1": "/fota/v1/upgrades/{account}/upgrade/{id}",
    "v2": "/fota/v2/campaigns/{account}/{id}",
    "v3": "/fota/v3/campaigns/{account}/{id}",
}


class RawClient:
    """A minimal client. Each call returns the complete answer, with any status."""

    def __init__(self, api_url: str, verify: str | bool = True) -> None:
        self.api_url = api_url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = verify
        self.access_token = ""
        self.session_token = ""

    def ask_token(self, **credentials: str) -> requests.Response:
        """Request an OAuth token, with the demo client or another one."""
        pair = {**DEMO_CREDENTIALS, **credentials}
        answer = self._session.post(
            f"{self.api_url}/ts/v1/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(pair["api_key"], pair["api_secret"]),
            timeout=_SECONDS,
        )
        if answer.ok:
            self.access_token = answer.json()["access_token"]
        return answer

    def revoke_token(self) -> requests.Response:
        """Revoke the OAuth token."""
        return self._session.post(
            f"{self.api_url}/ts/v1/oauth2/revoke",
            data={"grant_type": "client_credentials", "token": self.access_token},
            auth=(DEMO_CREDENTIALS["api_key"], DEMO_CREDENTIALS["api_secret"]),
            timeout=_SECONDS,
        )

    def ask_session(self, **credentials: str) -> requests.Response:
        """Request a session, with the demo user or another one."""
        pair = {**DEMO_CREDENTIALS, **credentials}
        answer = self._session.post(
            f"{self.api_url}/m2m/v1/session/login",
            json={"username": pair["username"], "password": pair["password"]},
            headers={"Authorization": f"Bearer {self.access_token}"},
            timeout=_SECONDS,
        )
        if answer.ok:
            self.session_token = answer.json()["sessionToken"]
        return answer

    def log_in(self) -> None:
        """Get both tokens."""
        self.ask_token().raise_for_status()
        self.ask_session().raise_for_status()

    def headers(self) -> dict[str, str]:
        """Return the two headers of every call, except for missing tokens."""
        both = {"Authorization": f"Bearer {self.access_token}", "VZ-M2M-Token": self.session_token}
        return {name: value for name, value in both.items() if value not in ("", "Bearer ")}

    def get(self, path: str, timeout: float = _SECONDS, **query: str) -> requests.Response:
        """Send a GET with the two headers. Redirects are not followed."""
        return self._session.get(
            self.api_url + path, params=query, headers=self.headers(), timeout=timeout, allow_redirects=False
        )

    def send(self, method: str, path: str, body: object = None, **headers: str) -> requests.Response:
        """Send any request with the two headers, and optionally a JSON body."""
        given = {"Content-Type": "application/json", **headers} if body is not None else headers
        return self._session.request(
            method,
            self.api_url + path,
            data=None if body is None else json.dumps(body),
            headers={**self.headers(), **given},
            timeout=_SECONDS,
            allow_redirects=False,
        )

    def read(self, api_version: str, account: str, campaign_id: str, timeout: float = _SECONDS) -> requests.Response:
        """Call get-campaign of a version."""
        path = CAMPAIGN_PATHS[api_version].format(account=account, id=campaign_id)
        return self.get(path, timeout=timeout)

    def report(self, api_version: str, account: str, campaign_id: str, after: object = None) -> requests.Response:
        """Read the page of a device report after an IMEI, by default the first page."""
        path = f"/fota/{api_version}/reports/{account}/campaigns/{campaign_id}/devices"
        return self.get(path) if after is None else self.get(path, lastSeenDeviceId=str(after))

    def device_page(self, api_version: str, account: str, campaign_id: str, after: object = None) -> dict[str, Any]:
        """Return the JSON of a page of a device report. Raises requests.HTTPError."""
        answer = self.report(api_version, account, campaign_id, after)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content

    def body(self, api_version: str, account: str, campaign_id: str) -> dict[str, Any]:
        """Return the JSON of a campaign. Raises requests.HTTPError."""
        answer = self.read(api_version, account, campaign_id)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content
