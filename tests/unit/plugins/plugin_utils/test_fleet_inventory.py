# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From device reports to hosts: one host for each device, in the group of its worst state."""

from __future__ import annotations

import itertools
import json
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES, DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns, Connection
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_inventory import (
    GROUPS,
    FleetDevice,
    check_names,
    fleet_of,
    is_snapshot_of,
    request_key,
    shown,
    snapshot_of,
    split_by_name,
    unusable_warning,
    warnings_of,
)

CONNECTION: t.Final = Connection("https://host/api", 30, True, 8)
CAMPAIGNS: t.Final = Campaigns("0402196254-00001", ("one",), "v2")
STATUS: t.Final = {
    "succeeded": "UpgradeSuccess",
    "pending": "UpgradePending",
    "cancelled": "CampaignCancelled",
    "rejected": "DeviceRejected",
    "failed": "UpgradeFailed",
    "unknown": "UpgradeLooksGood",
}


def campaign(name: str, devices: dict[str | None, str], reported_total: int | None = None) -> dict[str, t.Any]:
    """Facts of a campaign as the collection's own code gives them; devices as ID and status."""
    report = DeviceReport()
    report.reported_total = reported_total
    report.add([{"deviceId": device, "status": status, "resultReason": "why"} for device, status in devices.items()])
    return {
        "id": name,
        "campaign_name": f"Campaign {name}",
        "state": "ended",
        "outcome": "partial",
        "device_summary": report.summary(),
        "devices": report.devices(),
    }


def snapshot(*campaigns: dict[str, t.Any]) -> t.Any:
    """What a cache gives back."""
    facts: t.Any = campaigns
    return json.loads(json.dumps(snapshot_of("key", facts)))


def test_every_state_has_a_status_here() -> None:
    assert set(STATUS) == set(DEVICE_STATES)


@pytest.mark.parametrize("state", DEVICE_STATES)
def test_a_device_is_in_the_group_of_its_state_with_all_variables(state: str) -> None:
    (device,) = fleet_of(snapshot(campaign("one", {"9": STATUS[state]})))

    assert device.group == f"campaign_{state}"
    assert device.group in GROUPS
    assert device.variables == {
        "thingspace_device_id": "9",
        "thingspace_device_state": state,
        "thingspace_device_status": STATUS[state],
        "thingspace_device_reason": "why",
        "thingspace_campaign_id": "one",
        "thingspace_campaign_name": "Campaign one",
        "thingspace_campaign_state": "ended",
        "thingspace_campaign_outcome": "partial",
    }


def test_a_campaign_of_the_first_version_has_no_name() -> None:
    facts = campaign("one", {"9": "UpgradeSuccess"})
    del facts["campaign_name"]

    assert fleet_of(snapshot(facts))[0].variables["thingspace_campaign_name"] is None


@pytest.mark.parametrize(("better", "worse"), list(itertools.combinations(DEVICE_STATES, 2)))
def test_of_two_campaigns_the_worse_word_counts(better: str, worse: str) -> None:
    for order in ((better, worse), (worse, better)):
        named = [campaign(state, {"9": STATUS[state]}) for state in order]
        (device,) = fleet_of(snapshot(*named))
        assert device.state == worse
        assert device.variables["thingspace_campaign_id"] == worse
        # A filter for its better state does not include it either.
        assert fleet_of(snapshot(*named), [better]) == []
        assert len(fleet_of(snapshot(*named), [worse])) == 1


def test_of_two_same_words_the_first_counts() -> None:
    (device,) = fleet_of(snapshot(campaign("one", {"9": "UpgradeFailed"}), campaign("two", {"9": "UpgradeFailed"})))

    assert device.variables["thingspace_campaign_id"] == "one"


def test_entries_without_an_id_are_left_out_and_told() -> None:
    kept = snapshot(campaign("one", {None: "UpgradeSuccess", "9": "UpgradeSuccess"}))

    assert [device.device_id for device in fleet_of(kept)] == ["9"]
    (warning,) = warnings_of(kept)
    assert "one has 1 entries without a device ID" in warning


def test_a_report_that_lacks_devices_is_told() -> None:
    (warning,) = warnings_of(snapshot(campaign("one", {"9": "UpgradeSuccess"}, reported_total=3)))

    assert "one lists 1 of 3 devices" in warning


@pytest.mark.parametrize("total", [None, 0, 1])
def test_a_whole_report_is_not_worth_a_word(total: int | None) -> None:
    assert warnings_of(snapshot(campaign("one", {"9": "UpgradeSuccess"}, reported_total=total))) == []


@pytest.mark.parametrize("name", ["900000000000001", "tracker-01.example.com", "me@host", "ger\u00e4t"])
def test_good_names(name: str) -> None:
    assert check_names({"9": name}) == {"9": name}


