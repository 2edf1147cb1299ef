# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin campaign_devices, with Ansible's programs for inventories, and the simulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from integration.inventories import GROUPS, PLUGIN, Inventories
from integration.lane import Lane
from integration.playbooks import LOCALHOST, Playbooks
from integration.tasks import CREDENTIALS, as_environment, campaign_ids, play
from simulator.control import Control
from simulator.stock import ACCOUNT, V1_ID, V2_ID, V3_ID

ENDED = {"status": "CampaignEnded"}
FAILURE = {"share": 0.03, "status": "UpgradeFailed", "reason": "RovaClientDownloadFailed"}
STATUSES = {
    "900000000000001": "UpgradeSuccess",
    "900000000000002": "UpgradeFailed",
    "900000000000003": "DeviceRejected",
    "900000000000004": "UpgradePending",
    "900000000000005": "CampaignCancelled",
    "900000000000006": "UpgradeSurprise",
}


@pytest.fixture
def inventories(lane: Lane, tmp_path: Path, control: Control, api_url: str) -> Inventories:
    return Inventories(lane, tmp_path, control, api_url)


def devices(statuses: dict[str, str], reason: str = "Because.") -> list[dict[str, str]]:
    """Return devices of a campaign for the simulator."""
    return [{"id": imei, "status": status, "reason": reason} for imei, status in statuses.items()]


def test_a_thousand_devices(inventories: Inventories, control: Control) -> None:
    """The groups match the device report exactly, including user-defined groups."""
    (fleet,) = campaign_ids(1)
    control.add_campaign(fleet, body=ENDED, devices={"count": 1000, "groups": [FAILURE]})
    truth = {device["id"]: device["status"] for device in control.devices(fleet)}
    path = inventories.write(
        campaign_id=fleet,
        compose={"short": "thingspace_device_id[-4:]"},
        groups={"to_replace": "thingspace_device_state == 'failed'"},
        keyed_groups=[{"key": "thingspace_device_reason", "prefix": "reason"}],
    )
    said = inventories.run("-i", path, "--list")

    failed = {imei for imei, status in truth.items() if status == "UpgradeFailed"}
    assert (len(truth), len(failed)) == (1000, 30)
    assert said.hosts("campaign_failed") == said.hosts("to_replace") == failed
    assert said.hosts("campaign_succeeded") == set(truth) - failed
    assert said.hosts("reason_RovaClientDownloadFailed") == failed
    (imei, *_others) = sorted(failed)
    assert said.variables(imei) == {
        "short": imei[-4:],
        "thingspace_device_id": imei,
        "thingspace_device_state": "failed",
        "thingspace_device_status": "UpgradeFailed",
        "thingspace_device_reason": "RovaClientDownloadFailed",
        "thingspace_campaign_id": fleet,
        "thingspace_campaign_name": "FOTA_Verizon_Upgrade",
        "thingspace_campaign_state": "ended",
        "thingspace_campaign_outcome": "partial",
    }
    assert [control.count(kind) for kind in ("session_login", "oauth_token", "device_report")] == [1, 1, 1]


def test_a_cached_inventory_needs_no_service(inventories: Inventories, control: Control) -> None:
    """The cache is used until relevant options in the file change."""
    fleet, other = campaign_ids(2)
    control.add_campaign(fleet, body=ENDED, devices=devices(STATUSES))
    cache = inventories.home / "cache"
    more: dict[str, Any] = {
        "campaign_id": fleet,
        "cache": True,
        "cache_plugin": "jsonfile",
        "cache_connection": str(cache),
    }
    path = inventories.write(**more)
    first = inventories.run("-i", path, "--graph")
    requests = control.counters()["total"]
    again = inventories.run("-i", path, "--graph")

    assert requests > 0
    assert control.counters()["total"] == requests
    for imei, group in zip(STATUSES, GROUPS):
        for said in (first, again):
            assert f"|--@campaign_{group}:\n  |  |--{imei}\n" in said.stdout
    assert [file for file in cache.rglob("*") if fleet in file.read_text()]

    # The cache depends on the campaign, but not on the filter.
    inventories.write(**more, states=["failed"])
    assert inventories.run("-i", path, "--list").hosts("campaign_failed") == {"900000000000002"}
    assert control.counters()["total"] == requests
    control.add_campaign(other, body=ENDED, devices=devices({"900000000000009": "UpgradeSuccess"}))
    inventories.write(**{**more, "campaign_id": other})
    assert inventories.run("-i", path, "--list").hosts("campaign_succeeded") == {"900000000000009"}
    assert control.counters()["total"] > requests


