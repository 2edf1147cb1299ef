# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's own calls under /_simulator, without any credentials."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.behaviour import changed
from simulator.callback_sender import CallbackSender
from simulator.campaigns import Campaign, Stop
from simulator.description import description
from simulator.devices import Outcome
from simulator.faults import FaultRule
from simulator.scenario import Clock, parse_scenario
from simulator.strict import DataError, load
from simulator.world import World

Action = Callable[[World, Any, Request], Any]


class NotFound(Exception):
    """The object of an admin call does not exist. The message is one sentence."""


@dataclasses.dataclass(frozen=True)
class ClockChange:
    """Body of POST clock: simulated seconds to skip, a new speed, or a new date and time (which keeps all ages)."""

    advance: float = 0.0
    speed: float | None = None
    now: str | None = None


@dataclasses.dataclass(frozen=True)
class StatusChange:
    """Body of PUT campaigns/ID/status. With null, the campaign follows its timeline again."""

    status: str | None


@dataclasses.dataclass(frozen=True)
class DeviceChange:
    """Body of PUT campaigns/ID/devices/IMEI. With a null status, the device follows its timeline again."""

    status: str | None
    reason: str | None = None


def admin_routes(world: World, sender: CallbackSender) -> list[Route]:
    """Return the routes of the admin calls, relative to their prefix."""
    table: list[tuple[str, str, Action]] = [
        ("GET", "/counters", lambda world, _body, _request: world.counters.as_data()),
        ("DELETE", "/counters", lambda world, _body, _request: world.counters.reset()),
        ("PUT", "/scenario", _put_scenario),
        ("PATCH", "/behaviour", _patch_behaviour),
        ("POST", "/campaigns", _post_campaign),
        ("PUT", "/campaigns/{id}/status", _put_status),
        ("GET", "/campaigns/{id}/devices", _get_devices),
        ("PUT", "/campaigns/{id}/devices/{device}", _put_device),
        ("POST", "/sessions/expire", lambda world, _body, _request: {"expired": world.sessions.expire_all()}),
        ("POST", "/tokens/expire", lambda world, _body, _request: {"expired": world.tokens.expire_all()}),
        ("POST", "/tokens/revoke", lambda world, _body, _request: {"revoked": world.tokens.revoke_all()}),
        ("POST", "/users/unlock", lambda world, _body, _request: {"unlocked": world.sessions.unlock_all()}),
        ("GET", "/callbacks", lambda _world, _body, _request: sender.as_data()),
        ("DELETE", "/callbacks", lambda _world, _body, _request: sender.log.clear()),
        ("GET", "/clock", lambda world, _body, _request: _clock(world)),
        ("POST", "/clock", _post_clock),
        (
            "GET",
            "/openapi.json",
            lambda _world, _body, request: description(f"{request.base_url.replace(path='/api')}"),
        ),
        ("GET", "/state", lambda world, _body, _request: _state(world)),
        ("POST", "/faults", _post_faults),
        ("DELETE", "/faults", lambda world, _body, _request: world.faults.rules.clear()),
    ]
    return [
        Route(path, _endpoint(world, action, sender.send_changes), methods=[method]) for method, path, action in table
    ]


