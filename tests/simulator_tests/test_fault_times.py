# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the matching requests a rule hits: the n-th, a share, those in a period."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.control import Control, ControlError
from simulator.stock import ACCOUNT, V2_ID
from simulator_tests.raw import RawClient


def statuses(client: RawClient, count: int) -> list[int]:
    return [client.read("v2", ACCOUNT, V2_ID).status_code for _poll in range(count)]


def test_the_third_request(client: RawClient, control: Control) -> None:
    control.fault("status", status=503, kind="campaign_read", skip=2, times=1)

    assert statuses(client, 5) == [200, 200, 503, 200, 200]


def test_a_share_is_hit_by_chance_that_can_be_repeated(client: RawClient, control: Control) -> None:
    shown = []
    for seed in (1, 1, 2):
        control.clear_faults()
        control.fault("status", status=503, kind="campaign_read", share=0.25, seed=seed)
        shown.append(statuses(client, 80))

    assert 10 <= shown[0].count(503) <= 30
    assert shown[0] == shown[1] != shown[2]


def test_a_share_of_all_and_a_limit(client: RawClient, control: Control) -> None:
    control.fault("status", status=503, kind="campaign_read", share=1, times=2)

    assert statuses(client, 3) == [503, 503, 200]


def test_a_span_of_the_simulated_time(client: RawClient, control: Control) -> None:
    control.advance(1000)
    control.fault("status", status=503, kind="campaign_read", after=60, lasts=120)

    shown = []
    for step in (0, 59, 1, 119, 1):
        control.advance(step)
        shown += statuses(client, 1)

    assert shown == [200, 200, 503, 503, 200]


def test_a_span_does_not_count_what_came_before_it(client: RawClient, control: Control) -> None:
    control.fault("status", status=503, kind="campaign_read", after=60, skip=1, times=1)
    assert statuses(client, 2) == [200, 200]
    control.advance(60)

    assert statuses(client, 3) == [200, 503, 200]


def test_the_spans_of_a_scenario_begin_with_it(client: RawClient, control: Control) -> None:
    control.advance(500)
    rule = {"action": "status", "status": 503, "kind": "campaign_read", "lasts": 30}
    control.scenario({"faults": [rule]})
    client.log_in()

    assert statuses(client, 1) == [503]
    control.advance(30)
    assert statuses(client, 1) == [200]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"share": 0}, "share must be more than 0, and 1 at most"),
        ({"share": 1.5}, "share must be more than 0, and 1 at most"),
        ({"after": -1}, "after must be 0 or more"),
        ({"lasts": 0}, "lasts more than 0"),
        ({"times": 0}, "times 1 or more"),
        ({"midway": True}, "midway is for the actions reset, close, hang"),
        ({"name": "gzip"}, "the name of the action 'empty' is one of absent"),
        ({"action": "date"}, "the action 'date' needs one of 'value' and 'skew'"),
        ({"action": "date", "value": "x", "skew": 1}, "the action 'date' needs one of 'value' and 'skew'"),
        ({"action": "content_type"}, "the action 'content_type' needs 'value'"),
        ({"action": "wrong_encoding", "name": "br"}, "the name of the action 'wrong_encoding' is one of gzip, utf-16"),
        ({"action": "wrong_name", "path": "x"}, "it has neither kind nor path"),
        ({"action": "wrong_name"}, "started with --tls"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(control: Control, rule: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ControlError, match=sentence):
        control.fault(**{"action": "empty", **rule})
    assert control.state()["faults"] == []


def test_a_scenario_with_an_impossible_fault_changes_nothing(control: Control) -> None:
    before = control.state()
    with pytest.raises(ControlError, match="--tls"):
        control.scenario({"accounts": ["0000000001-00001"], "faults": [{"action": "wrong_name"}]})

    assert control.state() == before
