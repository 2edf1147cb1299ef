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
    """The simulator refused an admin call; the message is its sentence."""


class Control:
    """All admin calls; each gives the JSON that the simulator answered.

    :param admin_url: as in :attr:`SimulatorProcess.admin_url`.
    :param ca_file: certificate authority (PEM) of a simulator with TLS.
    """

    def __init__(self, admin_url: str, ca_file: str | None = None) -> None:
        self._url = admin_url.rstrip("/")
        # A context that trusts nobody unless told to; the default one reads all of the system's authorities.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if ca_file is not None:
            context.load_verify_locations(ca_file)
            # Admin calls get through while the simulator shows the certificate for another name.
            context.check_hostname = False
        # Without the proxies of the environment: the simulator is on this machine.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def counters(self) -> dict[str, Any]:
        """All counters: total, by_kind, by_status, reads_by_campaign, reports_by_campaign, ..., log."""
        counters: dict[str, Any] = self._call("GET", "counters")
        return counters

    def count(self, kind: str) -> int:
        """The number of requests of one kind, such as ``session_login``."""
        number: int = self.counters()["by_kind"][kind]
        return number

    def reset_counters(self) -> None:
        """All counters to zero."""
        self._call("DELETE", "counters")

    def reset(self) -> None:
        """Stock scenario, counters to zero. The clock keeps its time and its speed."""
        self.scenario({})
        self.reset_counters()
        self._call("DELETE", "callbacks")

    def scenario(self, scenario: dict[str, Any]) -> None:
        """Replace credentials, tokens, sessions, campaigns, behaviour and faults; absent keys mean stock data."""
        self._call("PUT", "scenario", scenario)

    def behaviour(self, **switches: Any) -> dict[str, Any]:
        """Change some switches; gives all of them."""
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
        """Add or replace a campaign; its timeline starts now.

        ``devices``: a list with the keys of :class:`simulator.devices.Device`, or the keys of
        :class:`simulator.fleet.Fleet`.
        """
        campaign = {"id": campaign_id, "account_name": account_name, "api_version": api_version}
        added: dict[str, Any] = self._call(
            "POST", "campaigns", {**campaign, "body": body or {}, "timeline": timeline or [], "devices": devices}
        )
        return added

    def set_status(self, campaign_id: str, status: str | None) -> list[dict[str, Any]]:
        """Force the status of all campaigns of this ID; None gives them back to their timelines."""
        campaigns: list[dict[str, Any]] = self._call("PUT", f"campaigns/{campaign_id}/status", {"status": status})
        return campaigns

    def devices(self, campaign_id: str) -> list[dict[str, Any]]:
        """What the report of the campaign says now, whole, uncounted: ``id``, ``status``, ``reason`` of each device.

        Raises ControlError if there is no campaign of this ID; of several (in other versions or accounts), the
        first.
        """
        devices: list[dict[str, Any]] = self._call("GET", f"campaigns/{campaign_id}/devices")[0]["devices"]
        return devices

    def set_device(self, campaign_id: str, device_id: str, status: str | None, reason: str | None = None) -> None:
        """Force what the report says of a device; None as status gives it back to its timeline."""
        self._call("PUT", f"campaigns/{campaign_id}/devices/{device_id}", {"status": status, "reason": reason})

    def expire_sessions(self) -> int:
        """Let all sessions expire now; gives their number."""
        return int(self._call("POST", "sessions/expire")["expired"])

    def expire_tokens(self) -> int:
        """Let all OAuth tokens expire now; gives their number."""
        return int(self._call("POST", "tokens/expire")["expired"])

    def revoke_tokens(self) -> int:
        """Forget all OAuth tokens; gives their number."""
        return int(self._call("POST", "tokens/revoke")["revoked"])

    def unlock_users(self) -> int:
        """Unlock all users; gives the number of those that were locked."""
        return int(self._call("POST", "users/unlock")["unlocked"])

    def clock(self) -> dict[str, Any]:
        """``now`` (text, UTC), ``seconds`` since the start, ``speed``."""
        clock: dict[str, Any] = self._call("GET", "clock")
        return clock

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move the clock forward by simulated seconds."""
        clock: dict[str, Any] = self._call("POST", "clock", {"advance": seconds})
        return clock

    def set_speed(self, speed: float) -> dict[str, Any]:
        """Simulated seconds in a real second; 0 stops the clock."""
        clock: dict[str, Any] = self._call("POST", "clock", {"speed": speed})
        return clock

    def set_now(self, now: str) -> dict[str, Any]:
        """Let it be another date and time, such as 2026-03-01T00:00:00Z; campaigns keep their ages."""
        clock: dict[str, Any] = self._call("POST", "clock", {"now": now})
        return clock

    def state(self) -> dict[str, Any]:
        """All that is there; ``issued`` has every token that was given out since the last scenario."""
        state: dict[str, Any] = self._call("GET", "state")
        return state

    def callbacks(self) -> list[dict[str, Any]]:
        """What was sent to registered addresses; the keys are those of callback_sender.Delivery."""
        callbacks: list[dict[str, Any]] = self._call("GET", "callbacks")
        return callbacks

    def description(self) -> dict[str, Any]:
        """The OpenAPI description of what is simulated."""
        description: dict[str, Any] = self._call("GET", "openapi.json")
        return description

    def fault(self, action: str, **rule: Any) -> None:
        """Add a rule behind those that are there; its keys are those of :class:`simulator.faults.FaultRule`."""
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
