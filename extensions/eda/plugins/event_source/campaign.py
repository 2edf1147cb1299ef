# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source of ansible-rulebook: events about firmware campaigns of ThingSpace."""

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
    start_listener,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import expected
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.background import BackgroundWatch
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.memory import StoredEvent
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.running import RUNNING

DOCUMENTATION = r"""
short_description: Send events about firmware campaigns of ThingSpace
description:
  - Polls campaigns, more often near their dates, and sends an event when a state, an outcome or the verdict on a
    threshold has changed.
  - Set O(campaign_id) to watch certain campaigns, or O(campaign_state) to watch all campaigns of an account that are
    in certain states.
  - Confirms a terminal state with a second read before it sends an event, and includes the outcome from the device
    report.
  - The JSON schema of the events is C(extensions/eda/schemas/campaign_event.json).
  - Requires the Python libraries C(requests) and C(ansible-core) in the environment of ansible-rulebook.
options:
  campaign_id:
    description:
      - The ID of a campaign, or a list of IDs. Put each in quotes.
      - The source ends when all of them are over.
    type: list
    elements: str
  campaign_state:
    description:
      - Alternatively to O(campaign_id), watch all campaigns of the account that are in one of these states, now or
        later. The source watches each of them until it is over, in any state.
      - With this option, the source does not end.
      - Requires O(api_version=v2).
    type: list
    elements: str
    choices: [request_pending, queued, scheduled]
  list_interval:
    description:
      - How often to look for new campaigns with O(campaign_state), in seconds or with a unit such as V(15m).
    type: str
    default: "900"
  present:
    description:
      - Whether to send an event with the current state of each campaign at the start. With O(state_file), the source
        does not send it for campaigns that it already knows.
    type: bool
    default: true
  heartbeat_interval:
    description:
      - How often to send an event that shows that the source is running, in seconds or with a unit such as V(1h).
        With V(0), the source sends none.
    type: str
    default: "0"
  state_file:
    description:
      - A file in which the source stores the events that it has sent. With it, a restart misses no change, and
        repeats only recent events.
      - The file belongs to one source of one rulebook. The directory must exist and must persist when the source
        restarts.
      - If the file is damaged, belongs to something else, is in use, or cannot be written, the source ends before it
        sends an event.
      - The source stores refused logins in the same directory, in a file with this name and C(.refused) at the end.
        If that file cannot be read, the source sends no login.
    type: path
  repeat_within:
    description:
      - With O(state_file), the source repeats the events from this time before it ended, in seconds or with a unit
        such as V(10m), because it cannot know whether a rule has acted on them. The time in which the source does
        not run does not count.
    type: str
    default: "600"
  callback_listener:
    description:
      - The options of the event source C(fleetops.thingspace.callback), such as C(port) and C(path). With them, this
        source also listens for callbacks of ThingSpace, and polls a campaign immediately when a callback names it.
      - Callbacks cause at most one round of polls a minute. The events of this source never contain data of a
        callback.
    type: raw
  account_name:
    description:
      - The account that the campaigns belong to. Put it in quotes. Required.
      - You can also set the environment variable E(THINGSPACE_ACCOUNT_NAME).
    type: raw
  api_version:
    description:
      - The version of the ThingSpace Software Management API with which the campaigns were created.
    type: str
    choices: [v1, v2, v3]
    default: v2
  devices:
    description:
      - Which devices of the device report an event contains. It contains the counts in any case if the report was
        read.
    type: str
    choices: [none, summary, failed, all]
    default: none
  api_url:
    description:
      - The base URL of the ThingSpace API.
      - You can also set the environment variable E(THINGSPACE_API_URL).
    type: str
    default: https://thingspace.verizon.com/api
  request_timeout:
    description:
      - The timeout of a single request, in seconds or with a unit such as V(1m).
    type: str
    default: "30"
  validate_certs:
    description:
      - Whether to validate the TLS certificate of the server. Set this to V(false) only in tests.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of trusted certificate authorities, or a directory of such files.
    type: path
  max_concurrency:
    description:
      - How many campaigns to poll in parallel, from V(1) to V(64).
    type: int
    default: 8
  api_key:
    description:
      - The API key of your application. Requires O(api_secret).
      - You can also set the environment variable E(THINGSPACE_API_KEY).
    type: raw
  api_secret:
    description:
      - The API secret for O(api_key).
      - You can also set the environment variable E(THINGSPACE_API_SECRET).
    type: raw
  username:
    description:
      - The name of the UWS user who logs in. Requires O(password).
      - You can also set the environment variable E(THINGSPACE_USERNAME).
    type: raw
  password:
    description:
      - The password for O(username). A refused login is never repeated.
      - You can also set the environment variable E(THINGSPACE_PASSWORD).
    type: raw
  access_token:
    description:
      - An existing OAuth access token, instead of O(api_key) and O(api_secret). It is valid for an hour. The source
        ends when it expires.
      - You can also set the environment variable E(THINGSPACE_ACCESS_TOKEN).
    type: raw
  session_token:
    description:
      - An existing session token, instead of O(username) and O(password). It expires after 20 idle minutes. The
        source ends when it expires.
      - You can also set the environment variable E(THINGSPACE_SESSION_TOKEN).
    type: raw
  wait_interval:
    description:
      - The minimum time between two polls of a campaign, in seconds or with a unit such as V(5m).
    type: str
    default: "300"
  wait_max_interval:
    description:
      - The maximum time between two polls of a campaign, in seconds or with a unit such as V(90m).
    type: str
    default: "5400"
  wait_first_answer:
    description:
      - How long to retry quickly while no request has reached the service yet, in seconds or with a unit such as
        V(5m). After that, the source sends a C(trouble) event.
    type: str
    default: "120"
  wait_not_found:
    description:
      - How long to keep polling a campaign of O(campaign_id) that the service does not know yet, in seconds or with a
        unit such as V(10m). After that, the source sends a C(trouble) event.
    type: str
    default: "0"
  max_consecutive_errors:
    description:
      - When more polls than this fail in a row, the source sends a C(trouble) event. It keeps polling.
    type: int
    default: 20
  max_error_seconds:
    description:
      - When polls have failed for this time, in seconds or with a unit such as V(1h), the source sends a C(trouble)
        event. It keeps polling. With V(0), only O(max_consecutive_errors) applies.
    type: str
    default: "3600"
  min_success_percent:
    description:
      - The percentage of devices that must be upgraded. The source sends an event when this can no longer be reached,
        and at the end of the campaign.
    type: str
  max_failure_percent:
    description:
      - The percentage of devices that can fail or be rejected. The source sends an event when more do.
    type: str
  max_failure_count:
    description:
      - The number of devices that can fail or be rejected. The source sends an event when more do.
    type: int
  min_devices:
    description:
      - How many devices must have succeeded or failed before a percentage counts while the campaign runs.
    type: int
    default: 1
  report_every:
    description:
      - How often to read the device report of a running campaign when you set a threshold. V(10) reads it in every
        tenth poll, beginning with the first.
    type: int
    default: 10
"""

