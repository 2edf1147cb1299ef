# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: the days of a campaign as moments. Days begin at midnight UTC (stated by the service's guides)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Facts

_DAY: t.Final = datetime.timedelta(days=1)


def midnight(day: object) -> datetime.datetime | None:
    """When a day such as C(2026-03-01) begins; None for anything but a text."""
    if not isinstance(day, str):
        return None
    return datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.timezone.utc)


def end_of(facts: Facts) -> datetime.datetime | None:
    """The end of the campaign's last day. The end day counts as a whole (from a worked example of the service)."""
    begin = midnight(facts.get("end_date"))
    return later(begin, _DAY) if begin is not None else None


def later(moment: datetime.datetime, by: datetime.timedelta) -> datetime.datetime:
    """The sum, or the last moment that can be written: people write 9999-12-31 for "no end"."""
    try:
        return moment + by
    except OverflowError:
        return datetime.datetime.max.replace(tzinfo=datetime.timezone.utc)
