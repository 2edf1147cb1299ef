# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The listener for callbacks as a part of the campaign source. A hint only causes a poll."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.message import Hint
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.settings import (
    ListenerSettings,
    listener_settings_of,
)

if t.TYPE_CHECKING:
    from ansible_collections.fleetops.thingspace.extensions.eda.plugins.plugin_utils.callback_server import (
        CallbackServer,
    )

OPTION: t.Final = "callback_listener"


def _names(option: str) -> str:
    return f"{OPTION}.{option}"


def embedded_settings_of(given: object) -> ListenerSettings | None:
    """Return the settings of the listener, or None for no listener. Raises OptionError without secrets."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise OptionError(
            f"{OPTION} must be a mapping with the options of fleetops.thingspace.callback, such as port and path.",
            option=OPTION,
        )
    # A rulebook can only leave out an option by setting it to null.
    return listener_settings_of({str(name): value for name, value in given.items() if value is not None}, _names)


async def start_listener(
    settings: ListenerSettings | None, poll_now: Callable[[str | None], bool]
) -> CallbackServer | None:
    """Start the listener, which calls C(poll_now) for each hint. Raises OptionError if it cannot listen."""
    if settings is None:
        return None
    # Imported here, because only the listener needs aiohttp.
    from ansible_collections.fleetops.thingspace.extensions.eda.plugins.plugin_utils.callback_server import (
        CallbackServer,
    )

    def on_hint(hint: Hint) -> None:
        poll_now(hint.campaign_id)

    server = CallbackServer(settings, on_hint, _names)
    await server.start()
    return server
