# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The listener in the campaign source: a callback makes it poll at once. Forged and lost callbacks are harmless."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from ansible_collections.fleetops.thingspace.extensions.eda.plugins.event_source import campaign as source
from eda.test_callback_source import LIMIT_SECONDS, SECRET, can_connect, control, free_port, register, simulator
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS

__all__ = ["control", "simulator"]

OTHER, ID, STRANGER = (f"00000000-0000-4000-8000-{number:012d}" for number in (1, 2, 3))
Event = dict[str, Any]


class Running:
    """A running source, and its events."""

    def __init__(self, simulator: SimulatorProcess, wait_interval: str, **more: Any) -> None:
        self.port = free_port()
        self.queue: asyncio.Queue[Event] = asyncio.Queue()
        self.args = {
            "account_name": ACCOUNT,
            "campaign_id": [OTHER, ID],
            "api_url": simulator.url,
            **DEMO_CREDENTIALS,
            "wait_interval": wait_interval,
            "wait_max_interval": wait_interval,
            "callback_listener": {"port": self.port, "path": SECRET, "allowed_addresses": ["127.0.0.1"], **more},
        }

    async def next(self, wanted: str) -> Event:
        """Return the next event, which must have this type."""
        event = await asyncio.wait_for(self.queue.get(), LIMIT_SECONDS)
        assert event["type"] == wanted, event
        return event

    async def post(self, content: Any, path: str = SECRET) -> int:
        timeout = aiohttp.ClientTimeout(total=LIMIT_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(f"http://127.0.0.1:{self.port}/{path}", data=json.dumps(content)) as answer,
        ):
            return int(answer.status)


@contextlib.asynccontextmanager
async def running(simulator: SimulatorProcess, wait_interval: str, **more: Any) -> AsyncIterator[Running]:
    """A source that has sent the current states."""
    one = Running(simulator, wait_interval, **more)
    task = asyncio.create_task(source.main(one.queue, one.args))
    try:
        for _campaign in (OTHER, ID):
            assert (await one.next("present"))["campaign"]["state"] == "scheduled"
        yield one
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert not can_connect(one.port)


@pytest.fixture(autouse=True)
def _campaigns(control: Control) -> None:
    for campaign_id in (OTHER, ID, STRANGER):
        control.add_campaign(campaign_id, timeline=[{"after": 0, "status": "CampaignScheduled"}])


def polls(control: Control) -> dict[str, int]:
    reads: dict[str, int] = control.counters()["reads_by_campaign"]
    return reads


def test_a_callback_of_the_service_makes_it_poll_at_once(simulator: SimulatorProcess, control: Control) -> None:
    async def test() -> None:
        # Without a callback, the next poll would be in a day.
        async with running(simulator, "1d") as one:
            await asyncio.to_thread(register, simulator, one.port)
            await asyncio.to_thread(control.set_status, ID, "CampaignQueued")
            changed = await one.next("changed")
            assert (changed["campaign"]["state"], changed["previous"]["state"]) == ("queued", "scheduled")

    asyncio.run(test())


def test_forged_and_replayed_ones_cost_one_poll(simulator: SimulatorProcess, control: Control) -> None:
    forged = {"accountName": ACCOUNT, "type": "upgradeProgress", "upgradeProgress": {"upgradeId": ID}}

    async def test() -> None:
        async with running(simulator, "1d") as one:
            before = polls(control)
            assert await one.post(forged, path="guess") == 404
            # This campaign is not watched, so it is not polled.
            assert await one.post({"campaignId": STRANGER}) == 200
            for _number in range(20):
                assert await one.post({**forged, "status": "CampaignEnded"}) == 200
            while polls(control) == before:
                await asyncio.sleep(0.05)
            assert polls(control) == {**before, ID: before[ID] + 1}
            # The poll does not confirm the content of these callbacks, so there is no event.
            assert one.queue.empty()

    asyncio.run(test())


def test_a_lost_one_loses_nothing(simulator: SimulatorProcess, control: Control) -> None:
    async def test() -> None:
        async with running(simulator, "0.2") as one:
            # No address is registered, so there is no callback.
            await asyncio.to_thread(control.set_status, ID, "CampaignQueued")
            assert (await one.next("changed"))["campaign"]["state"] == "queued"

    asyncio.run(test())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("a text", "callback_listener must be a mapping"),
        ([1], "callback_listener must be a mapping"),
        ({"path": SECRET}, "callback_listener.port is missing"),
        ({"port": 9001, "path": "short"}, "callback_listener.path is too short"),
        ({"port": 9001, "path": SECRET, "host": "0.0.0.0"}, "callback_listener.certfile is missing"),
        ({"port": 9001, "path": SECRET, "rate": 5}, "There is no option callback_listener.rate"),
    ],
)
def test_bad_options_are_one_sentence(simulator: SimulatorProcess, control: Control, given: Any, says: str) -> None:
    args = {**Running(simulator, "1d").args, "callback_listener": given}
    with pytest.raises(source.CampaignSourceError, match=says) as caught:
        asyncio.run(source.main(asyncio.Queue(), args))
    assert SECRET not in str(caught.value)
    # There was no request to the service.
    assert control.counters()["total"] == 0
