# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of the variables of a job on their way to Ansible."""

from __future__ import annotations

from typing import Any

from integration.playbooks import Unsafe


def as_awx_writes(value: Any) -> Any:
    """The variables as AWX's ``safe_dump`` writes them: every text, keys too, marked ``!unsafe``.

    ansible-core 2.19 and newer read such a text as if it stood there plain: '12' comes back as a number.
    """
    if isinstance(value, str):
        return Unsafe(value)
    if isinstance(value, dict):
        return {as_awx_writes(key): as_awx_writes(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_awx_writes(item) for item in value]
    return value
