# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: whether a host of a fleet may go on.

===================  ==========================================  ==============================================
campaigns            device                                      the host
===================  ==========================================  ==============================================
none given           any                                         goes on (C(campaign_wait_missing) is pass)
target reached       not given, or upgraded                      goes on
target reached       not upgraded, or in no report               as C(campaign_wait_on_device_failure) says
time is over         not given, C(on_timeout) is continue        goes on
time is over         given, C(on_timeout) is continue            as if the target was reached
time is over         any, C(on_timeout) is fail or skip          fails, or is left out
any other ending     any                                         fails
===================  ==========================================  ==============================================
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._devices import (
    DEVICE_STATES,
    SUCCEEDED,
    Device,
    DeviceReport,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._ending import TIMED_OUT, Ending
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_options import Member

GO: t.Final = "go"
FAIL: t.Final = "fail"
SKIP: t.Final = "skip"
# The state of a device that no report lists. A report's own words are those of DEVICE_STATES.
NOT_LISTED: t.Final = "not_listed"

DEVICE_NOT_UPGRADED: t.Final = "device_not_upgraded"
NO_CAMPAIGN: t.Final = "no_campaign"


@dataclass(frozen=True)
class Decision:
    """V(go), V(fail) or V(skip). Reason and message are None where those of the campaigns' wait hold."""

    verb: str
    reason: str | None = None
    message: str | None = None


def decide(member: Member, ending: Ending, device: Device | None, all_were_read: bool = True) -> Decision:
    """What becomes of a host with campaigns; C(device) is None if the host names none.

    C(all_were_read) tells whether the device reports of all its campaigns could be read.
    """
    verb = GO
    if not ending.is_reached:
        verb = _VERBS[member.terms.on_timeout] if ending.reason == TIMED_OUT else FAIL
    if verb != GO or device is None or device["state"] == SUCCEEDED:
        return Decision(verb)
    verb = _VERBS[member.terms.on_device_failure]
    return Decision(verb, DEVICE_NOT_UPGRADED, _device_sentence(device, all_were_read))


_VERBS: t.Final = {"fail": FAIL, "skip": SKIP, "continue": GO}


def device_in(reports: Mapping[str, DeviceReport], device_id: str) -> Device:
    """The device by these reports: with C(campaign_id), that of the report in which it is the worst off.

    One that no report lists has the state V(not_listed).
    """
    found = []
    for campaign_id, report in reports.items():
        device = report.device(device_id)
        if device is not None:
            found.append({**device, "campaign_id": campaign_id})
    nowhere = {"device_id": device_id, "state": NOT_LISTED, "status": None, "reason": None, "campaign_id": None}
    return max(found, key=lambda device: DEVICE_STATES.index(device["state"]), default=nowhere)


def _device_sentence(device: Device, all_were_read: bool) -> str:
    name = printable(device["device_id"])
    if device["state"] == NOT_LISTED and not all_were_read:
        return f"Nobody knows whether device {name} was upgraded: the device report of its campaign could not be read."
    if device["state"] == NOT_LISTED:
        return f"Device {name} was not upgraded, as far as is known: it is in no device report of its campaigns."
    said = f" [{printable(device['status'])}]" if device["status"] else ""
    why = f": {printable(device['reason']).rstrip('.')}" if device["reason"] else ""
    return f"Device {name} was not upgraded: it is {device['state']}{said}{why}."


def summary_sentence(verbs: Sequence[str]) -> str:
    """How many hosts go on."""
    counts = {verb: verbs.count(verb) for verb in (FAIL, SKIP)}
    parts = [f"{counts[FAIL]} fail" if counts[FAIL] else "", f"{counts[SKIP]} are left out" if counts[SKIP] else ""]
    told = ", ".join(part for part in parts if part)
    return f"{verbs.count(GO)} of {len(verbs)} hosts go on" + (f", {told}." if told else ".")
