# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the reports that are due. An error causes a warning, and does not affect any host."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import expected
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LockTimeout
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._version import VERSION
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.tracker import iso
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.model import report_of
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.place import form_of, write
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_reports import RunReports

Print = Callable[[str], None]


def write_due_reports(
    reports: RunReports, print_line: Print, warn: Print, is_check: bool, clock: Clock | None = None
) -> bool:
    """Write all due reports. Return whether a file was changed. Never raises an error about a report."""
    try:
        changes = [_write_report(reports, path, print_line, warn, is_check, clock or Clock()) for path in reports.due()]
        return any(changes)
    except Exception as error:  # the database of the run cannot be read
        warn(f"The report could not be written: {_said(error)}")
        return False


def _write_report(reports: RunReports, path: str, print_line: Print, warn: Print, is_check: bool, clock: Clock) -> bool:
    shown = printable(path, 200)
    try:
        with reports.locked(path):
            if not reports.claim(path):
                return False
            # With pygal this import takes 30 ms, which a play without a report should not pay for.
            from ansible_collections.fleetops.thingspace.plugins.plugin_utils._report.render import rendered

            if is_check:
                print_line(f"In check mode no report is written to {shown}.")
                return False
            report = report_of(reports.hosts(path), reports.results(path), iso(clock.now()), VERSION)
            is_changed = write(path, rendered(report, form_of(path)))
    except LockTimeout:
        warn(f"The report {shown} could not be written: another process of this run has been writing it for too long.")
        return False
    except Exception as error:  # an error in a report must not hold a host that can continue
        warn(f"The report {shown} could not be written: {_said(error)}")
        return False
    print_line(f"The report is in {shown}.")
    return is_changed


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{printable(error.strerror, 200).rstrip('.')} ({type(error).__name__})."
    return expected(error).message
