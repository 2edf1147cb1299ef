# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of the API, and what AWX allows them to see and do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from awx.controller.tables import Item, Tables

# The lists of which a user sees only those objects on which the user has a role.
_SEEN_BY_ROLE = ("organizations", "job_templates", "workflow_job_templates", "projects", "inventories", "credentials")


@dataclass
class User:
    """A user with a token. ``roles`` are the roles on objects, by ID: read, execute or admin."""

    name: str
    token: str
    is_admin: bool = False
    roles: dict[int, set[str]] = field(default_factory=dict)

    def may(self, what: str, number: int | None) -> bool:
        """Whether the user has this role or a higher one on an object."""
        if self.is_admin:
            return True
        greater = {"read": {"read", "execute", "admin"}, "execute": {"execute", "admin"}, "admin": {"admin"}}
        return bool(greater[what] & self.roles.get(number or 0, set()))


def visible(user: User, kind: str, items: Iterable[Item]) -> list[Item]:
    """Return the objects that this user can see. *Execute* on a template is not *read* on its organization."""
    return [item for item in items if user.is_admin or _is_seen(user, kind, item)]


def _is_seen(user: User, kind: str, item: Item) -> bool:
    if kind in ("schedules", "workflow_jobs", "jobs"):
        return user.may("read", item["unified_job_template"])
    if kind == "unified_job_templates" or kind in _SEEN_BY_ROLE:
        return user.may("read", item["id"])
    return False


def capabilities(user: User, item: Item, tables: Tables) -> dict[str, bool]:
    """Return the user's permissions on an object, as the API shows them."""
    if item["type"] in ("job_template", "workflow_job_template"):
        start = user.may("execute", item["id"])
        return {"edit": user.may("admin", item["id"]), "start": start, "schedule": start}
    if item["type"] == "schedule":
        return {"edit": may_change_schedule(user, item)}
    return {"edit": user.is_admin}


def may_change_schedule(user: User, schedule: Item) -> bool:
    """Whether the user created a schedule, or administers its template."""
    return schedule["created_by"] == user.name or user.may("admin", schedule["unified_job_template"])
