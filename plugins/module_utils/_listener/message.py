# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: converts the body of a callback to a hint.

The ThingSpace documentation shows only the beginning of a body, and only for API version 1. Therefore, the body is
parsed tolerantly, and only used to decide which campaign to poll.
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
# A key "id" at the top can be the ID of the callback itself. In an element with such a name, it is the campaign.
_ID_KEY: t.Final = "id"
_CAMPAIGN_PREFIXES: t.Final = ("campaign", "upgrade")
# A campaign ID or account name must be usable as a path segment of the API.
_NAME: t.Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_WORD: t.Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True)
class Hint:
    """A campaign may have changed. The ID and the account are None if the callback does not name them.

    C(kind) is the type in the callback, such as C(upgradeProgress).
    """

    campaign_id: str | None
    account_name: str | None
    kind: str | None


EMPTY_HINT: t.Final = Hint(None, None, None)


@dataclass(frozen=True, repr=False)
class Message:
    """A parsed callback. The user name and password are unvalidated values of the body."""

    hint: Hint
    username: object
    password: object


def message_of(body: bytes) -> Message | None:
    """Parse the body of a callback. None if it is not a JSON object in UTF-8, or is nested too deeply."""
    try:
        content = read(body)
    except ValueError:
        return None
    if not isinstance(content, Mapping):
        return None
    return Message(hint_in(content), content.get("username"), content.get("password"))


def hint_in(content: object) -> Hint:
    """Return the hint in a parsed callback, or C(EMPTY_HINT) if it is not an object."""
    if not isinstance(content, Mapping):
        return EMPTY_HINT
    # The campaign ID is at the top level, or in the element for the type of the callback.
    elements_by_key = {str(key).lower(): value for key, value in content.items() if isinstance(value, Mapping)}
    ids = _names_in([content, *elements_by_key.values()], _ID_KEYS) or _names_in(
        [value for key, value in elements_by_key.items() if key.startswith(_CAMPAIGN_PREFIXES)], (_ID_KEY,)
    )
    return Hint(_only(ids), _only(_names_in([content], ("accountname",))), _matching(content.get("type"), _WORD))


def _names_in(elements: t.Sequence[Mapping[t.Any, t.Any]], keys: t.Sequence[str]) -> set[str]:
    """Return the valid names under these keys, which are compared case-insensitively."""
    values = [value for element in elements for key, value in element.items() if str(key).lower() in keys]
    return {name for value in values if (name := _matching(value, _NAME)) is not None}


def _only(names: set[str]) -> str | None:
    """Return the only name, or None if there is none or more than one."""
    return next(iter(names)) if len(names) == 1 else None


def _matching(value: object, pattern: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def hint_event(hint: Hint, at: datetime.datetime) -> dict[str, t.Any]:
    """Return the event of a hint, with the schema C(callback_hint.json). C(at) is by the clock of the listener.

    The ID depends only on the hint, so a replayed callback has the same ID. The event has no status, because a callback
    has no signature and nobody should act on its content.
    """
    content = json.dumps([hint.account_name, hint.campaign_id, hint.kind])
    identity = hashlib.sha256(content.encode("utf-8")).hexdigest()[:32]
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
