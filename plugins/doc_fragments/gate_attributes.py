# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the gate of the role supports, in the words of Ansible's attributes."""

from __future__ import annotations


class ModuleDocFragment:
    """The attributes of a task that works for all hosts of a play, on the controller only."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Whether it can run in check mode without touching anything.
    support: full
    details:
      - It only reads, so it does the same in check mode.
  diff_mode:
    description: Whether it shows what a change would be, in diff mode.
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    description: Whether a second run in a row reports no change.
    support: full
    details:
      - It never reports a change.
  action:
    description: Whether it has a part that runs on the controller.
    support: full
    details:
      - There is nothing else.
  async:
    description: Whether the keyword C(async) can be used.
    support: none
  bypass_host_loop:
    description: Whether it runs once for all hosts by itself.
    support: none
"""
