# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK (PyPI: sdksio-verizon-apis-sdk), pointed at the simulator."""

from __future__ import annotations

from typing import Any

from verizon.configuration import Configuration, Server
from verizon.http.auth.thingspace_oauth import ThingspaceOauthCredentials
from verizon.http.auth.vz_m2m_token import VZM2mTokenCredentials
from verizon.models.log_in_request import LogInRequest
from verizon.verizon_client import VerizonClient

from simulator.stock import DEMO_CREDENTIALS

_PRODUCTION = "https://thingspace.verizon.com/api"


class SimulatorConfiguration(Configuration):  # type: ignore[misc]
    """The production configuration with another base URL. The paths are those of the SDK.

    The SDK has a fixed set of environments, so its lookup of the base URL is replaced.
    """

    def __init__(self, api_url: str, **options: Any) -> None:
        super().__init__(timeout=10, **options)
        self._api_url = api_url

    def get_base_uri(self, server: Server = Server.THINGSPACE) -> str:
        production: str = super().get_base_uri(server)
        if not production.startswith(_PRODUCTION):
            raise ValueError(f"{production} is not simulated")
        return self._api_url + production[len(_PRODUCTION) :]


def sdk_client(api_url: str, session_token: str | None = None, **credentials: str) -> VerizonClient:
    """Return a client with the demo credentials, or others (``api_key``, ``api_secret``)."""
    pair = {**DEMO_CREDENTIALS, **credentials}
    session = VZM2mTokenCredentials(vz_m2m_token=session_token) if session_token else None
    return VerizonClient(
        config=SimulatorConfiguration(
            api_url,
            thingspace_oauth_credentials=ThingspaceOauthCredentials(
                oauth_client_id=pair["api_key"], oauth_client_secret=pair["api_secret"]
            ),
            vz_m2m_token_credentials=session,
        )
    )


def log_in(client: VerizonClient, **credentials: str) -> str:
    """Log in with the SDK's controller, and return the session token. Raises the SDK's exceptions."""
    pair = {**DEMO_CREDENTIALS, **credentials}
    request = LogInRequest(username=pair["username"], password=pair["password"])
    token: str = client.session_management.start_connectivity_management_session(request).body.session_token
    return token


def logged_in_client(api_url: str) -> VerizonClient:
    """Return a client that is logged in with the demo credentials."""
    return sdk_client(api_url, log_in(sdk_client(api_url)))
