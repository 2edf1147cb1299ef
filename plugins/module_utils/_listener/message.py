# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: from the body of a callback to a hint.

The documents have the beginning of the body of version 1, and none of the others. So the body is read tolerantly, and
nothing in it is believed but which campaign may be worth a poll.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.json_body import read
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable

SOURCE: t.Final = "fleetops.thingspace.callback"
_ID_KEYS: t.Final = ("campaignid", "upgradeid")
# The bare word could be the ID of the callback itself, but not in an element of such a name.
_BARE_ID: t.Final = "id"
_OF_CAMPAIGNS: t.Final = ("campaign", "upgrade")
# What can be a path segment of the service, and so the ID of a campaign or the name of an account.
_NAME: t.Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_WORD: t.Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True)
class Hint:
    """Something may have changed: in C(campaign_id) of C(account_name), where the callback names them.

    C(kind) is what the callback calls itself, such as C(upgradeProgress).
    """

    campaign_id: str | None
    account_name: str | None
    kind: str | None


NOTHING: t.Final = Hint(None, None, None)


@dataclass(frozen=True, repr=False)
class Message:
    """A callback that could be read; user and password are whatever the body has under these names."""

    hint: Hint
    username: object
    password: object


def message_of(body: bytes) -> Message | None:
    """The callback in a body; None for one that is no JSON object in UTF-8, or is nested too deeply."""
    try:
        content = read(body)
    except ValueError:
        return None
    if not isinstance(content, Mapping):
        return None
    return Message(hint_in(content), content.get("username"), content.get("password"))


def hint_in(content: object) -> Hint:
    """What a callback names that was parsed already; C(NOTHING) if it is no object."""
    if not isinstance(content, Mapping):
        return NOTHING
    # Campaigns are named at the top, or in the one element that belongs to the type of the callback.
    named = {str(key).lower(): value for key, value in content.items() if isinstance(value, Mapping)}
    ids = _names_in([content, *named.values()], _ID_KEYS) or _names_in(
        [value for key, value in named.items() if key.startswith(_OF_CAMPAIGNS)], (_BARE_ID,)
    )
    return Hint(_only(ids), _only(_names_in([content], ("accountname",))), _matching(content.get("type"), _WORD))


def _names_in(elements: t.Sequence[Mapping[t.Any, t.Any]], keys: t.Sequence[str]) -> set[str]:
    """The names that stand under these keys, in any case."""
    values = [value for element in elements for key, value in element.items() if str(key).lower() in keys]
    return {name for value in values if (name := _matching(value, _NAME)) is not None}


def _only(names: set[str]) -> str | None:
    """None as well for several: nobody knows which one is meant."""
    return next(iter(names)) if len(names) == 1 else None


def _matching(value: object, pattern: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def hint_event(hint: Hint, at: datetime.datetime) -> dict[str, t.Any]:
    """The event of a hint, as the schema C(callback_hint.json) has it; C(at) is the listener's own time.

    Its ID depends only on what the callback names: a replayed one has the same. It has no status: a callback is not
    signed, and what it claims is nothing to act upon.
    """
    named = json.dumps([hint.account_name, hint.campaign_id, hint.kind])
    identity = hashlib.sha256(named.encode("utf-8")).hexdigest()[:32]
    about = "a campaign" if hint.campaign_id is None else f"campaign {printable(hint.campaign_id)}"
    return {
        "type": "hint",
        "id": identity,
        "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "campaign": {"id": hint.campaign_id, "account_name": hint.account_name},
        "callback_type": hint.kind,
        "message": f"A callback reports a change of {about}: poll it to learn its status.",
        "meta": {"source": {"type": SOURCE}, "uuid": identity},
    }
