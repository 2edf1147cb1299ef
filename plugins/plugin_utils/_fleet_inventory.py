# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: converts campaigns to the devices of an inventory, with their variables and groups."""

from __future__ import annotations

import collections
import hashlib
import ipaddress
import json
import re
import socket
import typing as t
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DEVICE_STATES
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Campaigns, Connection
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts

Values = Mapping[str, t.Any]

# One group for each state, from best to worst.
GROUPS: t.Final = tuple(f"campaign_{state}" for state in DEVICE_STATES)

# Names that Ansible does not interpret as a pattern, a range or a template.
_HOST_NAME: t.Final = r"\w[\w.@-]*"
# The limit of DNS.
_MAX_NAME_LENGTH: t.Final = 253
# Names of the controller itself, and names with a meaning in Ansible.
_CONTROLLER: t.Final = re.compile(r"(ip6-)?(localhost|loopback)[0-9]*(\..*)?", re.IGNORECASE)
_ANSIBLE_NAMES: t.Final = frozenset({"all", "ungrouped", *GROUPS})
_MAX_SHOWN: t.Final = 60


@dataclass(frozen=True)
class FleetDevice:
    """One device, with the variables of the campaign that determines its state."""

    device_id: str
    state: str
    variables: Values

    @property
    def group(self) -> str:
        """The group for the state of the device."""
        return f"campaign_{self.state}"


def request_key(campaigns: Campaigns, connection: Connection) -> str:
    """Return a digest of what is requested, without credentials. It identifies the cached snapshots of this request."""
    request = [connection.api_url, campaigns.api_version, campaigns.account_name, *campaigns.ids]
    return hashlib.sha256(json.dumps([str(part) for part in request]).encode()).hexdigest()


def snapshot_of(key: str, campaigns: Iterable[Facts]) -> dict[str, t.Any]:
    """Return what the cache stores of a result with C(devices=all): plain JSON, without secrets."""
    return {"request": key, "campaigns": [_cached_campaign(campaign) for campaign in campaigns]}


def _cached_campaign(campaign: Values) -> dict[str, t.Any]:
    return {
        "id": campaign["id"],
        "name": campaign.get("campaign_name"),
        "state": campaign["state"],
        "outcome": campaign["outcome"],
        "reported_total": campaign["device_summary"]["reported_total"],
        "devices": campaign["devices"],
    }


def is_snapshot_of(cached: object, key: str) -> bool:
    """Return whether a cached value is a snapshot of this request."""
    return isinstance(cached, Mapping) and cached.get("request") == key


def fleet_of(snapshot: Values, states: Collection[str] | None = None) -> list[FleetDevice]:
    """Return the devices in these states (None for all), in the order of the reports.

    A device in several campaigns is included once, with the first campaign in which its state is the worst. Entries
    without a device ID are left out, because they cannot be identified.
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
    """Return whether C(group) is for a worse state than C(other). Both are in GROUPS."""
    return GROUPS.index(group) > GROUPS.index(other)


def _variables(entry: Values, campaign: Values) -> dict[str, t.Any]:
    device = {f"thingspace_device_{key.removeprefix('device_')}": value for key, value in entry.items()}
    keys = ("id", "name", "state", "outcome")
    return {**device, **{f"thingspace_campaign_{key}": campaign[key] for key in keys}}


def split_by_name(
    devices: Iterable[FleetDevice], reserved: Collection[str]
) -> tuple[list[FleetDevice], list[FleetDevice]]:
    """Split devices into those whose ID can be a host name, and the others.

    C(reserved) are further names that no host can have, besides the controller and the names with a meaning in Ansible.
    """
    usable: list[FleetDevice] = []
    unusable: list[FleetDevice] = []
    for device in devices:
        is_usable = _is_valid_name(device.device_id) and not _is_reserved(device.device_id, reserved)
        (usable if is_usable else unusable).append(device)
    return usable, unusable


def unusable_warning(unusable: Collection[FleetDevice]) -> str:
    """Return the warning about devices that are left out because of their IDs."""
    example = next(iter(unusable)).device_id
    count = f"{len(unusable)} devices are" if len(unusable) > 1 else "1 device is"
    return f"{count} not in the inventory, because an ID cannot be a host name: for example {shown(example)}."


def _is_valid_name(text: str) -> bool:
    return len(text) <= _MAX_NAME_LENGTH and re.fullmatch(_HOST_NAME, text) is not None


def _is_reserved(name: str, reserved: Collection[str]) -> bool:
    """Return whether a name is the controller or a group. Tasks for such a device could run on the controller."""
    if name.lower() in _ANSIBLE_NAMES or name in reserved or _CONTROLLER.fullmatch(name):
        return True
    try:
        # As the C library resolves a name: 2130706433 is 127.0.0.1. A device ID can be such a number.
        address = ipaddress.IPv4Address(socket.inet_aton(name))
    except OSError:
        return False
    return address.is_loopback or address.is_unspecified


def check_names(names: Mapping[str, object], reserved: Collection[str] = ()) -> dict[str, str]:
    """Validate the host name of each device ID. Raises OptionError if a name is invalid, reserved or not unique."""
    texts = {device_id: "" if name is None else str(name) for device_id, name in names.items()}
    for device_id, text in texts.items():
        if not _is_valid_name(text):
            raise OptionError(
                f"hostname gives device {shown(device_id)} the name {shown(text)}: "
                "use only letters, digits, dots, underscores, hyphens and @."
            )
        if _is_reserved(text, reserved):
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
    """Return an untrusted text in quotes, with escaped control characters and a limited length."""
    return repr(text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}...")


def warnings_of(snapshot: Values) -> list[str]:
    """Return warnings about devices that the service counts, but that cannot be in the inventory."""
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
