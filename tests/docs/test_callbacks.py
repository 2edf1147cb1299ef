# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the pages say about callbacks is correct."""

from __future__ import annotations

import re

import yaml

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CALLBACK_OPTIONS,
    LISTENER_OPTIONS,
    WATCH_OPTIONS,
    checked,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback import Mode, run_callback
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.admission import SERVICE_ADDRESSES
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from docs.pages import codes, page
from docs.sandbox import Sandbox
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS

PAGE = page("docs/callbacks.md")
BLOCKS = {block.title: block.content for block in PAGE.blocks}
URL = "https://callbacks.example.com:9001/a-long-secret"


def test_the_sentence_for_a_registration_that_is_not_shown_is_in_the_page(simulator: SimulatorProcess) -> None:
    control = Control(simulator.admin_url)
    control.reset()
    control.fault("status", kind="callback", status=200, json={"url": URL}, skip=1, times=1)
    given = {"account_name": ACCOUNT, "api_url": simulator.url, "url": URL, **DEMO_CREDENTIALS}

    result = run_callback(checked(given, CALLBACK_OPTIONS), Mode(), Runtime(), Secrets())

    assert result["failed"]
    assert (result["reason"], result["msg"]) in page("docs/troubleshooting.md").quotes


def test_the_playbook_registers_the_listener(sandbox: Sandbox, control: Control) -> None:
    sandbox.variables["CALLBACK_SECRET"] = "the-secret-of-the-page-0815"
    for changed in (1, 0):
        done = sandbox.play(BLOCKS["register.yml"])
        assert done.returncode == 0, done.stdout
        assert f"changed={changed}" in done.stdout
        assert "https://callbacks.example.com:9001/********" in done.stdout
        assert "the-secret-of-the-page" not in done.stdout


def test_the_rulebook_has_options_of_the_source() -> None:
    (ruleset,) = yaml.safe_load(BLOCKS["rulebook.yml"])
    (source,) = ruleset["sources"]
    assert checked(source["fleetops.thingspace.callback"], LISTENER_OPTIONS)


def test_the_rulebook_of_the_campaign_source_has_options_of_both() -> None:
    (ruleset,) = yaml.safe_load(BLOCKS["campaigns.yml"])
    (source,) = ruleset["sources"]
    params = checked(source["fleetops.thingspace.campaign"], WATCH_OPTIONS)
    assert checked(params["callback_listener"], LISTENER_OPTIONS)


def test_the_addresses_are_the_default() -> None:
    assert [codes(row[0]) for row in PAGE.table("Address")] == [[address] for address in SERVICE_ADDRESSES]


def test_the_table_of_options_is_whole() -> None:
    listed = {code for row in PAGE.table("Option", "What it is for") for code in codes(row[0])}
    assert listed == {option.name for option in LISTENER_OPTIONS}
    statuses = set(re.findall(r"\b4\d\d\b", PAGE.text))
    assert statuses == {"403", "404", "408", "413", "415", "429"}
