# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: from what was read of campaigns to the devices of an inventory, each with its variables and its group."""

from __future__ import annotations

import collections
import hashlib
import json
import re
import typing as t
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._devices import DEVICE_STATES
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns, Connection

Facts = Mapping[str, t.Any]

# One group for each state, from good to bad.
GROUPS: t.Final = tuple(f"campaign_{state}" for state in DEVICE_STATES)

# What Ansible takes as the name of a host without reading a pattern, a range or a template into it.
_HOST_NAME: t.Final = r"\w[\w.@-]*"
_MAX_SHOWN: t.Final = 60


@dataclass(frozen=True)
class FleetDevice:
    """One device, and the campaign whose word on it counts."""

    device_id: str
    state: str
    variables: Facts

    @property
    def group(self) -> str:
        """The group of its state."""
        return f"campaign_{self.state}"


def request_key(campaigns: Campaigns, connection: Connection) -> str:
    """A digest of what is asked for, without any credential: a snapshot of another request must not be used."""
    asked = [connection.api_url, campaigns.api_version, campaigns.account_name, *campaigns.ids]
    return hashlib.sha256(json.dumps([str(part) for part in asked]).encode()).hexdigest()


def snapshot_of(key: str, campaigns: Iterable[Facts]) -> dict[str, t.Any]:
    """What is kept of the result of a read with C(devices=all): plain JSON, without secrets."""
    return {"request": key, "campaigns": [_kept(campaign) for campaign in campaigns]}


def _kept(campaign: Facts) -> dict[str, t.Any]:
    return {
        "id": campaign["id"],
        "name": campaign.get("campaign_name"),
        "state": campaign["state"],
        "outcome": campaign["outcome"],
        "reported_total": campaign["device_summary"]["reported_total"],
        "devices": campaign["devices"],
    }


def is_snapshot_of(kept: object, key: str) -> bool:
    """True if this, from a cache, answers this request."""
    return isinstance(kept, Mapping) and kept.get("request") == key


def fleet_of(snapshot: Facts, states: Collection[str] | None = None) -> list[FleetDevice]:
    """The devices in these states (None for all), in the order of the reports.

    A device of several campaigns comes once, with the campaign in which its state is the worst, the first of them.
    Entries without a device ID are left out: nobody knows which device they are.
    """
    devices: dict[str, FleetDevice] = {}
    for campaign in snapshot["campaigns"]:
        for entry in campaign["devices"]:
            device_id = entry["device_id"]
            if device_id is None:
                continue
            before = devices.get(device_id)
            if before is None or is_worse(f"campaign_{entry['state']}", before.group):
                devices[device_id] = FleetDevice(device_id, entry["state"], _variables(entry, campaign))
    return [device for device in devices.values() if states is None or device.state in states]


def is_worse(group: str, other: str) -> bool:
    """True if a device in C(group) is worse off than one in C(other); both are of GROUPS."""
    return GROUPS.index(group) > GROUPS.index(other)


def _variables(entry: Facts, campaign: Facts) -> dict[str, t.Any]:
    device = {f"thingspace_device_{key.removeprefix('device_')}": value for key, value in entry.items()}
    keys = ("id", "name", "state", "outcome")
    return {**device, **{f"thingspace_campaign_{key}": campaign[key] for key in keys}}


def check_names(names: Mapping[str, object]) -> dict[str, str]:
    """The host name of each device ID, checked. Raises OptionError if two devices have one name, or one has none."""
    texts = {device_id: "" if name is None else str(name) for device_id, name in names.items()}
    for device_id, text in texts.items():
        if not re.fullmatch(_HOST_NAME, text):
            raise OptionError(
                f"hostname gives device {_shown(device_id)} the name {_shown(text)}: "
                "a name must have letters, digits, dots, underscores, hyphens and @ only."
            )
    for text, count in collections.Counter(texts.values()).most_common(1):
        if count > 1:
            first, second = [device_id for device_id, name in texts.items() if name == text][:2]
            raise OptionError(
                f"hostname gives the same name {_shown(text)} to {count} devices, for example {_shown(first)} "
                f"and {_shown(second)}: let it have thingspace_device_id in it."
            )
    return texts


def _shown(text: str) -> str:
    return repr(text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}...")


def warnings_of(snapshot: Facts) -> list[str]:
    """What the user should know: devices that the service counts, but that cannot be in the inventory."""
    found = []
    for campaign in snapshot["campaigns"]:
        total, listed = campaign["reported_total"], len(campaign["devices"])
        if total is not None and listed < total:
            found.append(
                f"The device report of campaign {campaign['id']} lists {listed} of {total} devices: "
                "the others are not in the inventory."
            )
        nameless = sum(entry["device_id"] is None for entry in campaign["devices"])
        if nameless:
            found.append(
                f"The device report of campaign {campaign['id']} has {nameless} entries without a device ID: "
                "they are not in the inventory."
            )
    return found
