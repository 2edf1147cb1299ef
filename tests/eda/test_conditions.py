# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs that events launch. Unknown words and missing fields never continue anything."""

from __future__ import annotations

from typing import Any

import pytest

from eda.controller import Jobs, ShippedController
from eda.events import campaign, changed, event, fits, without
from eda.rulebooks import Rulebooks

SUCCESS = event(campaign(1))
ENOUGH = event(campaign(2, outcome="partial"), kind="present", repeated=True)
TOO_FEW = event(campaign(3, outcome="partial"), verdict="failed")
CANCELLED = event(campaign(4, state="cancelled", outcome="cancelled"), verdict="failed")
FAILING = event(campaign(5, state="scheduled", outcome="pending"), verdict="failed")
UNREADABLE = event(campaign(6, state="scheduled", outcome="pending"), "trouble", "not_set", reason="not_found")
UNWATCHED = event(None, "trouble", "not_set", reason="connection_failed")
REFUSED = event(None, "done", "not_set", reason="login_refused")
KNOWN = [SUCCESS, ENOUGH, TOO_FEW, CANCELLED, FAILING, UNREADABLE, UNWATCHED, REFUSED]
# These events launch nothing in any rulebook.
QUIET = [
    event(campaign(10, state="scheduled", outcome="pending"), verdict="open"),
    event(campaign(11, state="unknown", outcome="pending"), verdict="open"),
    event(campaign(12, state="scheduled", outcome="pending"), "recovered", "open"),
    event(None, "heartbeat", "not_set"),
    event(None, "done", "not_set", reason="ended"),
]
# Events that do not match the schema, as a later version could send them. None of them continues anything.
STRANGE = [
    changed(SUCCESS, "finished", "campaign", "state"),
    changed(SUCCESS, None, "campaign", "state"),
    without(SUCCESS, "campaign", "state"),
    changed(SUCCESS, "good", "campaign", "outcome"),
    changed(SUCCESS, None, "campaign", "outcome"),
    without(SUCCESS, "campaign", "outcome"),
    changed(SUCCESS, "unverified", "campaign", "outcome"),
    changed(SUCCESS, "open", "threshold", "verdict"),
    changed(SUCCESS, "not_set", "threshold", "verdict"),
    changed(SUCCESS, "fine", "threshold", "verdict"),
    changed(SUCCESS, None, "threshold", "verdict"),
    without(SUCCESS, "threshold"),
    changed(SUCCESS, "succeeded", "type"),
    changed(SUCCESS, "heartbeat", "type"),
    without(SUCCESS, "type"),
    without(SUCCESS, "campaign"),
    changed(SUCCESS, None, "campaign"),
    {"campaign": "ended"},
]


def test_the_events_are_what_they_seem() -> None:
    assert all(fits(one) for one in [*KNOWN, *QUIET])
    assert sum(fits(one) for one in STRANGE) <= 4


def of(rulebooks: Rulebooks, controller: ShippedController, name: str, lines: list[Any]) -> list[dict[str, Any]]:
    """Return the variables of the jobs that a rulebook launches for these events."""
    with Jobs(controller, lambda job: "successful"), rulebooks.replayed(name, [*lines, "end"]) as rulebook:
        assert rulebook.wait() == 0, rulebook.output
    assert "Traceback" not in rulebook.output, rulebook.output
    return [dict(job["extra_vars"]) for job in controller.asked]


def about(told: dict[str, Any]) -> dict[str, str]:
    """Return the parts of an event that are passed to a job."""
    named = {"thingspace_event_id": f"event-{told['id']}", "thingspace_message": told["message"]}
    if told["campaign"] is None:
        return named
    own = {name: told["campaign"][name] for name in ("account_name", "api_version")}
    own["campaign_id"] = told["campaign"]["id"]
    return {**named, **{f"campaign_wait_{name}": value for name, value in own.items()}}


@pytest.mark.parametrize(
    ("name", "launch"),
    [("continue", "ThingSpace - wait and continue"), ("continue_workflow", "ThingSpace - gate")],
)
def test_only_a_success_continues(rulebooks: Rulebooks, controller: ShippedController, name: str, launch: str) -> None:
    asked = of(rulebooks, controller, name, [*STRANGE, *QUIET, *KNOWN])
    own = {
        "thingspace_launch": launch,
        "thingspace_once_per": "campaign",
        "campaign_wait_min_success_percent": 100,
    }
    assert sorted(asked, key=str) == sorted([{**own, **about(one)} for one in (SUCCESS, ENOUGH)], key=str)


def test_what_is_no_success_is_reported(rulebooks: Rulebooks, controller: ShippedController) -> None:
    asked = of(rulebooks, controller, "notify", [*QUIET, *KNOWN])
    own = {"thingspace_launch": "ThingSpace - notify", "thingspace_once_per": "event"}
    told = [TOO_FEW, CANCELLED, UNREADABLE, UNWATCHED, REFUSED]
    assert sorted(asked, key=str) == sorted([{**own, **about(one)} for one in told], key=str)


def test_too_many_failures_are_reviewed(rulebooks: Rulebooks, controller: ShippedController) -> None:
    asked = of(rulebooks, controller, "review", [*STRANGE, *QUIET, *KNOWN])
    own = {"thingspace_launch": "ThingSpace - review a campaign", "thingspace_once_per": "campaign"}
    told = [TOO_FEW, CANCELLED, FAILING]
    assert sorted(asked, key=str) == sorted([{**own, **about(one)} for one in told], key=str)


def test_every_event_is_logged(rulebooks: Rulebooks, controller: ShippedController) -> None:
    lines = [*QUIET, *KNOWN]
    with rulebooks.replayed("log", [*lines, "end"]) as rulebook:
        assert rulebook.wait() == 0, rulebook.output
    assert all(one["id"] in rulebook.output for one in lines), rulebook.output
    assert controller.asked == []