def test_a_play_for_upgraded_devices_only(inventories: Inventories, playbooks: Playbooks, control: Control) -> None:
    """In one of two campaigns, a device was not upgraded. A text that looks like a template is not evaluated."""
    pilot, rollout = campaign_ids(2)
    control.add_campaign(
        pilot, body=ENDED, devices=devices({**STATUSES, "900000000000007": "UpgradeSuccess"}, "{{ 6 * 7 }}")
    )
    control.add_campaign(rollout, body=ENDED, devices=devices({"900000000000007": "UpgradeFailed"}))
    path = inventories.write(campaign_id=[pilot, rollout], hostname="'tracker-' ~ thingspace_device_id[-1:]")
    show = {"msg": "{{ thingspace_device_reason }}, {{ group_names }}"}
    tasks = [{"name": "show", "ansible.builtin.debug": show}]
    patterns = [f"campaign_{group}" for group in GROUPS]
    run = playbooks.run(
        [play(tasks, hosts=pattern) for pattern in patterns],
        hosts=LOCALHOST,
        arguments=["-i", path],
        environment=inventories.environment,
    )

    assert run.code == 0, run.output
    seen = {event.host: event.result["msg"] for event in run.events}
    assert seen == {
        "tracker-1": "{{ 6 * 7 }}, ['campaign_succeeded']",
        "tracker-2": "{{ 6 * 7 }}, ['campaign_failed']",
        "tracker-3": "{{ 6 * 7 }}, ['campaign_rejected']",
        "tracker-4": "{{ 6 * 7 }}, ['campaign_pending']",
        "tracker-5": "{{ 6 * 7 }}, ['campaign_cancelled']",
        "tracker-6": "{{ 6 * 7 }}, ['campaign_unknown']",
        "tracker-7": "Because., ['campaign_failed']",
    }
    assert len(run.events) == 7


def test_groups_without_devices_are_there(inventories: Inventories, playbooks: Playbooks, control: Control) -> None:
    control.add_campaign(V2_ID, body=ENDED, devices=[])
    plays = [play([{"ansible.builtin.debug": {}}], hosts=f"campaign_{group}") for group in GROUPS]
    run = playbooks.run(plays, arguments=["-i", inventories.write()], environment=inventories.environment)

    assert run.code == 0, run.output
    assert "Could not match" not in run.output
    assert run.events == []
    assert control.count("device_report") == 1


