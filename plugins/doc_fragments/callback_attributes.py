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
    description: Whether the module supports check mode.
    support: full
    details:
      - In check mode, the module reads what is registered, and returns what it would change.
  diff_mode:
    description: Whether the module supports diff mode.
    support: full
    details:
      - Secrets are masked on both sides. A text says which of them differ.
  idempotent:
    description: Whether a second run reports no change.
    support: full
    details:
      - The module reports a change only if the registration has changed.
  action:
    description: Whether the module has an action plugin, which runs on the controller.
    support: full
  async:
    description: Whether the module supports the keyword C(async).
    support: full
  action_group:
    description: The group of C(module_defaults) that sets defaults for the module.
    support: full
    membership:
      - fleetops.thingspace.thingspace
"""
