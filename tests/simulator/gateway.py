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
    """Return the error response to a request without a valid bearer token, or None if it has one."""
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
    """Return the context and version of the API that a path belongs to, as the gateway names them."""
    match = _CONTEXT.match(path)
    return (match["context"], match["version"]) if match else ("/", "v1")


def wrong_path(_world: World, call: Call) -> Answer:
    """Return the error response to an unknown path or method, which depends on whether the API is known."""
    return errors.no_resource(*api_of(call.path)) if _CONTEXT.match(call.path) else errors.xml_fault(404)