@pytest.mark.parametrize(
    "name",
    ["", None, "a b", "a,b", "a:b", "{{ 1 }}", "a\n", "!a", "&a", "~a", "a[1:2]", "-a", "*", "../a", "x" + "y:" * 99],
)
def test_a_name_that_ansible_would_take_for_something_else_is_refused(name: object) -> None:
    with pytest.raises(OptionError) as caught:
        check_names({"9": name})

    assert "device '9'" in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 250


RESERVED: t.Final = (
    *("all", "All", "ungrouped", *GROUPS, "mine"),
    *("localhost", "LOCALHOST", "localhost4", "localhost.localdomain", "ip6-localhost", "loopback", "ip6-loopback"),
    *("127.0.0.1", "127.8.9.10", "0.0.0.0"),
    # Older spellings of an IPv4 address, which the C library still accepts: a device ID can look like one.
    *("127.1", "2130706433", "0x7f000001", "017700000001", "0", "0x0"),
)
FREE: t.Final = (
    "127.example",
    "10.0.0.1",
    "900000000000001",
    "2130706432x",
    "mylocalhost",
    "calls",
    "3232235777",
    "min",
)


@pytest.mark.parametrize("name", RESERVED)
def test_the_controller_and_groups_are_no_devices(name: str) -> None:
    """Tasks for such a host would run on the controller, or on all hosts."""
    with pytest.raises(OptionError) as caught:
        check_names({"8": "good", "9": name}, ["mine"])

    assert caught.value.message == (
        f"hostname gives device '9' the name '{name}', which is the controller or a group: add a prefix of your own."
    )
    devices = [FleetDevice(device_id, "succeeded", {}) for device_id in ("8", name)]
    assert split_by_name(devices, ["mine"]) == (devices[:1], devices[1:])


@pytest.mark.parametrize("name", FREE)
def test_other_names_are_free(name: str) -> None:
    assert check_names({"9": name}, ["mine"]) == {"9": name}
    devices = [FleetDevice(name, "succeeded", {})]
    assert split_by_name(devices, ["mine"]) == (devices, [])


@pytest.mark.parametrize("name", ["a b", "*", "", "x" * 254])
def test_an_id_that_cannot_be_a_name_is_left_out_with_a_warning(name: str) -> None:
    devices = [FleetDevice(name, "succeeded", {}), FleetDevice("x" * 253, "succeeded", {})]
    assert split_by_name(devices, []) == (devices[1:], devices[:1])
    what = f"not in the inventory, because an ID cannot be a host name: for example {shown(name)}."
    assert unusable_warning(devices[:1]) == f"1 device is {what}"
    assert unusable_warning(devices) == f"2 devices are {what}"


@pytest.mark.parametrize("length", [60, 61])
def test_a_long_text_is_shown_in_part(length: int) -> None:
    assert shown("x" * length) == ("'" + "x" * 60 + ("'" if length == 60 else "...'"))


def test_entries_after_one_without_an_id_count() -> None:
    kept = snapshot(campaign("one", {None: "UpgradeSuccess", "9": "UpgradeFailed"}), campaign("two", {"8": "Odd"}))
    assert [device.device_id for device in fleet_of(kept)] == ["9", "8"]


def test_two_devices_of_one_name_are_refused() -> None:
    with pytest.raises(OptionError) as caught:
        check_names({"7": "other", "8": "same", "9": "same"})

    assert "'same' to 2 devices, for example '8' and '9'" in caught.value.message


def test_no_device_needs_no_name() -> None:
    assert check_names({}) == {}


def test_a_snapshot_answers_its_own_request_only() -> None:
    key = request_key(CAMPAIGNS, CONNECTION)
    others = [
        request_key(Campaigns("0402196254-00002", ("one",), "v2"), CONNECTION),
        request_key(Campaigns("0402196254-00001", ("one", "two"), "v2"), CONNECTION),
        request_key(Campaigns("0402196254-00001", ("one",), "v3"), CONNECTION),
        request_key(CAMPAIGNS, Connection("https://other/api", 30, True, 8)),
    ]

    assert is_snapshot_of(snapshot_of(key, []), key)
    assert len({key, *others}) == 5
    foreign: tuple[object, ...] = (None, [], "text", {}, snapshot_of(others[0], []))
    assert not [kept for kept in foreign if is_snapshot_of(kept, key)]


def test_how_a_service_is_talked_to_is_no_part_of_the_request() -> None:
    assert request_key(CAMPAIGNS, Connection("https://host/api", 5, False, 1)) == request_key(CAMPAIGNS, CONNECTION)
