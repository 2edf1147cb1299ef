# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checker of the RETURN documentation finds all deviations."""

from __future__ import annotations

import copy
import datetime
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import campaign_facts
from ansible_collections.fleetops.thingspace.tests.unit.return_docs import RETURN, deviations, deviations_of_facts

PARAMS: t.Final = {"campaign_id": ["a"], "api_version": "v2", "wait": True, "options_from": "campaign_wait_"}
Result = dict[str, t.Any]


@pytest.fixture
def result(example: t.Callable[[str], Result]) -> Result:
    """Return a result of a wait with the samples in the documentation."""
    facts = campaign_facts(example("v2"), "v2", datetime.date(2026, 3, 1))
    sampled = {name: copy.deepcopy(entry["sample"]) for name, entry in RETURN.items() if "sample" in entry}
    return {**sampled, "campaigns": [facts], "campaign": copy.deepcopy(facts), "changed": False}


def test_the_samples_are_as_documented(result: Result) -> None:
    assert deviations(result, PARAMS) == []


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_the_examples_are_as_documented(version: str, example: t.Callable[[str], Result]) -> None:
    assert deviations_of_facts(campaign_facts(example(version), version, datetime.date(2026, 3, 1)), version) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"polls": "14"}, "result.polls is documented as int, and is str"),
        ({"polls": True}, "result.polls is documented as int, and is bool"),
        ({"polls": None}, "result.polls is null, which is not documented"),
        ({"progress": 1}, "result.progress is not documented"),
        ({"last_errors": [{"at": "x", "message": "y"}]}, "result.last_errors[0].campaign_id is missing"),
        ({"elapsed": float("nan")}, "result.elapsed is not a number"),
        ({"message": "\ud800"}, "result.message has characters"),
        ({"history": ("a",)}, "result.history is documented as list, and is tuple"),
        ({"next_poll_at": None}, ""),
        ({"campaign": None}, ""),
    ],
)
def test_a_deviation_is_seen(result: Result, change: Result, sentence: str) -> None:
    found = deviations({**result, **change}, PARAMS)
    assert bool(found) == bool(sentence)
    assert not sentence or found[0].startswith(sentence), found


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"state": None}, "result.campaigns[0].state is null"),
        ({"status": None}, ""),
        ({"firmware_to": "x"}, "result.campaigns[0].firmware_to is there, although"),
        ({"extra": {"deep": [object()]}}, "result.campaigns[0].extra.deep[0] is a object"),
        ({"device_summary": {}}, "result.campaigns[0].device_summary.total is missing"),
        ({"download_time_window_list": [{"start_time": None, "end_time": "20"}]}, "result.campaigns[0].download_time"),
    ],
)
def test_a_deviation_in_a_campaign_is_seen(result: Result, change: Result, sentence: str) -> None:
    result["campaigns"][0].update(change)
    found = deviations(result, PARAMS)
    assert bool(found) == bool(sentence)
    assert not sentence or found[0].startswith(sentence), found


def test_missing_and_needless_keys_are_seen(result: Result) -> None:
    del result["waits"]
    assert deviations(result, PARAMS) == ["result.waits is missing, although it is returned with O(wait=true)"]
    assert "result.polls is there, although it is returned with O(wait=true)" in deviations(
        result, {**PARAMS, "wait": False}
    )
    assert deviations({"failed": True, "reason": "invalid_option", "msg": "x"}, PARAMS) == []
