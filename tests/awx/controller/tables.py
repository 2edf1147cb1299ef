# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stored objects of the API, of several kinds, with the defaults of their fields."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from awx.controller.refusal import Refused

Item = dict[str, Any]

# The type of the objects in each list, and their fields in addition to id, type, url and related.
KINDS: dict[str, tuple[str, Item]] = {
    "organizations": ("organization", {"name": ""}),
    "credential_types": (
        "credential_type",
        {"name": "", "description": "", "kind": "cloud", "managed": False, "inputs": {}, "injectors": {}},
    ),
    "credentials": (
        "credential",
        {"name": "", "description": "", "organization": None, "credential_type": None, "inputs": {}},
    ),
    "execution_environments": ("execution_environment", {"name": "", "description": "", "image": "", "pull": ""}),
    "projects": (
        "project",
        {"name": "", "description": "", "organization": None, "scm_type": "", "scm_url": "", "scm_branch": ""}
        | {"credential": None, "scm_update_on_launch": False, "scm_update_cache_timeout": 0, "scm_revision": ""}
        | {"status": "never updated", "last_updated": None},
    ),
    "inventories": (
        "inventory",
        {"name": "", "description": "", "organization": None, "kind": "", "host_filter": None, "variables": ""},
    ),
    "hosts": ("host", {"name": "", "description": "", "inventory": None, "enabled": True, "variables": ""}),
    "job_templates": (
        "job_template",
        {"name": "", "description": "", "organization": None, "job_type": "run", "project": None, "playbook": ""}
        | {"inventory": None, "execution_environment": None, "extra_vars": "---", "survey_enabled": False}
        | {"ask_variables_on_launch": False, "allow_simultaneous": False, "timeout": 0, "survey_spec": {}}
        | {f"ask_{what}_on_launch": False for what in ("inventory", "limit", "labels")},
    ),
    "workflow_job_templates": (
        "workflow_job_template",
        {"name": "", "description": "", "organization": None, "extra_vars": "---", "survey_enabled": False}
        | {"ask_variables_on_launch": False, "allow_simultaneous": False, "survey_spec": {}}
        | {
            f"ask_{what}_on_launch": False
            for what in ("inventory", "limit", "labels", "tags", "skip_tags", "scm_branch")
        },
    ),
    "workflow_job_template_nodes": (
        "workflow_job_template_node",
        {"identifier": "", "workflow_job_template": None, "unified_job_template": None, "extra_data": {}},
    ),
    "workflow_approval_templates": ("workflow_approval_template", {"name": "", "description": "", "timeout": 0}),
    "schedules": (
        "schedule",
        {"name": "", "description": "", "unified_job_template": None, "rrule": "", "extra_data": {}, "enabled": True}
        | {"next_run": None, "created_by": ""},
    ),
    "workflow_jobs": (
        "workflow_job",
        {"name": "", "unified_job_template": None, "extra_vars": {}, "status": "pending", "created": ""},
    ),
    "jobs": (
        "job",
        {"name": "", "unified_job_template": None, "extra_vars": {}, "status": "pending", "created": ""}
        | {"artifacts": {}},
    ),
    "project_updates": (
        "project_update",
        {"name": "", "project": None, "status": "", "failed": False, "scm_revision": "", "finished": ""}
        | {"event_processing_finished": True, "elapsed": 1.0, "started": "", "stdout": ""},
    ),
}
TEMPLATES = ("projects", "job_templates", "workflow_job_templates", "workflow_approval_templates")
# The fields that together identify an object.
_IDENTITY = {
    "hosts": ("name", "inventory"),
    "schedules": ("name", "unified_job_template"),
    "workflow_job_template_nodes": ("identifier", "workflow_job_template"),
    "workflow_jobs": ("id",),
    "jobs": ("id",),
    "project_updates": ("id",),
    "workflow_approval_templates": ("id",),
    "credentials": ("name", "organization", "credential_type"),
}
_REFERENCES = {
    "organization": "organizations",
    "credential_type": "credential_types",
    "project": "projects",
    "inventory": "inventories",
    "execution_environment": "execution_environments",
    "workflow_job_template": "workflow_job_templates",
}
_PREFIX = "/api/v2"
_NOT_FILTERS = ("page_size", "order_by", "format")


