# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages in docs/troubleshooting.md are those of real runs, and each reason has a section there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from docs.pages import page
from docs.test_fleet import GATE_SENTENCES
from docs.troubles import TROUBLES, certificate_refused, library_missing
from docs.vocabulary import documented_reasons
from simulator.control import Control, SimulatorProcess

PAGE = page("docs/troubleshooting.md")
# It has a heading for each reason.
REASONS = PAGE.sections
QUOTES = PAGE.quotes
# The reasons of waits that have reached their target.
GOOD = {"reached", "past_target"}


def reasons_in_code() -> Iterator[str]:
    """Yield the reasons of all error classes without subclasses. A task has no other error than those of this file."""
    waiting = [ThingSpaceError]
    while waiting:
        one = waiting.pop()
        children = [child for child in one.__subclasses__() if child.__module__ == ThingSpaceError.__module__]
        waiting += children
        if not children and one.__name__ != "WaitFailed":
            yield one.reason


@pytest.fixture(scope="module")
def results(simulator: SimulatorProcess) -> dict[str, dict[str, Any]]:
    """The result of each trouble."""
    control = Control(simulator.admin_url)
    return {name: trouble.result(simulator, control) for name, trouble in TROUBLES.items()}


@pytest.mark.parametrize("name", TROUBLES)
def test_the_sentence_is_in_the_page(name: str, results: dict[str, dict[str, Any]]) -> None:
    trouble, result = TROUBLES[name], results[name]
    assert result["failed"]
    assert result["reason"] == trouble.reason, result["msg"]
    assert (trouble.reason, result["msg"]) in PAGE.quotes


def test_the_sentence_for_a_missing_library_is_in_the_page() -> None:
    assert library_missing() in PAGE.quotes


def test_the_sentence_for_a_bad_certificate_is_in_the_page(tmp_path: Path) -> None:
    assert certificate_refused(tmp_path) in PAGE.quotes


def test_every_sentence_in_the_page_is_real(results: dict[str, dict[str, Any]]) -> None:
    # These have separate tests, in test_endings.py and test_callbacks.py.
    special = {
        "library_missing",
        "tls_failed",
        "interrupted",
        "run_folder_unusable",
        "not_confirmed",
        "unexpected_error",
    }
    real = {(result["reason"], result["msg"]) for result in results.values()} | set(GATE_SENTENCES.values())
    assert [quote for quote in QUOTES if quote[0] not in special and quote not in real] == []
    assert len([quote for quote in QUOTES if quote[0] in special]) == len(special)


def test_every_reason_has_a_heading() -> None:
    assert set(REASONS) == (documented_reasons() | set(reasons_in_code())) - GOOD
