# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hypothesis strategies for answers of the service, as text: any JSON, and what only Python accepts as JSON.

They produce text instead of values, because values cannot have duplicate keys, unpaired surrogates as escapes, or
numbers beyond the range of float.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Sequence

from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import FIELDS

_WORDS: t.Final = (
    *("CampaignEnded", "CampaignScheduled", "Queued", "Finished", "UpgradeSuccess", "UpgradeFailed"),
    *("2026-03-01", "2026-03-01T00:00:00Z", "0001-01-01", "9999-12-31", "2026-02-30", "24", "true", " FALSE ", "0", ""),
    *("990003425730535", "\u0663", "1_000", "\u0130", "\x1b[31m", "\u2028", "{{ 7 * 7 }}", "x" * 5000),
)
# Literal JSON text: strings with surrogates, values such as NaN, and numbers at the limits of parsers.
_TOKENS: t.Final = (
    *('"\\ud800"', '"\\udc00\\ud83d"', '"\\ud83d\\ude00"', '"a\\u0000b"', '"\\u202e"', "null", "true", "false"),
    *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e308", "5e-324", "-0", "-0.0", "1E+2", "0.1"),
    *("9" * 400, "9" * 4300, "-" + "9" * 4300, "9" * 4301, "9" * 400 + ".5", "2026", "-1", "24", "25", "20.0"),
)
_DEPTHS: t.Final = (60, 61, 62, 63, 64, 65, 500, 3000, 30_000)

scalars = st.one_of(
    st.sampled_from(_TOKENS),
    st.sampled_from([json.dumps(word) for word in _WORDS]),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(st.characters(blacklist_categories=()), max_size=20).map(json.dumps),
)


def _object(pairs: Sequence[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{json.dumps(key)}:{value}" for key, value in pairs) + "}"


def _list(items: Sequence[str]) -> str:
    return "[" + ",".join(items) + "]"


def _nested(depth: int) -> str:
    return '{"a":[' * (depth // 2) + "1" + "]}" * (depth // 2)


keys = st.text(max_size=6) | st.sampled_from(["extra", "state", "id", "\ud800"])
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4).map(_list) | st.lists(st.tuples(keys, inner), max_size=4).map(_object),
    max_leaves=12,
) | st.sampled_from(_DEPTHS).map(_nested)


def objects(names: Sequence[str], values: st.SearchStrategy[str] = anything) -> st.SearchStrategy[str]:
    """Generate objects with some of these keys, in any order, some of them duplicated, and with other keys."""
    pairs = st.lists(st.tuples(st.sampled_from(names), values), max_size=len(names) + 2)
    more = st.lists(st.tuples(keys, values), max_size=2)
    return st.tuples(pairs, more).map(lambda both: _object([*both[0], *both[1]]))


def lists_of(item: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Generate short lists."""
    return st.lists(item, max_size=4).map(_list)


windows = lists_of(objects(["startTime", "endTime"], scalars))
devices = lists_of(objects(["deviceId", "status", "resultReason", "reason"], scalars | anything))


def campaigns(api_version: str, campaign_id: str | None = None) -> st.SearchStrategy[str]:
    """Generate campaigns of a version with anything in their fields. C(campaign_id), if given, overrides the ID."""
    names = [spelling for field in FIELDS[api_version].values() for spelling in field.spellings]
    bodies = objects(names, st.one_of(scalars, windows, devices, anything))
    if campaign_id is None:
        return bodies | anything
    identity = _object([("status", '"CampaignEnded"'), ("id", json.dumps(campaign_id))])[1:]
    return bodies.map(lambda body: body[:-1] + ("," if len(body) > 2 else "") + identity)


reports = objects(["totalDevice", "hasMoreData", "lastSeenDeviceId", "deviceList"], scalars | devices | anything)
access_tokens = objects(["access_token", "expires_in", "token_type", "scope"], scalars | anything)
session_tokens = objects(["sessionToken"], scalars | anything)
errors = objects(
    ["errorCode", "errorMessage", "fault", "code", "error", "error_description", "message", "description"],
    scalars | anything,
)