class Tables:
    """The objects by list and ID. IDs are unique across all lists. In AWX, they are across all kinds of templates."""

    def __init__(self) -> None:
        self._last_id = 0
        self._rows: dict[str, dict[int, Item]] = {kind: {} for kind in KINDS}
        self.links: dict[tuple[str, int, str], list[int]] = {}

    def state(self) -> Any:
        """Return the complete state, to restore it later, also in other tables."""
        return copy.deepcopy((self._last_id, self._rows, self.links))

    def restore(self, state: Any) -> None:
        """Restore a state."""
        self._last_id, self._rows, self.links = copy.deepcopy(state)

    def all(self, kind: str) -> list[Item]:
        """Return the objects of a list. ``unified_job_templates`` has everything that can be started."""
        if kind == "unified_job_templates":
            return [item for one in TEMPLATES for item in self.all(one)]
        return list(self._rows[kind].values())

    def get(self, kind: str, number: int) -> Item:
        """Return an object. Raises Refused if there is none."""
        for item in self.all(kind):
            if item["id"] == number:
                return item
        raise Refused({"detail": "Not found."}, 404)

    def find(self, kind: str, name: str) -> Item:
        """Return the only object with this name or identifier."""
        (found,) = [item for item in self.all(kind) if name in (item.get("name"), item.get("identifier"))]
        return found

    def add(self, kind: str, given: Mapping[str, Any]) -> Item:
        """Create an object. Raises Refused if it already exists, or if it refers to an unknown object."""
        word, fields = KINDS[kind]
        self._last_id += 1
        number = self._last_id
        url = f"{_PREFIX}/{kind}/{number}/"
        related = {name: f"{url}{name}/" for name in ("survey_spec", "launch", "update", "stdout", "playbooks")}
        item = {"id": number, "type": word, "url": url, "related": related, "summary_fields": {}, **fields}
        self._fill(kind, item, given)
        self._rows[kind][number] = item
        return item

    def change(self, kind: str, item: Item, given: Mapping[str, Any]) -> None:
        """Change fields of an object. Raises Refused, as add does."""
        self._fill(kind, item, given)

    def remove(self, kind: str, number: int) -> None:
        """Remove an object, and all links to it."""
        del self._rows[kind][self.get(kind, number)["id"]]
        for key in [key for key in self.links if key[1] == number]:
            del self.links[key]
        for others in self.links.values():
            while number in others:
                others.remove(number)

    def _fill(self, kind: str, item: Item, given: Mapping[str, Any]) -> None:
        fields = KINDS[kind][1]
        wanted = {name: value for name, value in given.items() if name in fields}
        for name, value in wanted.items():
            if name in _REFERENCES and value is not None:
                self.get(_REFERENCES[name], value)
        identity = _IDENTITY.get(kind, ("name", "organization") if "organization" in fields else ("name",))
        after = {**item, **wanted}
        for other in self._rows[kind].values():
            if other["id"] != item["id"] and all(other.get(name) == after.get(name) for name in identity):
                raise Refused({"__all__": [f"{KINDS[kind][0]} with this {' and '.join(identity)} already exists."]})
        item.update({name: fields[name] if value is None else value for name, value in wanted.items()})
        for name in ("organization", "project", "inventory"):
            if item.get(name):
                other = self.get(_REFERENCES[name], item[name])
                item["summary_fields"][name] = {"id": other["id"], "name": other["name"]}

    @staticmethod
    def matching(items: Iterable[Item], query: Mapping[str, str]) -> Iterator[Item]:
        """Return the objects that match a query."""
        query = {name: value for name, value in query.items() if name not in _NOT_FILTERS}
        numbers = query.pop("id__in", None)
        either = {name.removeprefix("or__"): value for name, value in query.items() if name.startswith("or__")}
        every = {name: value for name, value in query.items() if not name.startswith("or__")}
        for item in items:
            if numbers is not None and str(item["id"]) not in numbers.split(","):
                continue
            if not all(str(item.get(name)) == value for name, value in every.items()):
                continue
            if not either or any(str(item.get(name)) == value for name, value in either.items()):
                yield item