def _endpoint(world: World, action: Action, send_changes: Callable[[], None]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        try:
            content = json.loads(raw) if raw else {}
            result = action(world, content, request)
            send_changes()
            return JSONResponse({"ok": True} if result is None else result)
        except json.JSONDecodeError as error:
            return JSONResponse({"error": f"the request body is not JSON: {error}"}, 400)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        except NotFound as error:
            return JSONResponse({"error": str(error)}, 404)

    return endpoint


def _put_scenario(world: World, content: Any, _request: Request) -> None:
    world.load(parse_scenario(content))


def _patch_behaviour(world: World, content: Any, _request: Request) -> Any:
    world.behaviour = changed(world.behaviour, content)
    return dataclasses.asdict(world.behaviour)


def _post_campaign(world: World, content: Any, _request: Request) -> Any:
    campaign = load(Campaign, content, "campaign")
    world.add_campaign(campaign)
    return _campaign(world, campaign)


def _put_status(world: World, content: Any, request: Request) -> Any:
    change = load(StatusChange, content, "body")
    found = _with_id(world, request)
    for campaign in found:
        campaign.forced = (
            None if change.status is None else Stop(change.status, world.clock.seconds() - campaign.added_at)
        )
    return [_campaign(world, campaign) for campaign in found]


def _get_devices(world: World, _content: Any, request: Request) -> Any:
    """Return the device reports of all campaigns with this ID. This does not count as a read of the campaign."""
    return [_devices(world, campaign) for campaign in _with_id(world, request)]


def _put_device(world: World, content: Any, request: Request) -> Any:
    change = load(DeviceChange, content, "body")
    outcome = None if change.status is None else Outcome(change.status, change.reason)
    device_id, seconds = request.path_params["device"], world.clock.seconds()
    found = _with_id(world, request)
    changed_ones = [one for one in found if one.roster.force(device_id, outcome, seconds - one.added_at)]
    if not changed_ones:
        raise NotFound("no campaign with this ID has such a device")
    return {"campaigns": len(changed_ones)}


def _with_id(world: World, request: Request) -> list[Campaign]:
    found = world.campaigns.with_id(request.path_params["id"])
    if not found:
        raise NotFound("there is no campaign with this ID")
    return found


def _post_clock(world: World, content: Any, _request: Request) -> Any:
    change = load(ClockChange, content, "clock")
    setting = Clock(change.now, change.speed)
    if change.advance:
        world.clock.advance(change.advance)
    setting.set(world.clock)
    return _clock(world)


def _post_faults(world: World, content: Any, _request: Request) -> Any:
    """Append one rule, or a list of rules."""
    if not isinstance(content, (list, dict)):
        raise DataError("faults must be an object or a list of objects")
    new = [load(FaultRule, rule, "fault") for rule in (content if isinstance(content, list) else [content])]
    world.faults.add(new, world.clock.seconds())
    return {"rules": len(world.faults.rules)}


def _clock(world: World) -> dict[str, Any]:
    return {"now": world.clock.now().isoformat(), "seconds": world.clock.seconds(), "speed": world.clock.speed}


def _campaign(world: World, campaign: Campaign) -> dict[str, Any]:
    seconds = world.clock.seconds()
    return {
        "api_version": campaign.api_version,
        "account_name": campaign.account_name,
        "id": campaign.id,
        "status": campaign.current_status(seconds),
        "age": seconds - campaign.added_at,
        "looks": campaign.looks,
        "devices": len(campaign.roster.ids),
    }


def _devices(world: World, campaign: Campaign) -> dict[str, Any]:
    shown = campaign.shown_devices(campaign.roster.ids, campaign.snapshot(world.clock.seconds()))
    return {
        "api_version": campaign.api_version,
        "account_name": campaign.account_name,
        "devices": [
            {"id": device_id, "status": one.outcome.status, "reason": one.outcome.reason}
            for device_id, one in shown.items()
        ],
    }


def _state(world: World) -> dict[str, Any]:
    """Return the complete state. ``issued`` has all tokens that were ever issued, for tests that search for leaks."""
    return {
        "clock": _clock(world),
        "behaviour": dataclasses.asdict(world.behaviour),
        "accounts": world.accounts(),
        "users": [
            {"username": user.username, "refusals": user.refusals, "locked": user.locked}
            for user in world.sessions.users()
        ],
        "open_sessions": world.sessions.open_sessions(),
        "issued": {"access_tokens": world.tokens.issued, "session_tokens": world.sessions.issued},
        "campaigns": [_campaign(world, campaign) for campaign in world.campaigns.all()],
        "faults": [dataclasses.asdict(rule) for rule in world.faults.rules],
    }
