# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states for all spellings in the service's documents, SDK and texts."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import (
    STATES,
    TARGETS,
    UNKNOWN,
    is_terminal,
    phase_of,
    state_of,
)

SPELLINGS: t.Final = {
    "CampaignRequestPending": "request_pending",
    "RequestPending": "request_pending",
    "CampaignQueued": "queued",
    "CampaignRequestQueued": "queued",
    "Queued": "queued",
    "CampaignPreScheduled": "pre_scheduled",
    "CampaignScheduled": "scheduled",
    "Scheduled": "scheduled",
    "InProgress": "in_progress",
    "In Progress": "in_progress",
    "CampaignEnded": "ended",
    "ended": "ended",
    "Finished": "ended",
    "CampaignRequestFailed": "request_failed",
    "RequestFailed": "request_failed",
    "CampaignFailed": "failed",
    "UpgradeFailed": "failed",
    "CampaignCancelled": "cancelled",
    "CampaignAborted": "aborted",
}
# The statuses that no campaign leaves, according to the documents.
TERMINAL_SPELLINGS: t.Final = frozenset(
    {
        "CampaignEnded",
        "CampaignFailed",
        "CampaignRequestFailed",
        "CampaignCancelled",
        "CampaignAborted",
        "Finished",
        "UpgradeFailed",
        "RequestFailed",
    }
)
GOOD_PATH: t.Final = ["request_pending", "queued", "pre_scheduled", "scheduled", "in_progress", "ended"]
TODAY: t.Final = datetime.date(2026, 3, 1)


@pytest.mark.parametrize(("spelling", "state"), sorted(SPELLINGS.items()))
def test_every_documented_spelling_in_any_case(spelling: str, state: str) -> None:
    for text in (spelling, spelling.lower(), spelling.upper(), spelling.swapcase(), f" {spelling}\n"):
        assert state_of(text) == state


@pytest.mark.parametrize("target", TARGETS)
def test_our_own_words_with_and_without_the_prefix(target: str) -> None:
    camel = "".join(part.capitalize() for part in target.split("_"))

    assert state_of(target) == target
    assert state_of(target.upper()) == target
    assert state_of(target.replace("_", "-")) == target
    assert state_of(camel) == target
    assert state_of(f"Campaign{camel}") == target


@pytest.mark.parametrize(
    "status",
    [
        None,
        True,
        0,
        6,
        2.5,
        [],
        ["CampaignEnded"],
        {"status": "CampaignEnded"},
        b"CampaignEnded",
        "",
        " ",
        "\x00",
        "Campaign",
        "CampaignCampaign",
        "CampaignCampaignEnded",
        "pending",
        "unknown",
        "CampaignUnknown",
        "CampaignStarted",
        "CampaignPaused",
        "CampaignEndedEarly",
        "NotEnded",
        "endedCampaign",
        # Letters of other scripts count, too: this one means "not".
        "\u975eended",
        "x" * 100_000,
    ],
)
def test_anything_else_is_unknown(status: object) -> None:
    assert state_of(status) == UNKNOWN == "unknown"


def test_terminal_states_are_those_that_no_document_leads_out_of() -> None:
    assert {spelling for spelling in SPELLINGS if is_terminal(state_of(spelling))} == TERMINAL_SPELLINGS | {"ended"}
    assert {name for name, state in STATES.items() if state.terminal} == {
        "ended",
        "request_failed",
        "failed",
        "cancelled",
        "aborted",
    }


def test_the_table_is_consistent() -> None:
    ranked = sorted((state.rank, name) for name, state in STATES.items() if state.rank is not None)
    words = [word for state in STATES.values() for word in state.words]

    assert ranked == list(enumerate(GOOD_PATH, start=1))
    assert all(name == state.name for name, state in STATES.items())
    assert set(TARGETS) == set(STATES) - {UNKNOWN}
    assert set(STATES) == set(SPELLINGS.values()) | {UNKNOWN}
    # A word for two states, or one that the lookup never finds, would be a mistake.
    assert len(words) == len(set(words))
    assert all(word.isalnum() and word == word.lower() and not word.startswith("campaign") for word in words)


@pytest.mark.parametrize(
    ("state", "before", "on_the_day", "without_a_day"),
    [
        ("request_pending", "requested", "requested", "requested"),
        ("queued", "requested", "requested", "requested"),
        ("pre_scheduled", "scheduled", "running", "scheduled"),
        ("scheduled", "scheduled", "running", "scheduled"),
        ("in_progress", "running", "running", "running"),
        ("ended", "over", "over", "over"),
        ("request_failed", "over", "over", "over"),
        ("failed", "over", "over", "over"),
        ("cancelled", "over", "over", "over"),
        ("aborted", "over", "over", "over"),
        ("unknown", "unknown", "unknown", "unknown"),
    ],
)
def test_the_phase(state: str, before: str, on_the_day: str, without_a_day: str) -> None:
    assert phase_of(state, "2026-03-02", TODAY) == before
    assert phase_of(state, "2026-03-01", TODAY) == on_the_day
    assert phase_of(state, "2025-12-31", TODAY) == on_the_day
    assert phase_of(state, None, TODAY) == without_a_day
