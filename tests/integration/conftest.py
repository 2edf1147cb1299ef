# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator for each worker, reset to its stock data before each test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from integration.lane import IS_NEWEST, IS_OLDEST, Lane, lane_from
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS
from simulator.control import Control
from simulator.fixtures import api_url, control, simulator
from tools.environments import RUNS_ALL

__all__ = ["api_url", "control", "simulator"]


# Tests that depend on the version of Ansible, and therefore run in other lanes than the newest. The others test our own
# code, and run only in the newest lane, or in each lane with FLEETOPS_FORMS=all. All tests in three lanes would take an
# hour.
_BETWEEN = ("test_gate_forms", "test_role", "test_wait")
_ON_OLDEST = (*_BETWEEN, "test_logins", "test_module_way")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run tests that do not depend on the version of Ansible only in the newest lane."""
    if IS_NEWEST or RUNS_ALL:
        return
    chosen = _ON_OLDEST if IS_OLDEST else _BETWEEN
    config.hook.pytest_deselected(items=[item for item in items if item.path.stem not in chosen])
    items[:] = [item for item in items if item.path.stem in chosen]


@pytest.fixture(scope="session")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Lane:
    return lane_from(os.environ, tmp_path_factory.mktemp("collections"))


@pytest.fixture
def playbooks(lane: Lane, tmp_path: Path, control: Control) -> Playbooks:
    playbooks = Playbooks(lane, tmp_path, control)
    playbooks.know_secrets(CREDENTIALS)
    return playbooks


@pytest.fixture
def target_python() -> str:
    """A Python of the oldest supported version for modules."""
    python = os.environ.get("FLEETOPS_TARGET_PYTHON")
    if not python:
        pytest.skip("no Python 3.9 with requests: FLEETOPS_TARGET_PYTHON is not set")
    return python