EXAMPLES = r"""
- name: Log the events of the campaigns of an account
  hosts: localhost
  sources:
    - name: campaigns
      fleetops.thingspace.campaign:
        account_name: "0402196254-00001"
        campaign_state: [request_pending, queued, scheduled]
        max_failure_percent: 5
        state_file: /var/lib/thingspace/campaigns.sqlite
  rules:
    - name: A campaign has ended, and all its devices are upgraded
      condition: event.campaign.outcome == "succeeded"
      action:
        print_event:
    - name: More than five percent of the devices have failed
      condition: event.threshold.verdict == "failed"
      action:
        print_event:

- name: Log the events of one campaign
  hosts: localhost
  sources:
    - name: campaigns
      fleetops.thingspace.campaign:
        account_name: "0402196254-00001"
        campaign_id: 5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21
        heartbeat_interval: 1h
  rules:
    - name: Every event
      condition: event.type is defined
      action:
        print_event:
"""

_LOG = logging.getLogger("fleetops.thingspace.campaign")
# The types of events that are also logged, so that an operator sees them without a rule.
_LOGGED: t.Final = ("trouble", "recovered", "done")
# Seconds to wait for the watch to close its file when the source is cancelled.
_CLOSE_TIMEOUT: t.Final = 0.7


class CampaignSourceError(Exception):
    """The source cannot continue. The message is one sentence without secrets."""


class Queue(t.Protocol):
    """The queue of ansible-rulebook for events."""

    async def put(self, data: t.Any) -> None:
        """Add one event."""


class _Log(ProgressReporter):
    """Logs warnings like ansible-rulebook."""

    def warning(self, text: str) -> None:
        """Log one line."""
        _LOG.warning(text)


async def main(queue: Queue, args: dict[str, t.Any]) -> None:
    """Put events into the queue until all campaigns are over. Raises CampaignSourceError."""
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[StoredEvent | None] = asyncio.Queue()
    has_ended = asyncio.Event()

    def put(stored: StoredEvent | None) -> None:
        if stored is None:
            has_ended.set()
        inbox.put_nowait(stored)

    def send(stored: StoredEvent | None = None) -> None:
        # The loop can be closed before the watch ends. Nobody waits for further events then.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(put, stored)

    try:
        listener_settings = embedded_settings_of(args.get(CALLBACK_LISTENER))
        watch = BackgroundWatch(args, send, send, _Log())
        listener = await start_listener(listener_settings, watch.poll_now)
    except Exception as error:
        raise CampaignSourceError(expected(error).message) from None
    failure = None
    try:
        try:
            watch.start()
            with RUNNING.registered(watch.poll_now):
                await _forward_events(inbox, queue, watch)
            failure = watch.failure
        finally:
            watch.stop()
            if listener is not None:
                await listener.stop()
            if not has_ended.is_set():
                await asyncio.wait([asyncio.ensure_future(has_ended.wait())], timeout=_CLOSE_TIMEOUT)
    except Exception as error:
        # For example, of a filter. ansible-rulebook logs what a source raises, whatever it contains.
        failure = expected(error).message
    if failure is None:
        return
    if _must_stay(watch):
        _LOG.error("%s The source stays, so that nothing starts it again and repeats this. Stop the rulebook.", failure)
        await asyncio.Event().wait()
    raise CampaignSourceError(failure)


def _must_stay(watch: BackgroundWatch) -> bool:
    try:
        return watch.must_not_restart
    except Exception:
        # What cannot be decided must not lock the user.
        return True


async def _forward_events(inbox: asyncio.Queue[StoredEvent | None], queue: Queue, watch: BackgroundWatch) -> None:
    """Put events into the queue one by one, and mark each as delivered."""
    while True:
        stored = await inbox.get()
        if stored is None:
            return
        event = stored.event
        if event["type"] in _LOGGED:
            _LOG.warning("%s", event["message"])
        await queue.put(event)
        watch.mark_delivered(stored)
