# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of the page about Event-Driven Ansible, collected from the files that define them."""

from __future__ import annotations

import re

import yaml

from tools.paths import ROOT

EXTENSIONS = ROOT / "extensions" / "eda"
_PLAYBOOKS = ROOT / "playbooks"
# External names, and an example of a wrong condition.
_FOREIGN = (
    "ansible.eda",
    "infra.aap_configuration",
    "event_streams",
    "event.payload",
    'event.campaign.outcome != "failed"',
)


def words() -> set[str]:
    """Return the words that are allowed in backticks."""
    rulebooks = {path: path.read_text(encoding="utf-8") for path in (EXTENSIONS / "rulebooks").glob("*.yml")}
    texts = [*rulebooks.values(), *(path.read_text(encoding="utf-8") for path in _PLAYBOOKS.rglob("awx_*once*.yml"))]
    conditions = {
        found for text in texts for found in re.findall(r'event\.[\w.]+ (?:in \[.*?\]|is match\(".*?"\))', text)
    }
    variables = yaml.safe_load((EXTENSIONS / "activation.yml").read_text(encoding="utf-8"))
    files = {str(path.relative_to(ROOT)) for path in EXTENSIONS.rglob("*") if path.is_file()}
    return {
        *_FOREIGN,
        *(path.stem for path in rulebooks),
        *(word for text in texts for word in re.findall(r"\bthingspace_\w+", text)),
        *conditions,
        *variables,
        *files,
        # The word for how often a job is launched, and the prefix of an event's ID.
        *("event", "event-"),
    }
