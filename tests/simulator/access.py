# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access control of firmware management, and the lookup of the campaign in a request."""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator import errors
from simulator.answer import Answer
from simulator.call import Call
from simulator.campaigns import Campaign, is_uuid
from simulator.gateway import check_bearer
from simulator.sessions import Session
from simulator.world import World

_ACCOUNT = re.compile(r"^[0-9]+-[0-9]+$")

Handler = Callable[[World, Call], Answer]


def session_of(world: World, call: Call) -> Session | Answer:
    """Return the session of a request, or the error response if its bearer token or session token is invalid."""
    refusal = check_bearer(world, call)
    if refusal is not None:
        return refusal
    session = world.sessions.use(call.headers.get("vz-m2m-token"), world.behaviour.session_idle_seconds)
    if isinstance(session, Session):
        return session
    return errors.session_refused(session, world.behaviour.session_expired_form)


def refusal_of(world: World, call: Call, account: str | None = None) -> Answer | None:
    """Return the error response to a request with invalid tokens, or for an account that the user cannot read.

    Return None if the request is allowed. ``account`` is required if the path does not contain the account.
    """
    session = session_of(world, call)
    if isinstance(session, Answer):
        return session
    account = call.parts["acc"] if account is None else account
    if not _ACCOUNT.match(account):
        return errors.invalid_parameter("Invalid account name format")
    if not world.has_account(account) or not session.user.may_read(account):
        return errors.unknown_account(account)
    return None


def campaign_of(world: World, call: Call, api_version: str) -> Campaign | Answer:
    """Return the campaign that the path names, or the error response."""
    refusal = refusal_of(world, call)
    if refusal is not None:
        return refusal
    campaign_id = call.parts["id"]
    if not is_uuid(campaign_id):
        return errors.invalid_parameter("Invalid uuid")
    campaign = world.campaigns.find(api_version, call.parts["acc"], campaign_id)
    if campaign is None:
        return errors.invalid_parameter("Invalid upgradeId", int(world.behaviour.unknown_campaign_form))
    return campaign
