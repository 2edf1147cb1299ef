# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Correct answers in which one value is replaced by any JSON value."""

from __future__ import annotations

import copy
import json
import typing as t
from collections.abc import Iterator

from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import device_state
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import UNKNOWN, state_of
from ansible_collections.fleetops.thingspace.tests.unit import any_json

# A place in a JSON value: keys and indexes, outermost first.
Place = tuple[t.Any, ...]

_MARK: t.Final = "the one value that is replaced"
_ODD: t.Final = (
    *("true", "false", "null", "0", "1", "2", "-1", "1.0", "0.5", '""', '"0"', '"1"', '"true"', '"True"', '"false"'),
    *('"1_000"', '"\u0661"', "[]", "{}", "[null]", "[[]]", "[{}]", '[{"deviceId":null}]', "99999", '"99999"', "9e99"),
)


def places_in(value: t.Any, place: Place = ()) -> Iterator[Place]:
    """Yield every place in a value, including the value itself."""
    yield place
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from places_in(inner, (*place, step))


def value_at(value: t.Any, place: Place) -> t.Any:
    """Return the value at a place."""
    for step in place:
        value = value[step]
    return value


def _with_mark(body: t.Any, place: Place) -> t.Any:
    if not place:
        return _MARK
    body = copy.deepcopy(body)
    value_at(body, place[:-1])[place[-1]] = _MARK
    return body


def _in_other_clothes(value: t.Any) -> list[t.Any]:
    """Return values that are similar to a value, but not equal."""
    clothes: list[t.Any] = [[value], {"value": value}, [value, value], [[value]], json.dumps(value)]
    if isinstance(value, str):
        clothes += [f" {value} ", value.upper(), f"{value}!", f"\u2260{value}", f"{value}\0", value[::-1], value[:-1]]
    if isinstance(value, int):
        clothes += [str(value), float(value), -value, value + 1, value - 1, not value]
    return clothes


def _is_documented(place: Place, text: str) -> bool:
    """Whether the replacement is correct, too: a documented status."""
    if place[-1:] != ("status",):
        return False
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    is_device = "deviceList" in place
    return device_state(value) != UNKNOWN if is_device else state_of(value) != UNKNOWN


def _replaced(body: t.Any, place: Place, text: str) -> str:
    return json.dumps(_with_mark(body, place)).replace(json.dumps(_MARK), text)


def each_replaced(body: t.Any) -> Iterator[str]:
    """Yield C(body) as JSON text with each value replaced in turn: by odd, similar, and its other values."""
    values = [value_at(body, place) for place in places_in(body)]
    own = [json.dumps(value) for value in values if not isinstance(value, list)]
    for place in places_in(body):
        alike = [json.dumps(value) for value in _in_other_clothes(value_at(body, place))]
        for text in dict.fromkeys((*_ODD, *alike, *own)):
            if not _is_documented(place, text):
                yield _replaced(body, place, text)


@st.composite
def one_replaced(draw: st.DrawFn, body: t.Any) -> str:
    """Generate C(body) as JSON text with one value replaced by anything."""
    place = draw(st.sampled_from(list(places_in(body))))
    text = draw(any_json.anything.filter(lambda text: not _is_documented(place, text)))
    return _replaced(body, place, text)
