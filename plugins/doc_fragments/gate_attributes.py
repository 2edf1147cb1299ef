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
    description: Can run in check mode without making changes.
    support: full
    details:
      - It behaves the same in check mode, but writes no report.
  diff_mode:
    description: Returns details on what has changed in diff mode.
    support: N/A
    details:
      - It changes only the files of reports, and does not return their differences.
  idempotent:
    description: Reports no change when it runs again.
    support: partial
    details:
      - It reports a change only when it writes a report. A report contains the time, so each report is different.
  action:
    description: Has an action plugin that runs on the controller.
    support: full
    details:
      - It runs only as an action plugin.
  async:
    description: Supports the keyword C(async).
    support: none
  bypass_host_loop:
    description: Runs once for all hosts, even without C(run_once).
    support: none
"""
