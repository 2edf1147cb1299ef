# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sentences of a wait."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils import _sentences as sentences
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import Campaign, World, run_wait, status


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.4, "0s"),
        (59.6, "1m00s"),
        (60, "1m00s"),
        (725, "12m05s"),
        (3599.7, "1h00m"),
        (3600, "1h00m"),
        (12_000, "3h20m"),
        (86_399.9, "1d00h"),
        (187_200, "2d04h"),
        (365 * 86_400, "365d00h"),
    ],
)
def test_a_span_has_two_units_at_most(seconds: float, text: str) -> None:
    assert sentences.span(seconds) == text


def ending_of(words: dict[str, str], **changes: t.Any) -> str:
    """The message of a wait with campaigns of these names and states."""
    world = World({f"c{name}": Campaign([(0, status(word))], name=name) for name, word in words.items()})
    return run_wait(world, **{"timeout": 0.0, **changes}).ending.message


def test_reached() -> None:
    assert ending_of({"A": "CampaignEnded"}) == "Campaign A (cA) has reached ended: it is ended [CampaignEnded]."


def test_gone_past() -> None:
    message = ending_of({"A": "CampaignEnded"}, targets=("queued", "scheduled"))
    assert message == "Campaign A (cA) has gone past queued or scheduled: it is ended [CampaignEnded]."


def test_many_are_counted() -> None:
    message = ending_of({name: "CampaignEnded" for name in "ABCDE"})
    assert message == "5 of 5 campaigns have reached ended."


def test_not_reachable_names_three_and_counts_the_rest() -> None:
    message = ending_of({name: "CampaignFailed" for name in "ABCDE"})
    assert message.startswith("ended can no longer be reached: campaign A (cA) is failed [CampaignFailed], ")
    assert message.endswith(" and 2 more.")
    assert "cC" in message and "cD" not in message


def test_unknown() -> None:
    message = ending_of({"A": "Pondering"}, unknown_fails=True)
    assert "'Pondering'" in message and "wait_unknown_state" in message


def test_timed_out() -> None:
    message = ending_of({"A": "CampaignScheduled"}, timeout=90_000.0)
    assert message == (
        "ended was not reached within 1d01h: campaign A (cA) is scheduled [CampaignScheduled]. "
        "To wait longer, raise wait_timeout or wait_until_end_plus."
    )


@pytest.mark.parametrize(("next_poll", "said"), [(0, "now"), (0.4, "now"), (0.6, "in 1s"), (725, "in 12m05s")])
def test_a_poll_that_is_due_is_now(next_poll: float, said: str) -> None:
    assert sentences.progress([], 5, next_poll, 0.0).endswith(f"; waited 5s, next poll {said}, 0s left")


def test_the_users_names_stand_in_the_sentences() -> None:
    said = sentences.timed_out([], ["ended"], 60.0, str.upper)
    assert said.endswith("To wait longer, raise WAIT_TIMEOUT or WAIT_UNTIL_END_PLUS.")
