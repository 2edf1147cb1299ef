# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for the recurrence rules of schedules."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from dateutil.rrule import rrulestr

from awx.controller.refusal import Refused


def check_rule(rule: str) -> None:
    """Raise Refused unless the API accepts this recurrence rule."""
    complaints = [*_about_the_start(rule), *_about_the_rules(rule)]
    if not complaints:
        try:
            rrulestr(rule, forceset=True)
        except ValueError as error:
            complaints.append(f"rrule parsing failed validation: {error}")
    if complaints:
        raise Refused({"rrule": complaints})


def _about_the_start(rule: str) -> Iterator[str]:
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", rule)
    if not starts:
        yield "Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ"
    if len(starts) > 1:
        yield "Multiple DTSTART is not supported."
    if re.search(r"DTSTART:[0-9]+T[0-9]+ ", rule):
        yield "DTSTART cannot be a naive datetime.  Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ."


def _about_the_rules(rule: str) -> Iterator[str]:
    if "rrule:" not in rule.lower():
        yield "One or more rule required in rrule."
    for one in re.findall(r"RULE:[^\s]*", rule):
        if "interval" not in one.lower():
            yield f"INTERVAL required in rrule: {one}"
        if "secondly" in one.lower():
            yield f"SECONDLY is not supported: {one}"
        if "COUNT" in one and "UNTIL" in one:
            yield f"RRULE may not contain both COUNT and UNTIL: {one}"
        count = re.search(r"COUNT=([0-9]+)", one)
        if count and int(count[1]) > 999:
            yield f"COUNT > 999 is unsupported: {one}"
        if re.search(r"UNTIL=[0-9]{8}(T[0-9]{6})?(;|$)", one):
            yield f"When DTSTART is in UTC, UNTIL must be in UTC as well: {one}"


def next_run(rule: str, now: datetime.datetime) -> str | None:
    """Return the next time after now at which the rule starts a job, in the format of the API, or None."""
    found = rrulestr(rule, forceset=True).after(now)
    return None if found is None else found.strftime("%Y-%m-%dT%H:%M:%SZ")
