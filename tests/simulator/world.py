# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The complete state of the simulator, which a scenario replaces."""

from __future__ import annotations

from simulator.callbacks import CallbackBook
from simulator.campaigns import Campaign, CampaignStore
from simulator.clock import SimulatedClock
from simulator.counters import Counters
from simulator.fault_book import FaultBook
from simulator.life_cycle import Fate
from simulator.oauth import TokenStore
from simulator.scenario import Scenario
from simulator.scheduling import follow
from simulator.sessions import SessionStore, User


class World:
    """The clock and the counters, which persist, and the state that a scenario replaces.

    ``can_misname``: whether the server has a TLS certificate for another name, for the action wrong_name.
    """

    def __init__(self, clock: SimulatedClock, scenario: Scenario, can_misname: bool = False) -> None:
        self.clock = clock
        self._can_misname = can_misname
        self.counters = Counters(clock)
        self.load(scenario)

    def load(self, scenario: Scenario) -> None:
        """Replace credentials, tokens, sessions, campaigns, switches and faults. Timelines start now.

        The clock continues unless the scenario sets it. Raises ValueError, and replaces nothing, if the scenario has a
        fault that this server cannot simulate.
        """
        faults = FaultBook(scenario.faults, self.clock.seconds(), self._can_misname)
        scenario.clock.set(self.clock)
        credentials = scenario.credential_list()
        users = [User(pair.username, pair.password, pair.accounts) for pair in credentials]
        self.behaviour = scenario.behaviour
        self.faults = faults
        self.tokens = TokenStore(self.clock, {pair.api_key: pair.api_secret for pair in credentials})
        self.sessions = SessionStore(self.clock, users)
        self.campaigns = CampaignStore()
        self.callbacks = CallbackBook()
        self.new_campaigns = scenario.new_campaigns
        self._accounts = set(scenario.accounts)
        for campaign in scenario.campaigns:
            self.add_campaign(campaign)
        for pair, user in zip(credentials, users, strict=True):
            if pair.access_token:
                self.tokens.issue(pair.api_key, self.behaviour.token_lifetime_seconds, pair.access_token)
            if pair.session_token:
                self.sessions.open(user, pair.session_token)

    def add_campaign(self, campaign: Campaign, fate: Fate = "normal") -> None:
        """Add or replace a campaign, and add its account if it is new."""
        self._accounts.add(campaign.account_name)
        self.campaigns.add(campaign, self.clock.seconds())
        if campaign.follows_dates:
            follow(campaign, self.clock, self.behaviour, fate)

    def has_account(self, account: str) -> bool:
        """Whether the account exists."""
        return account in self._accounts

    def accounts(self) -> list[str]:
        """Return all accounts."""
        return sorted(self._accounts)
