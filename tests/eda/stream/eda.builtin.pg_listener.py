# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replaces the source that Event-Driven Ansible uses in place of a source that is mapped to an event stream.

The original listens to a channel of a database. Here, the channel is a file, and each of its lines is a notification.
"""

from __future__ import annotations

import asyncio
import json
import pathlib
import typing as t


async def main(queue: asyncio.Queue[t.Any], args: dict[str, t.Any]) -> None:
    """Send notifications forever, like the original."""
    (channel,) = args["channels"]
    told = 0
    while True:
        lines = pathlib.Path(channel).read_text(encoding="utf-8").splitlines()
        for line in lines[told:]:
            await queue.put(json.loads(line))
        told = len(lines)
        await asyncio.sleep(0.05)
