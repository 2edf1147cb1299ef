# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: from what was read of campaigns to the devices of an inventory, each with its variables and its group."""

from __future__ import annotations

import collections
import hashlib
import ipaddress
import json
import re
import typing as t
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns, Connection
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts

Values = Mapping[str, t.Any]

# One group for each state, from good to bad.
GROUPS: t.Final = tuple(f"campaign_{state}" for state in DEVICE_STATES)

# What Ansible takes as the name of a host without reading a pattern, a range or a template into it.
_HOST_NAME: t.Final = r"\w[\w.@-]*"
# As in DNS.
_LONGEST_NAME: t.Final = 253
# Names that are the controller itself, or that Ansible has a meaning for.
_CONTROLLER: t.Final = re.compile(r"(ip6-)?(localhost|loopback)[0-9]*(\..*)?", re.IGNORECASE)
_ANSIBLES_OWN: t.Final = frozenset({"all", "ungrouped", *GROUPS})
_MAX_SHOWN: t.Final = 60


@dataclass(frozen=True)
class FleetDevice:
    """One device, and the campaign whose word on it counts."""

    device_id: str
    state: str
    variables: Values

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


def _kept(campaign: Values) -> dict[str, t.Any]:
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


def fleet_of(snapshot: Values, states: Collection[str] | None = None) -> list[FleetDevice]:
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


def _variables(entry: Values, campaign: Values) -> dict[str, t.Any]:
    device = {f"thingspace_device_{key.removeprefix('device_')}": value for key, value in entry.items()}
    keys = ("id", "name", "state", "outcome")
    return {**device, **{f"thingspace_campaign_{key}": campaign[key] for key in keys}}


def fit_devices(
    devices: Iterable[FleetDevice], reserved: Collection[str]
) -> tuple[list[FleetDevice], list[FleetDevice]]:
    """Devices whose IDs can be names of hosts, and the others.

    C(reserved) are names that no host must have, beyond those that Ansible itself has a meaning for.
    """
    fit: list[FleetDevice] = []
    unfit: list[FleetDevice] = []
    for device in devices:
        is_fit = _is_name(device.device_id) and not _is_taken(device.device_id, reserved)
        (fit if is_fit else unfit).append(device)
    return fit, unfit


def unfit_warning(unfit: Collection[FleetDevice]) -> str:
    """The sentence that counts devices which are left out because of their IDs."""
    example = next(iter(unfit)).device_id
    count = f"{len(unfit)} devices are" if len(unfit) > 1 else "1 device is"
    return f"{count} not in the inventory, because an ID cannot be a host name: for example {shown(example)}."


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and re.fullmatch(_HOST_NAME, text) is not None


def _is_taken(name: str, reserved: Collection[str]) -> bool:
    """True for a name that would be another host, or a group: tasks for a device would run on the controller."""
    if name.lower() in _ANSIBLES_OWN or name in reserved or _CONTROLLER.fullmatch(name):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def check_names(names: Mapping[str, object], reserved: Collection[str] = ()) -> dict[str, str]:
    """The host name of each device ID, checked. Raises OptionError if two devices have one name, or one has none."""
    texts = {device_id: "" if name is None else str(name) for device_id, name in names.items()}
    for device_id, text in texts.items():
        if not _is_name(text):
            raise OptionError(
                f"hostname gives device {shown(device_id)} the name {shown(text)}: "
                "use only letters, digits, dots, underscores, hyphens and @."
            )
        if _is_taken(text, reserved):
            raise OptionError(
                f"hostname gives device {shown(device_id)} the name {shown(text)}, which is the controller or a group: "
                "add a prefix of your own."
            )
    for text, count in collections.Counter(texts.values()).most_common(1):
        if count > 1:
            first, second = [device_id for device_id, name in texts.items() if name == text][:2]
            raise OptionError(
                f"hostname gives the same name {shown(text)} to {count} devices, for example {shown(first)} "
                f"and {shown(second)}: use thingspace_device_id in it."
            )
    return texts


def shown(text: str) -> str:
    """A foreign text as it can stand in a sentence: in quotes, its control characters escaped, not too long."""
    return repr(text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}...")


def warnings_of(snapshot: Values) -> list[str]:
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
