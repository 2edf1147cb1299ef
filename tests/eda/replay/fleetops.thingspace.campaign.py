# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replaces the event source of this name: sends the events in a file, one per line, including those added later."""

from __future__ import annotations

import asyncio
import json
import os
import pathlib
import typing as t


async def main(queue: asyncio.Queue[t.Any], args: dict[str, t.Any]) -> None:
    """Send events until the line "end"."""
    told = 0
    while True:
        lines = pathlib.Path(os.environ["FLEETOPS_EVENTS"]).read_text(encoding="utf-8").splitlines()
        for line in lines[told:]:
            if line == "end":
                return
            await queue.put(json.loads(line))
        told = len(lines)
        await asyncio.sleep(0.05)
