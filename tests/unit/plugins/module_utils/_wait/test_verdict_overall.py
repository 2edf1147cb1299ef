# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict on many campaigns, a number of which must be satisfied."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import overall

ONE: t.Final = ("reached", "past_target", "waiting", "not_reachable", "unknown_state")
SATISFIED: t.Final = {"reached", "past_target"}
HOPELESS: t.Final = {"not_reachable", "unknown_state"}

many = st.lists(st.sampled_from(ONE), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("verdicts", "needed", "result"),
    [
        (["reached"], 1, "reached"),
        (["past_target"], 1, "past_target"),
        (["waiting"], 1, "waiting"),
        (["not_reachable"], 1, "not_reachable"),
        (["unknown_state"], 1, "unknown_state"),
        (["reached", "past_target"], 2, "reached"),
        (["past_target", "past_target"], 2, "past_target"),
        (["reached", "waiting"], 2, "waiting"),
        (["reached", "not_reachable"], 2, "not_reachable"),
        (["waiting", "not_reachable"], 2, "not_reachable"),
        (["waiting", "unknown_state"], 2, "unknown_state"),
        (["not_reachable", "unknown_state"], 2, "not_reachable"),
        # any: one of them is enough
        (["waiting", "reached"], 1, "reached"),
        (["not_reachable", "waiting"], 1, "waiting"),
        (["not_reachable", "unknown_state"], 1, "not_reachable"),
        (["not_reachable", "past_target", "waiting"], 1, "past_target"),
        # n of them
        (["reached", "reached", "not_reachable", "waiting"], 2, "reached"),
        (["reached", "not_reachable", "waiting", "waiting"], 3, "waiting"),
        (["reached", "not_reachable", "not_reachable", "waiting"], 3, "not_reachable"),
    ],
)
def test_examples(verdicts: list[str], needed: int, result: str) -> None:
    for order in itertools.permutations(verdicts):
        assert overall(iter(order), needed) == result


@given(verdicts=many, data=st.data())
def test_it_is_decided_as_soon_as_it_can_be_and_not_before(verdicts: list[str], data: st.DataObject) -> None:
    """Compare with all possible results of the waiting campaigns."""
    needed = data.draw(st.integers(1, len(verdicts)))
    open_ends = [[one] if one != "waiting" else ["reached", "not_reachable"] for one in verdicts]
    futures = {sum(one in SATISFIED for one in future) >= needed for future in itertools.product(*open_ends)}

    result = overall(verdicts, needed)

    assert (result in SATISFIED) == (futures == {True})
    assert (result in HOPELESS) == (futures == {False})
    assert (result == "waiting") == (futures == {True, False})


@given(verdicts=many, data=st.data())
def test_it_is_monotone(verdicts: list[str], data: st.DataObject) -> None:
    """The verdict never becomes worse if one more campaign is satisfied, or one less is needed."""
    needed = data.draw(st.integers(1, len(verdicts)))
    place = data.draw(st.integers(0, len(verdicts) - 1))
    better = [*verdicts[:place], "reached", *verdicts[place + 1 :]]

    assert _goodness(overall(better, needed)) >= _goodness(overall(verdicts, needed))
    if needed > 1:
        assert _goodness(overall(verdicts, needed - 1)) >= _goodness(overall(verdicts, needed))


@given(verdicts=many, data=st.data())
def test_a_decision_is_never_taken_back(verdicts: list[str], data: st.DataObject) -> None:
    """If a waiting campaign ends, successfully or not, an earlier verdict does not change."""
    needed = data.draw(st.integers(1, len(verdicts)))
    end = data.draw(st.sampled_from(["reached", "past_target", "not_reachable"]))
    later = [end if one == "waiting" else one for one in verdicts]

    before = overall(verdicts, needed)

    assert before == "waiting" or _goodness(overall(later, needed)) == _goodness(before)
    assert overall(later, needed) != "waiting"


@given(verdicts=many, data=st.data())
def test_the_word_is_one_that_was_given(verdicts: list[str], data: st.DataObject) -> None:
    needed = data.draw(st.integers(1, len(verdicts)))
    result = overall(verdicts, needed)

    assert result in verdicts or result == "waiting"


def _goodness(verdict: str) -> int:
    return 2 if verdict in SATISFIED else 1 if verdict == "waiting" else 0
