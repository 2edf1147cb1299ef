# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page at /: the campaigns with their timelines and devices, and the last requests."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from simulator.campaigns import Campaign
from simulator.life_cycle import ENDED, OVER
from simulator.timeline import Step
from simulator.world import World

REFRESH_SECONDS = 2
_LAST_REQUESTS = 12
_TEMPLATE = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True).from_string(
    (Path(__file__).parent / "status_page.html").read_text(encoding="utf-8")
)
# No scripts, and no external resources.
_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Cache-Control": "no-store"}


@dataclasses.dataclass(frozen=True)
class ShownStep:
    """A step of a timeline: when (a time, or a number of reads), which status, and whether it was reached."""

    moment: str
    status: str
    has_come: bool


@dataclasses.dataclass(frozen=True)
class ShownCampaign:
    """What the page shows of a campaign. ``devices`` are the counts by status, ``tone`` selects the color."""

    campaign: Campaign
    body: dict[str, Any]
    tone: str
    steps: list[ShownStep]
    devices: list[tuple[str, int]]
    total: int


def status_page(world: World) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """Return the endpoint of the page. It is not counted as a request, and needs no credentials."""

    async def endpoint(_request: Request) -> Response:
        return HTMLResponse(rendered(world), headers=_HEADERS)

    return endpoint


def rendered(world: World) -> str:
    """Return the page as HTML."""
    counters = world.counters.as_data()
    log = counters["log"][: -_LAST_REQUESTS - 1 : -1]
    return _TEMPLATE.render(
        refresh=REFRESH_SECONDS,
        now=_moment(world.clock.now()),
        speed=f"{world.clock.speed:g}",
        held=world.clock.is_held,
        campaigns=[_shown(world, campaign) for campaign in world.campaigns.all()],
        counters=counters,
        kinds={kind: count for kind, count in counters["by_kind"].items() if count},
        log=[{**entry, "moment": _moment(dt.datetime.fromisoformat(entry["date"]))} for entry in log],
        rules=world.faults.rules,
        locked=[user.username for user in world.sessions.users() if user.locked],
    )


def _shown(world: World, campaign: Campaign) -> ShownCampaign:
    seconds = world.clock.seconds()
    body = campaign.current_body(seconds)
    devices = collections.Counter(campaign.device_statuses(seconds))
    steps = [_shown_step(world, campaign, step) for step in campaign.timeline]
    stop = campaign.forced or campaign.stopped
    if stop is not None:
        moment = world.clock.at(campaign.added_at + stop.age)
        steps = [step for step in steps if step.has_come] + [ShownStep(_moment(moment), stop.status, True)]
    return ShownCampaign(campaign, body, _tone(body.get("status")), steps, devices.most_common(), devices.total())


def _shown_step(world: World, campaign: Campaign, step: Step) -> ShownStep:
    age = world.clock.seconds() - campaign.added_at
    if step.after is None:
        moment = f"look {step.after_looks}"
    else:
        moment = _moment(world.clock.at(campaign.added_at + step.after))
    return ShownStep(moment, step.status, step.passed(age, campaign.looks))


def _tone(status: Any) -> str:
    if status in ENDED:
        return "ended"
    return "stopped" if status in OVER else "live"


def _moment(instant: dt.datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}"
