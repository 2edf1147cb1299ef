# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulator for all tests, with a campaign that changes its state with each read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.sandbox import Sandbox
from simulator.control import Control, SimulatorProcess
from simulator.stock import DEMO_CREDENTIALS, V2_ID, V3_ID

GOOD_PATH = ("CampaignRequestPending", "CampaignQueued", "CampaignScheduled", "CampaignEnded")
# The last day is in the future, whenever the tests run.
_DAYS = {"startDate": "2026-03-01", "endDate": "2099-12-31"}
# Further campaigns that the pages name.
# The devices of the page about fleets, and more, so that percentages are meaningful.
UPGRADED = ("990003425730535", "990003425730543", *(str(900000000000000 + number) for number in range(18)))
_OTHERS = (V3_ID, "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21")


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess() as process:
        yield process


@pytest.fixture
def control(simulator: SimulatorProcess) -> Control:
    control = Control(simulator.admin_url)
    control.reset()
    for campaign_id in (V2_ID, *_OTHERS):
        timeline = [{"after_looks": look, "status": status} for look, status in enumerate(GOOD_PATH, 1)]
        devices = [{"id": imei, "status": "UpgradeSuccess", "reason": "DownloadInstallSucceeded"} for imei in UPGRADED]
        control.add_campaign(campaign_id, body=_DAYS, timeline=timeline, devices=devices)
    return control


@pytest.fixture
def demo_variables(simulator: SimulatorProcess, control: Control) -> dict[str, str]:
    """The environment variables of a simulator user, without an account name."""
    credentials = {f"THINGSPACE_{name.upper()}": str(value) for name, value in DEMO_CREDENTIALS.items()}
    return {**credentials, "THINGSPACE_API_URL": simulator.url}


@pytest.fixture
def sandbox(tmp_path: Path, demo_variables: dict[str, str]) -> Sandbox:
    return Sandbox(tmp_path, demo_variables)
