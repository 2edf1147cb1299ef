# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API gateway checks before a service sees the request: path and bearer token."""

from __future__ import annotations

import re

from simulator import errors
from simulator.answer import Answer
from simulator.call import Call
from simulator.world import World

_CONTEXT = re.compile(r"^/api(?P<context>/(?:m2m|ts|fota)/(?P<version>v[1-3]))(?:/|$)")


def check_bearer(world: World, call: Call) -> Answer | None:
    """The refusal of a request without a good bearer token, None when it has one."""
    authorization = call.authorization()
    if authorization is None:
        return errors.missing_credentials("Bearer")
    scheme, token = authorization
    if scheme != "bearer":
        return errors.xml_fault(403)
    if not world.tokens.is_valid(token):
        return errors.invalid_credentials(*api_of(call.path))
    return None


def api_of(path: str) -> tuple[str, str]:
    """Context and version of the API that a path belongs to, as the gateway names them."""
    match = _CONTEXT.match(path)
    return (match["context"], match["version"]) if match else ("/", "v1")


def wrong_path(_world: World, call: Call) -> Answer:
    """A path (or a method) that no API has: one answer inside a known API, another one outside."""
    return errors.no_resource(*api_of(call.path)) if _CONTEXT.match(call.path) else errors.xml_fault(404)
