# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conversion of a job's variables for Ansible."""

from __future__ import annotations

from typing import Any

from integration.playbooks import Unsafe


def as_awx_writes(value: Any) -> Any:
    """Return the variables as AWX's ``safe_dump`` writes them: all strings, including keys, are marked ``!unsafe``.

    ansible-core 2.19 and newer read such a string as a plain scalar: '12' becomes a number.
    """
    if isinstance(value, str):
        return Unsafe(value)
    if isinstance(value, dict):
        return {as_awx_writes(key): as_awx_writes(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_awx_writes(item) for item in value]
    return value
