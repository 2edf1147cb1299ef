# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A browser for all tests, and the pages that it opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.samples import sample_report
from integration.fleets import gate, make_fleet, role_variables
from integration.lane import Lane
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS, as_environment
from playwright.sync_api import Browser

from simulator.control import Control, SimulatorProcess
from simulator.fixtures import START, simulator
from tools import chromium
from tools.environments import BROWSER
from tools.paths import SHAPE, without_blanks

__all__ = ["simulator"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture(scope="session")
def real_report(simulator: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a real run of the role, in which some hosts fail."""
    control = Control(simulator.admin_url)
    control.reset()
    control.set_now(START)
    fleet = make_fleet(control, 12, campaigns=2, failed=1 / 3, ends_at_poll=3)
    playbooks = Playbooks(Lane(without_blanks(BROWSER.folder), SHAPE), tmp_path_factory.mktemp("run"), control)
    playbooks.know_secrets(CREDENTIALS)
    path = playbooks.folder / "report.html"
    run = playbooks.run(
        [gate(role_variables(simulator.url, report=str(path)))],
        hosts=fleet.hosts,
        environment=as_environment(CREDENTIALS),
        verbosity=0,
    )
    assert run.hosts_of("touch") == fleet.upgraded, run.output
    return path


@pytest.fixture(scope="session")
def full_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with all possible elements."""
    return sample_report(tmp_path_factory.mktemp("full") / "report.html")