def test_several_files_of_all_versions(inventories: Inventories, control: Control) -> None:
    """Options can be templates. If two files have the same device, the worse state counts, in any order."""
    pilot, rollout = campaign_ids(2)
    first, second = "900000000000011", "900000000000012"
    control.add_campaign(V3_ID, api_version="v3", body=ENDED, devices=devices({"900000000000021": "UpgradeSuccess"}))
    control.add_campaign(pilot, body=ENDED, devices=devices({first: "UpgradeSuccess", second: "UpgradeFailed"}))
    control.add_campaign(rollout, body=ENDED, devices=devices({first: "UpgradeFailed", second: "UpgradeSuccess"}))
    by_hand = {name: f"{{{{ lookup('ansible.builtin.env', 'OWN_{name}') }}}}" for name in CREDENTIALS}
    keyed = [{"prefix": "campaign", "key": "'succeeded'"}]
    files = [
        inventories.write("a.campaign_devices.yml", api_version="v1", campaign_id="{{ wanted }}", **by_hand),
        inventories.write(
            "b.campaign_devices.yml", api_version="{{ 'v' ~ 3 }}", campaign_id="{{ [other] }}", account_name=None
        ),
        inventories.write("c.campaign_devices.yaml", campaign_id=pilot, keyed_groups=keyed),
        inventories.write("d.campaign_devices.yaml", campaign_id=rollout, keyed_groups=keyed),
    ]
    arguments = [word for file in files for word in ("-i", file)]
    unset = {name: "" for name in as_environment(CREDENTIALS)}
    own = {f"OWN_{name}": value for name, value in CREDENTIALS.items()}
    said = inventories.run(
        *arguments,
        "--list",
        "-e",
        f"wanted={V1_ID}",
        "-e",
        f"other={V3_ID}",
        environment={"THINGSPACE_ACCOUNT_NAME": ACCOUNT, **own},
    )

    assert said.hosts("campaign_pending") == {"900000000000002", "900000000000003"}
    assert said.hosts("campaign_succeeded") == {"900000000000021"}
    assert said.hosts("campaign_failed") == {first, second}
    assert said.variables(first)["thingspace_campaign_id"] == rollout
    assert said.variables(second)["thingspace_campaign_id"] == pilot
    assert said.variables("900000000000002")["thingspace_campaign_name"] is None

    requests = control.counters()["total"]
    alone = inventories.run("-i", files[0], "--list", "-e", f"wanted={V1_ID}", environment={**unset, **own})
    assert alone.hosts("campaign_pending") == {"900000000000002", "900000000000003"}
    assert control.counters()["total"] > requests


def test_a_wrong_password_is_sent_once(inventories: Inventories, control: Control) -> None:
    """This holds for any number of files, and of plugins that try each file."""
    files = [inventories.write(f"{name}.campaign_devices.yml") for name in ("a", "b", "c")]
    said = inventories.run(
        *[word for file in files for word in ("-i", file)],
        "--list",
        environment={
            "THINGSPACE_PASSWORD": "mistyped-password-5555-wrong",
            "ANSIBLE_INVENTORY_ENABLED": f"{PLUGIN},auto",
        },
    )

    assert "The login of the user was refused" in said.complaint
    assert "check username and password" in said.complaint
    assert said.hosts("campaign_succeeded") == set()
    assert [control.count(kind) for kind in ("session_login", "oauth_token", "campaign_read")] == [1, 1, 0]


def test_what_is_wrong_is_one_sentence(inventories: Inventories, control: Control) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "has no option campain: correct or remove it.": {"campain": "x"},
        "campaign_id is missing": {"campaign_id": None},
        "api_version must be one of v1, v2, v3, not 'v9'.": {"api_version": "v9"},
        "states must be one of": {"states": ["lost"]},
        "put it in quotes": {"account_name": 402196254},
        "password must be a string.": {"password": ["a-secret-in-a-list-7777"]},
        "max_concurrency must be a whole number, from 1 to 64, not 0.": {"max_concurrency": 0},
        "account_name has a template that cannot be evaluated: 'nope' is undefined": {"account_name": "{{ nope }}"},
        "hostname cannot be evaluated for device '990003425730535': 'nope' is undefined": {"hostname": "nope"},
        "hostname gives the same name 'same' to 3 devices": {"hostname": "'same'"},
        "Could not set short for host 990003425730535": {"strict": True, "compose": {"short": "nope.nope"}},
    }
    files = [inventories.write(f"{at}.campaign_devices.yml", **each) for at, each in enumerate(wrong.values())]
    said = inventories.run(
        *[word for file in files for word in ("-i", file)], "--list", environment={"ANSIBLE_INVENTORY_ENABLED": PLUGIN}
    )

    assert [sentence for sentence in wrong if sentence not in said.complaint] == []
    assert said.complaint.count("Unable to parse") == len(wrong)
    assert "7777" not in said.stdout + said.stderr
    assert control.count("campaign_read") == 3


