# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the inventory plugin matches its code."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader

from ansible_collections.fleetops.thingspace.plugins.doc_fragments import inventory_auth
from ansible_collections.fleetops.thingspace.plugins.inventory import campaign_devices
from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES, DeviceReport
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_inventory import GROUPS, fleet_of
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._inventory_options import (
    INVENTORY_OPTIONS,
    check_config,
)

DOCUMENTATION: t.Final = yaml.safe_load(campaign_devices.DOCUMENTATION)
FRAGMENT: t.Final = yaml.safe_load(inventory_auth.ModuleDocFragment.DOCUMENTATION)
OPTIONS: t.Final = {**DOCUMENTATION["options"], **FRAGMENT["options"]}
CONSTRUCTED: t.Final = {"compose", "groups", "keyed_groups", "strict"}
CACHED: t.Final = {"cache", "cache_plugin", "cache_connection", "cache_timeout"}


def test_the_same_options() -> None:
    assert not set(DOCUMENTATION["options"]) & set(FRAGMENT["options"])
    assert set(OPTIONS) == {option.name for option in INVENTORY_OPTIONS} | {"plugin"}


@pytest.mark.parametrize("option", INVENTORY_OPTIONS, ids=lambda option: str(option.name))
def test_an_option_is_documented_as_it_is(option: t.Any) -> None:
    documented, spec = OPTIONS[option.name], argument_spec([option])[option.name]

    for key in ("type", "elements", "default", "choices", "required"):
        assert documented.get(key) == spec.get(key), key
    assert [variable["name"] for variable in documented.get("env", ())] == ([option.env] if option.env else [])


def test_the_order_of_states_is_the_documented_one() -> None:
    (sentence,) = [text for text in DOCUMENTATION["description"] if "worst" in text]
    assert f"from best to worst is {', '.join(DEVICE_STATES)}." in sentence


def test_groups_and_variables_are_documented() -> None:
    report = DeviceReport()
    report.add([{"deviceId": "1"}])
    campaign = dict.fromkeys(("id", "name", "state", "outcome"))
    (device,) = fleet_of({"campaigns": [{**campaign, "devices": report.devices()}]})
    text = " ".join(DOCUMENTATION["description"])

    assert [name for name in (*GROUPS, *device.variables) if f"C({name})" not in text] == []


def test_the_example_passes() -> None:
    example = yaml.safe_load(campaign_devices.EXAMPLES)

    assert example["plugin"] == campaign_devices.InventoryModule.NAME
    check_config(example, {*OPTIONS, *CONSTRUCTED, *CACHED})


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        ("campaign_devices.yml", True),
        ("campaign_devices.yaml", True),
        ("pilot.campaign_devices.yml", True),
        ("pilot_campaign_devices.yml", False),
        ("campaign_devices.json", False),
        ("campaign_devices", False),
        ("inventory.yml", False),
    ],
)
def test_files_of_its_name_are_its_own(tmp_path: t.Any, name: str, is_ours: bool) -> None:
    path = tmp_path / name
    path.write_text("plugin: fleetops.thingspace.campaign_devices\n")

    assert campaign_devices.InventoryModule().verify_file(str(path)) is is_ours


def test_a_file_that_is_not_there_is_not_its_own(tmp_path: t.Any) -> None:
    assert campaign_devices.InventoryModule().verify_file(str(tmp_path / "campaign_devices.yml")) is False


def test_an_unexpected_error_is_a_sentence_without_its_text(tmp_path: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ansible prints the text of other exceptions, and their traceback at verbosity 3."""

    def fail(*_args: t.Any) -> None:
        raise KeyError("a-secret-of-somebody")

    path = tmp_path / "campaign_devices.yml"
    path.write_text("plugin: fleetops.thingspace.campaign_devices\n")
    monkeypatch.setattr(campaign_devices, "check_config", fail)
    with pytest.raises(AnsibleParserError, match="An unexpected error: KeyError, at ") as caught:
        campaign_devices.InventoryModule().parse(InventoryData(), DataLoader(), str(path))
    assert "a-secret-of-somebody" not in str(caught.value) and caught.value.__suppress_context__
