# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: credentials, accounts, campaigns, switches and faults, from a file or the admin call."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, Literal

import yaml

from simulator.behaviour import Behaviour
from simulator.campaigns import Campaign
from simulator.clock import SimulatedClock, checked_speed, parse_instant
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
    return [load(Campaign, campaign, "campaign") for campaign in STOCK_CAMPAIGNS]


ClockStart = Literal["at_once", "first_request"]


@dataclasses.dataclass(frozen=True)
class Clock:
    """The simulated time at the start (``now``, UTC unless a zone is given), and simulated seconds in a real one.

    ``starts``: whether it runs at once, or stands still until the first request to the service.
    """

    now: str | None = None
    speed: float | None = None
    starts: ClockStart = "at_once"

    def __post_init__(self) -> None:
        if self.now is not None:
            try:
                parse_instant(self.now)
            except ValueError:
                raise ValueError("'now' must be a date and time such as 2026-03-01T00:00:00Z") from None
        if self.speed is not None:
            checked_speed(self.speed)

    def set(self, clock: SimulatedClock) -> None:
        """Set a clock."""
        if self.now is not None:
            clock.set_now(parse_instant(self.now))
        if self.speed is not None:
            clock.set_speed(self.speed)
        if self.starts == "first_request":
            clock.hold()
        else:
            clock.release()


@dataclasses.dataclass
class Scenario:
    """A whole scenario; what is not given is the stock data. ``accounts`` exist even without a campaign."""

    clock: Clock = dataclasses.field(default_factory=Clock)
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
        if path.suffix in (".yaml", ".yml"):
            return parse_scenario(plain_yaml(text))
        return parse_scenario(json.loads(text))
    except json.JSONDecodeError as error:
        raise DataError(f"{path} is not JSON: {error}") from error
    except yaml.YAMLError as error:
        raise DataError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    except DataError as error:
        raise DataError(f"{path}, line {line_of(text, error.path)}: {error}") from error


def plain_yaml(text: str) -> Any:
    """YAML as JSON types only: it would turn an unquoted 2026-03-01 into a date object. Raises yaml.YAMLError."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line of a YAML or JSON text in which a place is, or the one around a place that is missing."""
    # JSON is YAML, but for the odd escape, and that is no reason to fail here.
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for step in path:
        children = node.value if isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) else []
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            mark = node = children[step]
        else:
            pairs = [pair for pair in children if isinstance(pair, tuple) and pair[0].value == step]
            if not pairs:
                break
            mark, node = pairs[0]
        line = mark.start_mark.line + 1
    return line
