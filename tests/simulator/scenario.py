# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: credentials, accounts, campaigns, switches and faults, from a file or the admin call."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from simulator.behaviour import Behaviour
from simulator.campaigns import Campaign
from simulator.faults import FaultRule
from simulator.scheduling import NewCampaigns
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, STOCK_CAMPAIGNS, V3_ACCOUNT
from simulator.strict import DataError, load


@dataclasses.dataclass
class Credentials:
    """An OAuth client and a user; what is not given is the demo value.

    ``accounts``: those that the user may read (absent: all). ``access_token`` and ``session_token``: ready-made
    tokens, valid from the start with the usual lifetimes.
    """

    api_key: str = DEMO_CREDENTIALS["api_key"]
    api_secret: str = DEMO_CREDENTIALS["api_secret"]
    username: str = DEMO_CREDENTIALS["username"]
    password: str = DEMO_CREDENTIALS["password"]
    accounts: list[str] | None = None
    access_token: str | None = None
    session_token: str | None = None


def _stock_campaigns() -> list[Campaign]:
    return [Campaign(**campaign) for campaign in STOCK_CAMPAIGNS]


@dataclasses.dataclass
class Scenario:
    """A whole scenario; what is not given is the stock data. ``accounts`` exist even without a campaign."""

    credentials: Credentials | list[Credentials] = dataclasses.field(default_factory=Credentials)
    accounts: list[str] = dataclasses.field(default_factory=lambda: [ACCOUNT, V3_ACCOUNT])
    campaigns: list[Campaign] = dataclasses.field(default_factory=_stock_campaigns)
    new_campaigns: NewCampaigns = dataclasses.field(default_factory=NewCampaigns)
    behaviour: Behaviour = dataclasses.field(default_factory=Behaviour)
    faults: list[FaultRule] = dataclasses.field(default_factory=list)

    def credential_list(self) -> list[Credentials]:
        """The credentials as a list."""
        return self.credentials if isinstance(self.credentials, list) else [self.credentials]


def parse_scenario(data: Any) -> Scenario:
    """Check and read a scenario. Raises DataError with one sentence."""
    return load(Scenario, data, "scenario")


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file, JSON or YAML by its suffix. Raises DataError with one sentence, or OSError."""
    text = path.read_text(encoding="utf-8")
    try:
        return parse_scenario(_parse_yaml(text) if path.suffix in (".yaml", ".yml") else json.loads(text))
    except json.JSONDecodeError as error:
        raise DataError(f"{path} is not JSON: {error}") from error


def _parse_yaml(text: str) -> Any:
    # Needed for YAML files only: the simulator also runs where PyYAML is not installed.
    import yaml

    try:
        # JSON types only: YAML would turn an unquoted 2026-03-01 into a date object.
        return json.loads(json.dumps(yaml.safe_load(text), default=str))
    except yaml.YAMLError as error:
        raise DataError(f"the scenario file is not YAML: {error}") from error
