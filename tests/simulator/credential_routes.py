# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls for credentials: OAuth token and revoke, session login and logout."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from simulator import errors
from simulator.answer import Answer, json_answer
from simulator.call import Call, basic_pair
from simulator.gateway import check_bearer
from simulator.sessions import Session
from simulator.world import World


def token(world: World, call: Call) -> Answer:
    """Handle POST /ts/v1/oauth2/token."""
    checked = _token_client(world, call)
    if isinstance(checked, Answer):
        world.counters.tokens_refused += 1
        return checked
    world.counters.tokens_accepted += 1
    lifetime = world.behaviour.token_lifetime_seconds
    issued = world.tokens.issue(checked, lifetime)
    remaining = world.tokens.remaining(issued) if world.behaviour.oauth_countdown else lifetime
    content = {"access_token": issued.value, "token_type": "Bearer"}
    if world.behaviour.oauth_fields == "required":
        return json_answer(content)
    # The scope is not documented; this is what a stock WSO2 gateway says.
    return json_answer({**content, "scope": "am_application_scope default", "expires_in": int(remaining)})


def revoke(world: World, call: Call) -> Answer:
    """Handle POST /ts/v1/oauth2/revoke. The answer has no body, and the token in a header."""
    checked = _token_client(world, call)
    if isinstance(checked, Answer):
        return checked
    value = _form(call).get("token", "")
    world.tokens.revoke(value, checked)
    return Answer(200, b"", (("RevokedAccessToken", value),) if value.isalnum() else ())


def login(world: World, call: Call) -> Answer:
    """Handle POST /m2m/v1/session/login."""
    refusal = check_bearer(world, call)
    if refusal is not None:
        return refusal
    pair = _login_pair(call.body)
    if pair is None:
        world.counters.logins_refused += 1
        return errors.service_error("UnifiedWebService.INPUT_INVALID.RequestUndefined", "The request is not valid.")
    outcome = world.sessions.login(*pair, world.behaviour.lock_after_refusals)
    if isinstance(outcome, Session):
        world.counters.logins_accepted += 1
        if world.behaviour.login_ends_older_sessions:
            world.sessions.end_others(outcome)
        content: dict[str, Any] = {"sessionToken": outcome.token}
        if world.behaviour.session_expires_in is not None:
            content["expiresIn"] = world.behaviour.session_expires_in
        return json_answer(content)
    world.counters.logins_refused += 1
    status = int(world.behaviour.refused_login_form)
    if outcome == "locked":
        # A guess in the style of the service: the documents describe the lock, but not the answer.
        return errors.service_error("UnifiedWebService.REQUEST_FAILED.User.Locked", "The user is locked.", status)
    return errors.service_error("UnifiedWebService.INPUT_INVALID.Password.Invalid", "The password is invalid.", status)


def logout(world: World, call: Call) -> Answer:
    """Handle POST /m2m/v1/session/logout."""
    refusal = check_bearer(world, call)
    if refusal is not None:
        return refusal
    session = world.sessions.use(call.headers.get("vz-m2m-token"), world.behaviour.session_idle_seconds)
    if not isinstance(session, Session):
        return errors.session_refused(session, "m2m")
    world.sessions.logout(session)
    return json_answer({"sessionToken": session.token})


def _token_client(world: World, call: Call) -> str | Answer:
    """Return the API key of the client, or the error response."""
    authorization = call.authorization()
    if authorization is None:
        return errors.missing_credentials("Basic")
    scheme, value = authorization
    if scheme != "basic":
        return errors.xml_fault(403)
    grant_type = _form(call).get("grant_type")
    if not grant_type:
        return errors.oauth_error(400, "invalid_request", "Missing grant_type parameter value")
    if grant_type != "client_credentials":
        return errors.oauth_error(400, "unsupported_grant_type", "Unsupported grant_type value")
    pair = basic_pair(value)
    if pair is None or not world.tokens.is_client(*pair):
        return errors.oauth_error(401, "invalid_client", "A valid OAuth client could not be found for client_id")
    return pair[0]


def _form(call: Call) -> dict[str, str]:
    if not call.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        return {}
    return {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}


def _login_pair(body: bytes) -> tuple[str, str] | None:
    try:
        content: Any = json.loads(body)
    except ValueError:
        return None
    if not isinstance(content, dict):
        return None
    username, password = content.get("username"), content.get("password")
    return (username, password) if isinstance(username, str) and isinstance(password, str) else None
