# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""How a module that runs elsewhere says something before its end."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter


class ModuleWarnings(ProgressReporter):
    """Hands warnings to Ansible; progress cannot be shown from here."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module

    def warning(self, text: str) -> None:
        """Shown by Ansible when the task is over."""
        self._module.warn(text)
