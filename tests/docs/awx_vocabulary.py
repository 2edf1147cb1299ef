# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of the page about AWX, collected from the files that define them."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tools.paths import ROOT

EXTENSIONS = ROOT / "extensions" / "awx"
PLAYBOOK_FOLDERS = (ROOT / "playbooks", ROOT / "playbooks" / "tasks", ROOT / "playbooks" / "vars")
# External names.
_FOREIGN = (
    "awx.awx",
    "infra.aap_configuration",
    "infra.controller_configuration",
    "include_vars",
    "float",
    "int",
    "string",
    "end_date",
    "success_percent | float",
    "end_date | string",
    "(next_poll_at | string)[:19] | replace('T', ' ')",
    "ANSIBLE_",
    "/api/v2/",
    "/api/controller/v2/",
    "/api/v2/tokens/",
    "/api/gateway/v1/tokens/",
    "ansible.controller",
    "CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX=/api/controller/",
    "controller_host",
    "controller_oauthtoken",
    "aap_token",
    "Default",
    "@settings.yml",
    "-e @settings.yml",
    "thingspace_campaigns",
)


class _Loader(yaml.SafeLoader):
    """Supports Ansible's tag for strings without templates."""


def _text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("!unsafe", _text)


def _load(name: str) -> Any:
    return yaml.load((EXTENSIONS / name).read_text(encoding="utf-8"), Loader=_Loader)


def tags() -> set[str]:
    """Return the tags of the setup."""
    tasks = yaml.safe_load((ROOT / "playbooks" / "tasks" / "awx_setup.yml").read_text(encoding="utf-8"))
    return {tag for task in tasks for tag in task["tags"]}


def object_names() -> set[str]:
    """Return the names of the objects that the setup creates, as AWX shows them."""
    lists = [
        value for path in EXTENSIONS.glob("*.yml") for key, value in _load(path.name).items() if "controller" in key
    ]
    return {str(item["name"]) for one in lists if isinstance(one, list) for item in one}


def words() -> set[str]:
    """Return the words that are allowed in backticks."""
    variables = {name for path in EXTENSIONS.glob("*.yml") for name in _load(path.name)}
    texts = [path.read_text(encoding="utf-8") for folder in PLAYBOOK_FOLDERS for path in folder.glob("awx_*.yml")]
    own = {word for text in texts for word in re.findall(r"\bawx_wait_\w+", text)}
    asking = {name for text in texts for name in re.findall(r"\b(?:CONTROLLER|AAP)_[A-Z_]+", text)}
    files = {path.name for path in EXTENSIONS.rglob("*") if path.is_file()}
    return {
        *_FOREIGN,
        *variables,
        *own,
        *asking,
        *files,
        *tags(),
        f"--tags {','.join(['credential_types', 'credentials'])}",
    }
