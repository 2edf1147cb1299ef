# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Detects status changes of campaigns, and posts each of them to the registered callback address."""

from __future__ import annotations

import asyncio
import dataclasses
import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections import deque
from typing import Any

from simulator.answer import JSON_TYPE, json_bytes
from simulator.callback_messages import message, statuses_between
from simulator.callbacks import Callback
from simulator.campaigns import Campaign
from simulator.world import World

# Observed at a sister service of ThingSpace: the name, the second attempt, and the timeout of an attempt.
USER_AGENT = "Verizon's callback service"
GIVE_UP_SECONDS = 4.0
LOG_LIMIT = 1000
_TICK_SECONDS = 0.2


@dataclasses.dataclass
class Delivery:
    """A callback and its result. ``status`` is the HTTP status, or null as long as there is no answer.

    The address and the body are not stored, because both can contain secrets. ``real`` is as in the log of requests.
    """

    api_version: str
    account_name: str
    campaign_id: str
    campaign_status: str
    real: float
    attempts: int = 0
    status: int | None = None
    error: str | None = None
    is_done: bool = False


class CallbackSender:
    """Watches the campaigns of accounts that have registered an address.

    :param authorities: certificate authorities (PEM) to verify listeners with, in place of those of the system.
    """

    def __init__(self, world: World, authorities: str | None = None) -> None:
        self._world = world
        self._authorities = authorities
        self._known: dict[tuple[str, str, str], str] = {}
        self._seen_at = 0.0
        self._ticking: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self.log: deque[Delivery] = deque(maxlen=LOG_LIMIT)

    def send_changes(self) -> None:
        """Send callbacks for the changes since the last call. Call it in the server's event loop, after each request.

        The status that a campaign has when its address is registered, or when it is added, is not a change.
        """
        known, self._known = self._known, {}
        if self._world.callbacks.is_empty:
            return
        now = self._world.clock.seconds()
        for campaign in self._world.campaigns.all():
            callback = self._world.callbacks.find(campaign.api_version, campaign.account_name)
            if callback is None:
                continue
            current = str(campaign.current_status(now))
            self._known[campaign.key] = current
            if campaign.key in known and known[campaign.key] != current:
                self._send_all(campaign, callback, known[campaign.key], now)
        self._seen_at = now
        if self._known and self._ticking is None:
            self._ticking = asyncio.get_running_loop().create_task(self._tick())

    def as_data(self) -> list[dict[str, Any]]:
        """All deliveries, ready for JSON."""
        return [dataclasses.asdict(delivery) for delivery in self.log]

    def _send_all(self, campaign: Campaign, callback: Callback, before: str, now: float) -> None:
        bodies = []
        for status in statuses_between(campaign, self._seen_at, now):
            if status == before:
                continue
            form = self._world.behaviour.callback_form
            bodies.append((status, json_bytes(message(campaign, callback, status, now, form))))
        task = asyncio.get_running_loop().create_task(self._deliver(campaign, callback.url, bodies))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _tick(self) -> None:
        """Send changes regularly, because time also passes without requests."""
        while self._known:
            await asyncio.sleep(_TICK_SECONDS)
            self.send_changes()
        self._ticking = None

    async def _deliver(self, campaign: Campaign, url: str, bodies: list[tuple[str, bytes]]) -> None:
        behaviour = self._world.behaviour
        for status, body in bodies:
            delivery = Delivery(*campaign.key[:2], campaign.id, status, time.monotonic())
            self.log.append(delivery)
            for attempt in range(1, behaviour.callback_attempts + 1):
                if attempt > 1:
                    await asyncio.sleep(behaviour.callback_retry_seconds)
                delivery.attempts = attempt
                delivery.status, delivery.error = await asyncio.to_thread(post, url, body, self._authorities)
                if delivery.status is not None and delivery.status < 300:
                    break
            delivery.is_done = True


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None


def post(url: str, body: bytes, authorities: str | None) -> tuple[int | None, str | None]:
    """Return the status of the answer, or why there is none. Follows no redirects, and uses no proxy."""
    headers = {"Content-Type": JSON_TYPE, "User-Agent": USER_AGENT}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    context = ssl.create_default_context(cafile=authorities)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _NoRedirects()
    )
    try:
        with opener.open(request, timeout=GIVE_UP_SECONDS) as answer:
            return int(answer.status), None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, None
    except (OSError, http.client.HTTPException) as error:
        return None, type(getattr(error, "reason", None) or error).__name__
