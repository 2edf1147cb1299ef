# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the simulator's admin calls, for tests. Standard library only."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from typing import Any

from simulator.process import SimulatorProcess
from simulator.tls_files import TlsFiles, write_tls_files

__all__ = ["Control", "ControlError", "SimulatorProcess", "TlsFiles", "write_tls_files"]

_SECONDS = 10.0


class ControlError(Exception):
    """The simulator refused an admin call. The message is that of the simulator."""


class Control:
    """All admin calls. Each returns the JSON of the simulator's answer.

    :param admin_url: as in :attr:`SimulatorProcess.admin_url`.
    :param ca_file: certificate authority (PEM) of a simulator with TLS.
    """

    def __init__(self, admin_url: str, ca_file: str | None = None) -> None:
        self._url = admin_url.rstrip("/")
        # The default context would load all certificate authorities of the system.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if ca_file is not None:
            context.load_verify_locations(ca_file)
            # Admin calls must also work while the simulator sends the certificate for another name.
            context.check_hostname = False
        # Without proxies: the simulator runs on this machine.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def counters(self) -> dict[str, Any]:
        """Return all counters: total, by_kind, by_status, reads_by_campaign, reports_by_campaign, ..., log."""
        counters: dict[str, Any] = self._call("GET", "counters")
        return counters

    def count(self, kind: str) -> int:
        """Return the number of requests of one kind, such as ``session_login``."""
        number: int = self.counters()["by_kind"][kind]
        return number

    def reset_counters(self) -> None:
        """Set all counters to zero."""
        self._call("DELETE", "counters")

    def reset(self) -> None:
        """Load the stock scenario, and set all counters to zero. The clock keeps its time and its speed."""
        self.scenario({})
        self.reset_counters()
        self._call("DELETE", "callbacks")

    def scenario(self, scenario: dict[str, Any]) -> None:
        """Replace credentials, tokens, sessions, campaigns, behaviour and faults. Missing keys get stock data."""
        self._call("PUT", "scenario", scenario)

    def behaviour(self, **switches: Any) -> dict[str, Any]:
        """Change some switches, and return all of them."""
        behaviour: dict[str, Any] = self._call("PATCH", "behaviour", switches)
        return behaviour

    def add_campaign(
        self,
        campaign_id: str,
        *,
        account_name: str = "0402196254-00001",
        api_version: str = "v2",
        body: dict[str, Any] | None = None,
        timeline: list[dict[str, Any]] | None = None,
        devices: list[dict[str, Any]] | dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Add or replace a campaign. Its timeline starts now.

        ``devices`` is a list of objects with the keys of :class:`simulator.devices.Device`, or an object with the keys
        of :class:`simulator.fleet.Fleet`.
        """
        campaign = {"id": campaign_id, "account_name": account_name, "api_version": api_version}
        added: dict[str, Any] = self._call(
            "POST", "campaigns", {**campaign, "body": body or {}, "timeline": timeline or [], "devices": devices}
        )
        return added

    def set_status(self, campaign_id: str, status: str | None) -> list[dict[str, Any]]:
        """Force the status of all campaigns with this ID. With None, they follow their timelines again."""
        campaigns: list[dict[str, Any]] = self._call("PUT", f"campaigns/{campaign_id}/status", {"status": status})
        return campaigns

    def devices(self, campaign_id: str) -> list[dict[str, Any]]:
        """Return the complete device report, with ``id``, ``status`` and ``reason`` of each device.

        This is not counted as a request. If several versions or accounts have a campaign with this ID, the first one is
        used. Raises ControlError if there is none.
        """
        devices: list[dict[str, Any]] = self._call("GET", f"campaigns/{campaign_id}/devices")[0]["devices"]
        return devices

    def set_device(self, campaign_id: str, device_id: str, status: str | None, reason: str | None = None) -> None:
        """Force the status of a device in the report. With None, the device follows its timeline again."""
        self._call("PUT", f"campaigns/{campaign_id}/devices/{device_id}", {"status": status, "reason": reason})

    def expire_sessions(self) -> int:
        """Expire all sessions, and return their number."""
        return int(self._call("POST", "sessions/expire")["expired"])

    def expire_tokens(self) -> int:
        """Expire all OAuth tokens, and return their number."""
        return int(self._call("POST", "tokens/expire")["expired"])

    def revoke_tokens(self) -> int:
        """Revoke all OAuth tokens, and return their number."""
        return int(self._call("POST", "tokens/revoke")["revoked"])

    def unlock_users(self) -> int:
        """Unlock all users, and return the number of those that were locked."""
        return int(self._call("POST", "users/unlock")["unlocked"])

    def clock(self) -> dict[str, Any]:
        """Return ``now`` (string, UTC), ``seconds`` since the start, and ``speed``."""
        clock: dict[str, Any] = self._call("GET", "clock")
        return clock

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move the clock forward by this number of simulated seconds."""
        clock: dict[str, Any] = self._call("POST", "clock", {"advance": seconds})
        return clock

    def set_speed(self, speed: float) -> dict[str, Any]:
        """Set the simulated seconds per real second; 0 stops the clock."""
        clock: dict[str, Any] = self._call("POST", "clock", {"speed": speed})
        return clock

    def set_now(self, now: str) -> dict[str, Any]:
        """Set the date and time, such as 2026-03-01T00:00:00Z. Campaigns keep their ages."""
        clock: dict[str, Any] = self._call("POST", "clock", {"now": now})
        return clock

    def state(self) -> dict[str, Any]:
        """Return the complete state. ``issued`` has all tokens that were issued since the last scenario."""
        state: dict[str, Any] = self._call("GET", "state")
        return state

    def callbacks(self) -> list[dict[str, Any]]:
        """Return the sent callbacks, with the keys of callback_sender.Delivery."""
        callbacks: list[dict[str, Any]] = self._call("GET", "callbacks")
        return callbacks

    def description(self) -> dict[str, Any]:
        """Return the OpenAPI description of the simulated service."""
        description: dict[str, Any] = self._call("GET", "openapi.json")
        return description

    def fault(self, action: str, **rule: Any) -> None:
        """Append a rule with the keys of :class:`simulator.faults.FaultRule`."""
        self._call("POST", "faults", {"action": action, **rule})

    def clear_faults(self) -> None:
        """Remove all rules."""
        self._call("DELETE", "faults")

    def _call(self, method: str, path: str, content: Any = None) -> Any:
        body = None if content is None else json.dumps(content).encode("utf-8")
        request = urllib.request.Request(f"{self._url}/{path}", data=body, method=method)
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ControlError(_sentence(error.read(), error.code)) from error


def _sentence(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return f"the simulator answered {status}"
