# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: the dates of a campaign as points in time. Days begin at midnight UTC (stated by the service's guides)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts

_DAY: t.Final = datetime.timedelta(days=1)


def midnight(day: object) -> datetime.datetime | None:
    """The start of a day such as C(2026-03-01), None if it is not a string."""
    if not isinstance(day, str):
        return None
    return datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.timezone.utc)


def end_of(facts: Facts) -> datetime.datetime | None:
    """The end of the campaign's last day, which is included (from a worked example of the service)."""
    begin = midnight(facts.get("end_date"))
    return later(begin, _DAY) if begin is not None else None


def later(moment: datetime.datetime, by: datetime.timedelta) -> datetime.datetime:
    """The sum, or the latest possible datetime on overflow: people write 9999-12-31 for "no end"."""
    try:
        return moment + by
    except OverflowError:
        return datetime.datetime.max.replace(tzinfo=datetime.timezone.utc)
