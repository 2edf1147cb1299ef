# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any JSON from the service as a campaign gives facts with the documented keys, or a ThingSpaceError."""

from __future__ import annotations

import copy
import datetime
import json
import typing as t

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import FIELDS, campaign_facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import STATES

DERIVED: t.Final = {
    *("api_version", "state", "phase", "terminal", "outcome", "device_summary", "devices", "extra"),
}

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    # The longest number that Python's own JSON reader takes.
    st.just(10**4299),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["CampaignEnded", "Queued", "2026-03-01", "2026-03-01T00:00:00Z", "24", "true", "9999-12-31"]),
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
windows = st.lists(st.dictionaries(st.sampled_from(["startTime", "endTime", "zone"]), scalars, max_size=3), max_size=3)
devices = st.lists(st.dictionaries(st.sampled_from(["deviceId", "status", "resultReason"]), scalars), max_size=3)


@st.composite
def campaigns(draw: st.DrawFn, version: str) -> t.Any:
    """Generate bodies that look like a campaign of this version, with anything in their fields."""
    names = [spelling for field in FIELDS[version].values() for spelling in field.spellings]
    values = st.one_of(scalars, windows, devices, anything)
    known = draw(st.dictionaries(st.sampled_from(names), values, max_size=len(names)))
    return {**draw(st.dictionaries(st.text(max_size=8), anything, max_size=2)), **known}


@pytest.mark.slow
@pytest.mark.parametrize("version", sorted(FIELDS))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_facts_or_an_error_of_the_family(version: str, data: st.DataObject) -> None:
    body = data.draw(st.one_of(anything, campaigns(version)))
    before = copy.deepcopy(body)

    try:
        facts = campaign_facts(body, version, datetime.date(2026, 3, 1))
    except BadResponse:
        assert not isinstance(body, dict) or not (_is_text(body.get("id")) or _is_text(body.get("status")))
        return
    finally:
        assert body == before

    assert set(facts) == set(FIELDS[version]) | DERIVED
    assert facts["state"] in STATES
    assert facts["phase"] in ("requested", "scheduled", "running", "over", "unknown")
    assert isinstance(facts["terminal"], bool)
    _assert_serialisable(facts)
    # All values in the answer are also in the facts.
    for name, field in FIELDS[version].items():
        if any(body.get(spelling) is not None for spelling in field.spellings):
            assert dict(facts)[name] is not None or set(field.spellings) & set(facts["extra"])


def _is_text(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _assert_serialisable(facts: t.Mapping[str, t.Any]) -> None:
    _assert_plain(facts)
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def _assert_plain(value: t.Any) -> None:
    """Check that there are only JSON types. A round trip alone would not distinguish a tuple from a list."""
    assert value is None or value.__class__ in (str, int, float, bool, list, dict)
    for item in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        _assert_plain(item)