def test_ids_that_are_no_names_of_hosts(inventories: Inventories, control: Control) -> None:
    """No value of the service can refer to the controller, a group, a pattern or a template."""
    odd = ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "all", "ungrouped", "campaign_failed", "mine"]
    odd += [
        "x" * 300_000,
        "bell\x07",
        "line\nbreak",
        "\x1b[31mred",
        "{{ 6 * 7 }}",
        "{% raw %}",
        "a,b",
        "!a",
        "a b",
        "[1:9]",
    ]
    (fleet,) = campaign_ids(1)
    good = devices({"900000000000001": "UpgradeSuccess"})
    control.add_campaign(fleet, body=ENDED, devices=good)
    entries = [{"deviceId": one, "status": "UpgradeSuccess", "resultReason": "Because."} for one in odd]
    entries.append({"deviceId": "900000000000001", "status": "UpgradeSuccess"})
    control.fault("status", kind="device_report", status=200, json={"deviceList": entries, "hasMoreData": False})
    mine = inventories.folder / "mine.yml"
    mine.write_text("mine: {hosts: {other: }}\n", encoding="utf-8")
    path = inventories.write(campaign_id=fleet)
    said = inventories.run("-i", str(mine), "-i", path, "--list")

    assert said.hosts("campaign_succeeded") == {"900000000000001"}
    assert f"{len(odd)} devices are not in the inventory, because an ID cannot be a host name" in said.complaint
    assert set(said.data["_meta"]["hostvars"]) == {"900000000000001"}
    assert not [char for char in said.stderr if not char.isprintable() and char != "\n"]
    assert len(said.stderr) < 10_000

    named = inventories.write(campaign_id=fleet, hostname="'localhost' if thingspace_device_reason else 'd'")
    assert "which is the controller or a group" in inventories.run("-i", named, "--list").complaint


def test_a_template_that_cannot_be_read_is_not_quoted(inventories: Inventories, control: Control) -> None:
    """The template can contain a secret."""
    templates = [
        "{{ 7 'b-secret-7777' }}",
        "{{ 'a-secret-7777' | no_such_filter }}",
        "{{ 'a-secret-7777' ",
        "{% a-secret-7777 %}",
        "{{ 'a-secret-7777' | int('b-secret-7777', 1, 2, 3) }}",
        "{{ lookup('no_such_lookup', 'a-secret-7777') }}",
        "{{ 'a-secret-7777' ~ nope }}",
    ]
    files = [inventories.write(f"{at}.campaign_devices.yml", password=each) for at, each in enumerate(templates)]
    said = inventories.run(
        *[word for file in files for word in ("-i", file)], "--list", environment={"ANSIBLE_INVENTORY_ENABLED": PLUGIN}
    )

    complaints = said.complaint.split("Unable to parse")[:-1]
    assert len(complaints) == len(templates)
    assert all("password has a template that cannot be evaluated" in each for each in complaints), complaints
    assert "secret-7777" not in said.stdout + said.stderr
    assert control.counters()["total"] == 0


def test_a_failed_inventory_can_end_the_run(inventories: Inventories, control: Control) -> None:
    control.fault("status", status=400, kind="device_report")
    path = inventories.write()
    said = inventories.run("-i", path, "--list", environment={"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"})

    assert said.code != 0
    assert "HTTP 400" in said.complaint
    assert f"Completely failed to parse inventory source {path}" in said.complaint


def test_the_documentation_can_be_shown(inventories: Inventories) -> None:
    said = inventories.program(["ansible-doc", "-t", "inventory", "--json", PLUGIN])
    options = yaml.safe_load(said.stdout)[PLUGIN]["doc"]["options"]

    assert options["password"]["env"] == [{"name": "THINGSPACE_PASSWORD"}]
    assert {"cache", "compose", "groups", "keyed_groups", "strict", "states", "hostname"} <= set(options)
