# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks that AWX finds in a project."""

from __future__ import annotations

import re
from pathlib import Path

_PLAYBOOK = re.compile(r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?import_playbook):\s*?.*?$", re.MULTILINE)


def playbooks(folder: Path) -> list[str]:
    """Return the playbook paths that a job template can use, relative to the project."""
    found = []
    for path in sorted(folder.rglob("*.yml")):
        inside = path.relative_to(folder)
        if not {"roles", "tasks", "group_vars", "host_vars"} & set(inside.parts[:-1]):
            found += [str(inside)] if _PLAYBOOK.search(path.read_text(encoding="utf-8")) else []
    return found
