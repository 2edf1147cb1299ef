# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate in all forms of plays: exactly the right hosts continue, and none if the gate cannot decide."""

from __future__ import annotations

import pytest

from integration.forms import Form, check_form, play_form
from integration.forms_around import AROUND
from integration.forms_options import OPTIONS
from integration.forms_plays import BYPASSES, RUNS
from integration.lane import IS_NEWEST, IS_OLDEST
from integration.playbooks import Playbooks
from simulator.control import Control
from tools.environments import RUNS_ALL

FORMS = [*AROUND, *OPTIONS, *RUNS]
# A run takes two to three seconds of CPU time. Therefore the oldest lane runs one form of each kind, a lane between
# runs every fourth of these, and the newest lane runs an eighth of the other forms as well: those that are unlike the
# kinds. With FLEETOPS_FORMS=all in the environment, as in the weekly run of the CI, each lane runs all forms.
EVERYWHERE = """
run-once-include run-once-import run-once-roles run-once-apply run-once-play run-once-include-tasks
run-once-block-import
run-once-template run-once-free run-once-inner-role
when-include when-import when-broken-include when-not-yet-import when-first-left-out-roles
twice-subsets twice-rescued-then-subset twice-second-cancelled
tags-always-touch tags-import-untagged
ignore-errors-include ignore-errors-play rescue rescue-bad-option any-errors-fatal max-fail-percentage-49
device-empty-by-template device-empty-by-host misspelt-each-on-its-host percent-each-on-its-host
bad-options-each-on-its-host result-as-an-extra-variable
environment-account-first defaults-account connection-missing vars-ansible-host
linear-roles free-include host-pinned-include serial-2 check limit-not-first dependency delegated in-the-background
skip continue timed-out-continue
""".split()  # noqa: SIM905
NEWEST_ONLY = """
run-once-file-apply run-once-loop run-once-in-rescue
when-campaign-is-defined-include when-broken-by-the-result-apply when-loop-item loop-of-campaigns loop-free
twice-skip-then-subset twice-first-without-device no-duplicates tags-apply
ignore-errors-skip-include rescue-any-errors-fatal in-always no-log name-of-the-role-by-collections
device-undefined device-of-another misspelt-by-set-fact percent-0-failures
campaign-undefined-first campaign-list-one-cancelled vars-of-the-inventory vars-of-another-host
environment-undefined-on-one defaults-of-the-wait connection-winrm
serial-1 order-shuffle start-within-the-gate role-in-included-role background-tasks-around host-ended-before
""".split()  # noqa: SIM905


def share() -> list[Form]:
    """Return the forms that this lane runs."""
    kinds = [form for form in FORMS if form.name in EVERYWHERE]
    if RUNS_ALL:
        return FORMS
    if IS_NEWEST:
        return [*kinds, *(form for form in FORMS if form.name in NEWEST_ONLY)]
    return kinds if IS_OLDEST else kinds[::4]


def test_each_form_has_a_name_of_its_own() -> None:
    names = [form.name for form in (*FORMS, *BYPASSES)]
    assert sorted(set(names)) == sorted(names)
    assert {*EVERYWHERE, *NEWEST_ONLY} <= set(names)
    assert not {*EVERYWHERE} & {*NEWEST_ONLY}


@pytest.mark.parametrize("form", [pytest.param(form, id=form.name) for form in share()])
def test_who_continues(playbooks: Playbooks, control: Control, api_url: str, form: Form) -> None:
    check_form(form, play_form(form, playbooks, control, api_url), control)


@pytest.mark.parametrize("form", [pytest.param(form, id=form.name) for form in BYPASSES if RUNS_ALL or IS_NEWEST])
def test_what_no_role_can_prevent(playbooks: Playbooks, control: Control, api_url: str, form: Form) -> None:
    check_form(form, play_form(form, playbooks, control, api_url), control)
