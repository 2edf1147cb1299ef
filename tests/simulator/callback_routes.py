# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that register, show and delete the address for callbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from simulator import errors
from simulator.access import Handler, refusal_of
from simulator.answer import Answer, json_answer
from simulator.call import Call
from simulator.callbacks import SERVICE, Callback
from simulator.request_bodies import BINDING, Refusal, content_of
from simulator.world import World


def register(api_version: str) -> Handler:
    """Handle POST, in v2 and v3 also PUT."""
    return _allowed(lambda world, call: _register(world, call, api_version))


def show(api_version: str) -> Handler:
    """Handle GET."""
    return _allowed(lambda world, call: _show(world, call, api_version))


def delete(api_version: str) -> Handler:
    """Handle DELETE."""
    return _allowed(lambda world, call: _delete(world, call, api_version))


def _allowed(inner: Callable[[World, Call], Answer]) -> Handler:
    def handler(world: World, call: Call) -> Answer:
        refusal = refusal_of(world, call)
        if refusal is not None:
            return refusal
        try:
            return inner(world, call)
        except Refusal as reason:
            return errors.invalid_parameter(str(reason))

    return handler


def _register(world: World, call: Call, api_version: str) -> Answer:
    content, account = content_of(call.body), call.parts["acc"]
    # One page calls the field of v2 "callback" in its table, and "url" in its example.
    url = content.get("url", content.get("callback") if api_version != "v1" else None)
    if not isinstance(url, str) or not _is_http(url):
        raise Refusal("Invalid callback url")
    if api_version != "v1":
        world.callbacks.put(api_version, account, Callback(url))
        return json_answer({"url": url})
    if content.get("name") != SERVICE:
        raise Refusal(BINDING)
    world.callbacks.put(api_version, account, Callback(url, _text(content, "username"), _text(content, "password")))
    return json_answer({"accountName": account, "serviceName": SERVICE})


def _show(world: World, call: Call, api_version: str) -> Answer:
    account = call.parts["acc"]
    found = world.callbacks.find(api_version, account)
    if api_version == "v1":
        return json_answer([] if found is None else [_v1_entry(account, found)])
    if found is None:
        return json_answer({}) if world.behaviour.no_callback_form == "object" else Answer(200)
    return json_answer({"url": found.url})


def _delete(world: World, call: Call, api_version: str) -> Answer:
    is_known_service = call.parts.get("service", SERVICE) == SERVICE
    if not is_known_service or not world.callbacks.remove(api_version, call.parts["acc"]):
        # A guess: the documents do not say what happens in this case.
        raise Refusal("Callback is not registered")
    return json_answer({"success": True})


def _v1_entry(account: str, callback: Callback) -> dict[str, Any]:
    entry = {"aname": account, "name": SERVICE, "url": callback.url}
    optional = {"username": callback.username, "password": callback.password}
    return {**entry, **{name: value for name, value in optional.items() if value is not None}}


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _text(content: dict[str, Any], name: str) -> str | None:
    value = content.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal(BINDING)
    return value
