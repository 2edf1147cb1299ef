# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The RETURN documentation of campaign_info matches the shapes: keys, types, nulls, and optional keys."""

from __future__ import annotations

import re
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils import _shapes as shapes
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import FIELDS
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait import verdict
from ansible_collections.fleetops.thingspace.tests.unit.return_docs import RETURN, may_be_null

Entry = t.Mapping[str, t.Any]
CAMPAIGN: t.Final = RETURN["campaigns"]["contains"]
# The documentation of each shape: the entries of its keys.
PLACES: t.Final[dict[str, tuple[t.Any, Entry]]] = {
    "campaigns": (shapes.Facts, CAMPAIGN),
    "device_summary": (shapes.DeviceSummary, CAMPAIGN["device_summary"]["contains"]),
    "top_reasons": (shapes.TopReason, CAMPAIGN["device_summary"]["contains"]["top_reasons"]["contains"]),
    "devices": (shapes.Device, CAMPAIGN["devices"]["contains"]),
    "device_list": (shapes.ListedDevice, CAMPAIGN["device_list"]["contains"]),
    "download_time_window_list": (shapes.Window, CAMPAIGN["download_time_window_list"]["contains"]),
    "install_time_window_list": (shapes.Window, CAMPAIGN["install_time_window_list"]["contains"]),
    "campaign_time_window_list": (shapes.Window, CAMPAIGN["campaign_time_window_list"]["contains"]),
    "device": (shapes.DeviceOfCampaign, RETURN["device"]["contains"]),
    "last_errors": (shapes.FailedPoll, RETURN["last_errors"]["contains"]),
    "history": (shapes.HistoryEntry, RETURN["history"]["contains"]),
    "waits": (shapes.CampaignWait, RETURN["waits"]["contains"]),
    "waits.history": (shapes.HistoryEntry, RETURN["waits"]["contains"]["history"]["contains"]),
}
# Keys that the action plugin adds to the result of a host, and those of Ansible.
BESIDE: t.Final = {"decision", "can_be_held"}
OWN: t.Final = {"changed"}
KINDS: t.Final = {"str": "str", "int": "int", "bool": "bool", "float": "float", "list": "list", "dict": "dict"}


def annotations_of(shape: t.Any) -> dict[str, str]:
    """Return the annotations of all keys of a shape, including those of its bases."""
    return {name: getattr(kind, "__forward_arg__", kind) for name, kind in shape.__annotations__.items()}


def deviations(shape: t.Any, entries: Entry, where: str) -> list[str]:
    """Return the differences between the documentation of a dict and its shape."""
    annotations = annotations_of(shape)
    found = [f"{name} is documented and in no shape" for name in entries if name not in annotations]
    for name, text in annotations.items():
        if name not in entries:
            found.append(f"{name} is in the shape and not documented")
            continue
        entry = entries[name]
        if (entry["returned"] == "always") is not (name in shape.__required_keys__):
            found.append(f"{name} is returned {entry['returned']}")
        if may_be_null(name, entry, where) is not text.endswith(" | None"):
            found.append(f"{name} may be null in one of them only")
        if kind_of(entry) != plain(text.removesuffix(" | None")):
            found.append(f"{name} is {kind_of(entry)} by the documentation and {text} by its shape")
    return found


def kind_of(entry: Entry) -> str:
    return f"list of {entry['elements']}" if entry["type"] == "list" else str(entry["type"])


def plain(text: str) -> str:
    """C(list[Device]) -> C(list of dict)."""
    found = re.fullmatch(r"(\w+)(?:\[(.*)\])?", text)
    assert found is not None, text
    name, inner = found.groups()
    return f"list of {plain(inner)}" if name == "list" else KINDS.get(name, "dict")


@pytest.mark.parametrize("place", PLACES)
def test_a_dict_is_documented_as_it_is(place: str) -> None:
    shape, entries = PLACES[place]
    assert deviations(shape, entries, "campaign" if place == "campaigns" else place) == []


def test_each_dict_that_is_documented_has_a_shape() -> None:
    def dicts(entries: Entry) -> t.Iterator[Entry]:
        for entry in entries.values():
            if "contains" in entry:
                yield entry["contains"]
                yield from dicts(entry["contains"])

    by_state = CAMPAIGN["device_summary"]["contains"]["by_state"]["contains"]
    known = [by_state, *(entries for _shape, entries in PLACES.values())]
    assert all(any(one is other for other in known) for one in dicts(RETURN))
    assert list(by_state) == sorted(DEVICE_STATES, key=list(by_state).index) and set(by_state) == set(DEVICE_STATES)


@pytest.mark.parametrize("shape", [shapes.ReadResult, shapes.WaitResult, shapes.TaskResult])
def test_the_keys_of_a_result_are_documented_with_their_types(shape: t.Any) -> None:
    for name, text in annotations_of(shape).items():
        if name not in OWN:
            assert kind_of(RETURN[name]) == plain(text.removesuffix(" | None")), name
            assert may_be_null(name, RETURN[name], "result") is text.endswith(" | None"), name


def test_there_is_no_other_key_of_a_result() -> None:
    assert set(annotations_of(shapes.TaskResult)) == {*RETURN, *OWN} - BESIDE


def test_what_a_wait_adds_is_documented_for_a_wait() -> None:
    for name in annotations_of(shapes.WaitResult):
        assert RETURN[name]["returned"].startswith("with O(wait=true)"), name


def test_each_verdict_is_documented() -> None:
    words = {verdict.REACHED, verdict.PAST_TARGET, verdict.WAITING, *verdict.HOPELESS}
    text = " ".join(RETURN["waits"]["contains"]["verdict"]["description"])
    assert set(re.findall(r"V\((\w+)\)", text)) == words


@pytest.mark.parametrize("version", FIELDS)
def test_the_fields_of_a_version_are_in_the_shape(version: str) -> None:
    assert set(FIELDS[version]) <= set(annotations_of(shapes.Facts))


def test_a_difference_is_seen() -> None:
    entries = {**PLACES["devices"][1], "reason": {"description": "It.", "type": "int", "returned": "sometimes"}}
    del entries["status"]
    assert deviations(shapes.Device, {**entries, "colour": entries["state"]}, "devices") == [
        "colour is documented and in no shape",
        "status is in the shape and not documented",
        "reason is returned sometimes",
        "reason may be null in one of them only",
        "reason is int by the documentation and str | None by its shape",
    ]
