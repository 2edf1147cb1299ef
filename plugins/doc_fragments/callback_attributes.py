# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the plugins of this collection support, in the words of Ansible's attributes."""

from __future__ import annotations


class ModuleDocFragment:
    """The attributes of a module that makes a change."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode without making changes.
    support: full
    details:
      - It reads what is registered, and returns what it would change.
  diff_mode:
    description: Returns details on what has changed in diff mode.
    support: full
    details:
      - Secrets are masked on both sides. A text says which of them differ.
  idempotent:
    description: Reports no change when it runs again.
    support: full
    details:
      - It reports a change only if the registration has changed.
  action:
    description: Has an action plugin that runs on the controller.
    support: full
  async:
    description: Supports the keyword C(async).
    support: full
  action_group:
    description: Use C(group/fleetops.thingspace.thingspace) in C(module_defaults) to set defaults.
    support: full
    membership:
      - fleetops.thingspace.thingspace
"""
