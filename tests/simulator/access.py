# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may call firmware management, and which campaign a call is about."""

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
    """The session of a request, or the refusal of one without two good credentials."""
    refusal = check_bearer(world, call)
    if refusal is not None:
        return refusal
    session = world.sessions.use(call.headers.get("vz-m2m-token"), world.behaviour.session_idle_seconds)
    if isinstance(session, Session):
        return session
    return errors.session_refused(session, world.behaviour.session_expired_form)


def refusal_of(world: World, call: Call, account: str | None = None) -> Answer | None:
    """The refusal of a request without two good credentials, or for an account that the user cannot read.

    ``account``: the one that the request is about, if its path does not name it.
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
    """The campaign that the path names, or the refusal."""
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
