# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: credentials, accounts, campaigns, switches and faults, from a file or an admin call."""

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
    """An OAuth client and a user. The defaults are the demo credentials.

    ``accounts`` are those that the user can read (default: all). ``access_token`` and ``session_token`` are predefined
    tokens, which are valid from the start with the usual lifetimes.
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
    """The simulated time at the start (``now``, UTC by default), and the simulated seconds per real second.

    ``starts``: whether the clock runs at once, or is stopped until the first request to the service.
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
        """Apply these settings to a clock."""
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
    """A complete scenario. The defaults are the stock data. ``accounts`` exist even without campaigns."""

    clock: Clock = dataclasses.field(default_factory=Clock)
    credentials: Credentials | list[Credentials] = dataclasses.field(default_factory=Credentials)
    accounts: list[str] = dataclasses.field(default_factory=lambda: [ACCOUNT, V3_ACCOUNT])
    campaigns: list[Campaign] = dataclasses.field(default_factory=_stock_campaigns)
    new_campaigns: NewCampaigns = dataclasses.field(default_factory=NewCampaigns)
    behaviour: Behaviour = dataclasses.field(default_factory=Behaviour)
    faults: list[FaultRule] = dataclasses.field(default_factory=list)

    def credential_list(self) -> list[Credentials]:
        """Return the credentials as a list."""
        return self.credentials if isinstance(self.credentials, list) else [self.credentials]


def parse_scenario(data: Any) -> Scenario:
    """Parse a scenario. Raises DataError with one sentence."""
    return load(Scenario, data, "scenario")


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file, as JSON or YAML depending on its suffix. Raises DataError with one sentence, or OSError."""
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
    """Parse YAML into JSON types only, so that an unquoted 2026-03-01 does not become a date. Raises yaml.YAMLError."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """Return the line of this path in a YAML or JSON text. If the path is missing, return the line of its parent."""
    # JSON is YAML, except for rare escapes, which must not cause an error here.
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
