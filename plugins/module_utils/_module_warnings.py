# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Warnings of a module, which Ansible shows when the module is done."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter


class ModuleWarnings(ProgressReporter):
    """Passes warnings to Ansible. A module cannot show progress."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module

    def warning(self, text: str) -> None:
        """Add a warning, which Ansible shows when the task is over."""
        self._module.warn(text)
