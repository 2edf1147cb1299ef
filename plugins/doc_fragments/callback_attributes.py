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
    description: Whether it can run in check mode without touching anything.
    support: full
    details:
      - It reads what is registered, and tells what it would change.
  diff_mode:
    description: Whether it shows what a change would be, in diff mode.
    support: full
    details:
      - Secrets are masked on both sides. Which of them differ is said in words.
  idempotent:
    description: Whether a second run in a row reports no change.
    support: full
    details:
      - It reports a change only when what is registered has become another.
  action:
    description: Whether it has a part that runs on the controller.
    support: full
  async:
    description: Whether the keyword C(async) can be used.
    support: full
  action_group:
    description: Which group of C(module_defaults) sets defaults for it.
    support: full
    membership:
      - fleetops.thingspace.thingspace
"""
