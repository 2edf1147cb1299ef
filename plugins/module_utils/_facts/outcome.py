# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: the outcome of a campaign. The state C(ended) says nothing about its devices; only the device report does.

===============================  ==============================================  ============
state                            device report                                   outcome
===============================  ==============================================  ============
not terminal                     any                                             pending
cancelled, aborted               any                                             cancelled
request_failed, failed           any                                             failed
ended                            not read, empty, or inconsistent                unverified
ended                            every device succeeded                          succeeded
ended                            some succeeded, others did not                  partial
ended                            none succeeded, the status of some is unknown   unverified
ended                            none succeeded                                  failed
===============================  ==============================================  ============
"""

from __future__ import annotations

import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import SUCCEEDED, UNKNOWN
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import is_terminal
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import DeviceSummary

OUTCOMES: t.Final = ("pending", "succeeded", "partial", "failed", "cancelled", "unverified")


def outcome_of(state: str, summary: DeviceSummary | None) -> str:
    """One of OUTCOMES. C(summary) is that of a DeviceReport, None if it was not read."""
    if not is_terminal(state):
        return "pending"
    if state in ("cancelled", "aborted"):
        return "cancelled"
    if state != "ended":
        return "failed"
    if summary is None or not summary["total"] or not summary["complete"]:
        return "unverified"
    succeeded = summary["by_state"][SUCCEEDED]
    if succeeded == summary["total"]:
        return "succeeded"
    if succeeded:
        return "partial"
    return "unverified" if summary["by_state"][UNKNOWN] else "failed"
