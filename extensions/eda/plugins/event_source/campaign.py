# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source of ansible-rulebook: what happens to firmware campaigns of ThingSpace."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pathlib
import runpy
import typing as t

_PLUGINS = pathlib.Path(__file__).absolute().parents[1]
runpy.run_path(str(_PLUGINS / "plugin_utils" / "collection_path.py"))["find"](__file__)

from ansible_collections.fleetops.thingspace.extensions.eda.plugins.plugin_utils.embedded_listener import (
    OPTION as CALLBACK_LISTENER,
)
from ansible_collections.fleetops.thingspace.extensions.eda.plugins.plugin_utils.embedded_listener import (
    embedded_settings_of,
    started,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.background import BackgroundWatch
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import Kept

_LOG = logging.getLogger("fleetops.thingspace.campaign")
# What an operator should see without a rule.
_LOGGED: t.Final = ("trouble", "recovered", "done")
# Seconds that the watch has to close its file when it is cancelled.
_LAST_SECONDS: t.Final = 0.7


class CampaignSourceError(Exception):
    """Nothing more can be learned; the message is one sentence, free of secrets."""


class Queue(t.Protocol):
    """Where events go."""

    async def put(self, data: t.Any) -> None:
        """Take one event."""


class _Log(ProgressReporter):
    """Warnings go where those of ansible-rulebook go."""

    def warning(self, text: str) -> None:
        """One line."""
        _LOG.warning(text)


async def main(queue: Queue, args: dict[str, t.Any]) -> None:
    """Put events into the queue until all campaigns are over. Raises CampaignSourceError."""
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[Kept | None] = asyncio.Queue()
    has_ended = asyncio.Event()

    def put(kept: Kept | None) -> None:
        if kept is None:
            has_ended.set()
        inbox.put_nowait(kept)

    def hand_over(kept: Kept | None = None) -> None:
        # The loop may be gone before the watch: nobody waits for more events then.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(put, kept)

    try:
        listener_settings = embedded_settings_of(args.get(CALLBACK_LISTENER))
        watch = BackgroundWatch(args, hand_over, hand_over, _Log())
        listener = await started(listener_settings, watch.poll_now)
    except ThingSpaceError as error:
        raise CampaignSourceError(error.message) from None
    watch.start()
    try:
        await _tell_all(inbox, queue, watch)
    finally:
        watch.stop()
        if listener is not None:
            await listener.stop()
        if not has_ended.is_set():
            await asyncio.wait([asyncio.ensure_future(has_ended.wait())], timeout=_LAST_SECONDS)
    failure = watch.failure
    if failure is None:
        return
    if watch.must_not_start_again:
        _LOG.error("%s The source stays, so that nothing starts it again and repeats this. Stop the rulebook.", failure)
        await asyncio.Event().wait()
    raise CampaignSourceError(failure)


async def _tell_all(inbox: asyncio.Queue[Kept | None], queue: Queue, watch: BackgroundWatch) -> None:
    """Hand over one event after the other; the watch learns of each that has arrived."""
    while True:
        kept = await inbox.get()
        if kept is None:
            return
        event = kept.event
        if event["type"] in _LOGGED:
            _LOG.warning("%s", event["message"])
        await queue.put(event)
        watch.told(kept)
