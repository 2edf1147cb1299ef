# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each source of a checkout with ansible-rulebook's option -S, without an installed collection."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.lane import Lane
from integration.tasks import CREDENTIALS, as_environment

from eda import rulebooks
from eda.rulebooks import Rulebook
from eda.test_callback_source import LIMIT_SECONDS, SECRET, can_connect, free_port
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT, V2_ID
from tools.environments import EDA
from tools.paths import ROOT, SHAPED_CHECKOUT

BELOW = Path("extensions/eda/plugins/event_source")
SOURCES = {path.stem for path in (ROOT / BELOW).glob("*.py")}


@pytest.fixture
def found(tmp_path: Path, simulator: SimulatorProcess, control: Control) -> Rulebook:
    """A rulebook that prints each event of one source. Its name and options have to be added."""
    lane = Lane(EDA.folder, tmp_path / "no-collections")
    more = as_environment({"api_url": simulator.url, **CREDENTIALS})
    more["THINGSPACE_CALLBACK_PATH"] = SECRET
    command = [*lane.program("ansible-rulebook"), "-r", "rulebook.yml"]
    return Rulebook(command, {**rulebooks.environment(lane, tmp_path), **more}, tmp_path / "log")


def with_source(found: Rulebook, name: str, options: dict[str, Any], checkout: Path) -> Rulebook:
    rule = {"name": "Any", "condition": "event.id is defined", "action": {"print_event": None}}
    ruleset = {"name": "Own", "hosts": "localhost", "sources": [{name: options}], "rules": [rule]}
    (found.log.parent / "rulebook.yml").write_text(yaml.safe_dump([ruleset]), encoding="utf-8")
    return replace(found, command=[*found.command, "-S", str(checkout / BELOW)])


def test_each_source_is_run_here() -> None:
    assert sorted(SOURCES) == ["callback", "campaign"]


def test_the_campaign_source(found: Rulebook) -> None:
    with with_source(found, "campaign", {"account_name": ACCOUNT, "campaign_id": V2_ID}, SHAPED_CHECKOUT) as rulebook:
        assert rulebook.wait() == 0, rulebook.output
    assert "'type': 'present'" in rulebook.output and V2_ID in rulebook.output
    assert "'type': 'done'" in rulebook.output


def test_the_callback_source(found: Rulebook) -> None:
    port = free_port()
    options = {"port": port, "allowed_addresses": ["127.0.0.1"]}
    with with_source(found, "callback", options, SHAPED_CHECKOUT) as rulebook:
        rulebook.until(lambda: can_connect(port), "listener")
        body = json.dumps({"campaignId": V2_ID}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{port}/{SECRET}", data=body, timeout=LIMIT_SECONDS).close()
        rulebook.until(lambda: V2_ID in rulebook.output, "hint")
    assert "'type': 'hint'" in rulebook.output
    assert SECRET not in rulebook.output


def test_a_checkout_of_another_shape_says_what_it_needs(found: Rulebook) -> None:
    options = {"account_name": ACCOUNT, "campaign_id": V2_ID}
    with with_source(found, "campaign", options, ROOT) as rulebook:
        assert rulebook.wait() != 0
    assert "fleetops.thingspace cannot be imported" in rulebook.output, rulebook.output
    advice = "-S and the directory ansible_collections/fleetops/thingspace/extensions/eda/plugins/event_source"
    assert advice in rulebook.output
    path = {**rulebook.variables, "PYTHONPATH": str(SHAPED_CHECKOUT.parents[2])}
    with replace(rulebook, variables=path, log=rulebook.log.with_suffix(".second")) as second:
        assert second.wait() == 0, second.output
    assert "'type': 'present'" in second.output
