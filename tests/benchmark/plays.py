# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contenders that are plays, as lists of tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Task = Mapping[str, Any]

_ENV = "{{ lookup('ansible.builtin.env', 'THINGSPACE_%s') }}"
_URL = _ENV % "API_URL"


def nothing(seconds: float = 0) -> Task:
    """The minimum: an action plugin that only sleeps for some seconds."""
    return {"name": "nothing", "nothing": {"seconds": seconds}}


def info(ids: Sequence[str], **options: Any) -> Task:
    """A ``campaign_info`` task. The credentials come from the environment."""
    return {"name": "ours", "fleetops.thingspace.campaign_info": {"campaign_id": list(ids), **options}}


def wait(ids: Sequence[str], interval: float, **options: Any) -> Task:
    """The same task, but waiting, with a fixed interval."""
    return info(ids, wait=True, wait_interval=interval, wait_max_interval=interval, **options)


def uri_logins() -> list[Task]:
    """Two logins with C(uri), whose answers are registered as ``oauth`` and ``session``."""
    oauth = {
        "url": f"{_URL}/ts/v1/oauth2/token",
        "method": "POST",
        "url_username": _ENV % "API_KEY",
        "url_password": _ENV % "API_SECRET",
        "force_basic_auth": True,
        "body_format": "form-urlencoded",
        "body": {"grant_type": "client_credentials"},
    }
    session = {
        "url": f"{_URL}/m2m/v1/session/login",
        "method": "POST",
        "headers": {"Authorization": "Bearer {{ oauth.json.access_token }}"},
        "body_format": "json",
        "body": {"username": _ENV % "USERNAME", "password": _ENV % "PASSWORD"},
    }
    return [
        {"name": "login", "ansible.builtin.uri": oauth, "register": "oauth"},
        {"name": "login", "ansible.builtin.uri": session, "register": "session"},
    ]


def uri_get(campaign_id: str, access: str, session: str) -> Task:
    """A read of one campaign."""
    options = {
        "url": f"{_URL}/fota/v2/campaigns/{_ENV % 'ACCOUNT_NAME'}/{campaign_id}",
        "headers": {"Authorization": f"Bearer {access}", "VZ-M2M-Token": session},
    }
    return {"name": "uri", "ansible.builtin.uri": options, "register": "campaign"}


def uri_wait(campaign_id: str, delay: int, retries: int = 1000) -> list[Task]:
    """A wait without this collection: log in, then read the campaign until it has ended."""
    get = uri_get(campaign_id, "{{ oauth.json.access_token }}", "{{ session.json.sessionToken }}")
    until = {"until": "campaign.json.status == 'CampaignEnded'", "delay": delay, "retries": retries}
    return [*uri_logins(), {**get, **until}]
