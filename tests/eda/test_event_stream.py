# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An event stream instead of the listener: its events become hints, and the campaign source polls at once.

Event-Driven Ansible replaces a source by its name, keeps its filters, and passes the body of a request in C(payload),
with its headers in C(meta). The replacement reads from its database. The tests have a stand-in for it.
"""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from integration.lane import Lane
from integration.tasks import CREDENTIALS, as_environment

from ansible_collections.fleetops.thingspace.extensions.eda.plugins.event_filter import callback_hint
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.admission import SERVICE_ADDRESSES
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.message import Hint, hint_event
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.running import RUNNING
from eda.controller import Jobs, ShippedController
from eda.rulebooks import SOURCE, Rulebooks
from eda.test_callback_source import SCHEMA
from eda.test_campaigns import ID, Awx, add_campaign, awx, polls
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT
from tools.paths import ROOT

__all__ = ["awx"]

NAME = "continue_on_callback"
STREAM = "ThingSpace callbacks"
STAND_IN = Path(__file__).resolve().parent / "stream"
NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
STRANGER = ID[:-1] + "9"
SECRET = "body-password-8888-not-a-real-password"


def streamed(payload: Any) -> dict[str, Any]:
    """Return the event of an event stream for a request with this body."""
    headers = {"Content-Type": "application/json", "X-Forwarded-For": "3.87.163.45", "Authorization-Of-Old": SECRET}
    path = "/eda-event-streams/api/eda/v1/external_event_stream/c0ffee00-0000-4000-8000-000000000000/post/"
    return {"payload": payload, "meta": {"endpoint": path, "eda_event_stream_name": STREAM, "headers": headers}}


def body(campaign_id: str) -> dict[str, Any]:
    """Return a callback as the service documents it, with a status that is not true."""
    element = {"firmwareName": "f", "upgradeId": campaign_id, "startDate": "2026-03-01", "status": "CampaignFailed"}
    named = {"accountName": ACCOUNT, "type": "upgradeProgress", "username": "u", "password": SECRET}
    return {**named, "participantName": "", "firmwareList": [], "upgradeScheduled": {}, "upgradeProgress": element}


@pytest.fixture
def hinted() -> Any:
    """The hints for a watch in this process."""
    found: list[str | None] = []

    def poll_now(campaign_id: str | None) -> bool:
        found.append(campaign_id)
        return True

    with RUNNING.registered(poll_now):
        yield found


def test_a_callback_becomes_the_event_of_the_listener(hinted: list[str | None]) -> None:
    event = callback_hint.main(streamed(body(ID)))
    jsonschema.validate(event, SCHEMA)
    assert event["campaign"] == {"id": ID, "account_name": ACCOUNT}
    assert hinted == [ID]
    # Neither its status, nor its credentials, nor a header.
    assert not [word for word in (SECRET, "CampaignFailed", "3.87.163.45", "c0ffee00") if word in json.dumps(event)]


@pytest.mark.parametrize("payload", [{"body": [1, 2]}, {"body": "text"}, {}, None, "text", {"campaignId": "{{ 1 }}"}])
def test_what_names_no_campaign_hints_at_all_of_them(payload: Any, hinted: list[str | None]) -> None:
    event = callback_hint.main(streamed(payload))
    jsonschema.validate(event, SCHEMA)
    assert event["campaign"]["id"] is None
    assert hinted == [None]


def test_an_event_of_the_listener_stays_as_it_is(hinted: list[str | None]) -> None:
    event = hint_event(Hint(ID, ACCOUNT, "upgradeProgress"), NOW)
    assert callback_hint.main(dict(event)) == event
    assert hinted == [ID]


def test_an_unexpected_error_neither_ends_the_source_nor_shows_the_callback(caplog: pytest.LogCaptureFixture) -> None:
    def poll_now(_campaign_id: str | None) -> bool:
        raise KeyError(SECRET)

    with RUNNING.registered(poll_now):
        event = callback_hint.main(streamed(body(ID)))
    jsonschema.validate(event, SCHEMA)
    assert event["campaign"]["id"] == ID
    assert callback_hint.main(None)["campaign"]["id"] is None  # type: ignore[arg-type]
    assert caplog.text.count("An unexpected error: ") == 2
    assert SECRET not in caplog.text + json.dumps(event)


def test_a_body_that_looks_like_an_event_of_the_listener_is_a_body(hinted: list[str | None]) -> None:
    forged = {**hint_event(Hint(ID, ACCOUNT, None), NOW), "status": "CampaignEnded"}
    event = callback_hint.main(streamed(forged))
    jsonschema.validate(event, SCHEMA)
    assert "CampaignEnded" not in json.dumps(event)


def test_the_activation_names_the_source_that_is_replaced() -> None:
    (ruleset,) = yaml.safe_load((ROOT / "extensions" / "eda" / "rulebooks" / f"{NAME}.yml").read_text(encoding="utf-8"))
    assert [one["name"] for one in ruleset["sources"]] == ["callbacks", "campaigns"]
    shipped = (ROOT / "extensions" / "eda" / "activation.yml").read_text(encoding="utf-8")
    assert "source_name: callbacks" in shipped and f"event_stream: {STREAM}" in shipped


def test_the_proxy_lets_in_who_may_send() -> None:
    proxy = (ROOT / "extensions" / "eda" / "callback-proxy.conf").read_text(encoding="utf-8")
    assert re.findall(r"allow (.+);", proxy) == list(SERVICE_ADDRESSES)
    assert proxy.index("allow ") < proxy.index("deny all;") < proxy.index("proxy_pass ")


def with_stream(lane: Lane, channel: Path) -> list[dict[str, Any]]:
    """Return our rulebook as Event-Driven Ansible runs it, with a campaign source that polls once a day."""
    shipped = lane.collections / f"ansible_collections/fleetops/thingspace/extensions/eda/rulebooks/{NAME}.yml"
    (ruleset,) = yaml.safe_load(shipped.read_text(encoding="utf-8"))
    callbacks, campaigns = ruleset["sources"]
    listener = {"ansible.eda.pg_listener": {"dsn": "host=database", "channels": [str(channel)]}}
    campaigns[SOURCE] |= {"wait_interval": "1d", "wait_max_interval": "1d"}
    return [{**ruleset, "sources": [{"name": STREAM, **listener, "filters": callbacks["filters"]}, campaigns]}]


def test_a_callback_of_an_event_stream_makes_the_source_poll_and_its_poll_launches(
    rulebooks: Rulebooks,
    lane: Lane,
    controller: ShippedController,
    control: Control,
    simulator: SimulatorProcess,
    awx: Awx,
    tmp_path: Path,
) -> None:
    add_campaign(control)
    channel = tmp_path / "channel.jsonl"
    channel.touch()
    copy = tmp_path / "with_stream.yml"
    copy.write_text(yaml.safe_dump(with_stream(lane, channel), sort_keys=False), encoding="utf-8")
    given = {"thingspace_account_name": ACCOUNT, "thingspace_campaign_id": [ID], "thingspace_min_success_percent": 95}
    found = rulebooks.of(NAME, given, as_environment({"api_url": simulator.url, **CREDENTIALS}))
    command = [str(copy) if part == f"fleetops.thingspace.{NAME}" else part for part in found.command]

    def notify(payload: Any) -> None:
        with channel.open("a", encoding="utf-8") as file:
            file.write(json.dumps(streamed(payload)) + "\n")

    with Jobs(controller, awx.run), replace(found, command=[*command, "--source-dir", str(STAND_IN)]) as rulebook:
        rulebook.until(lambda: polls(control) == 1, "poll")
        control.set_status(ID, "CampaignEnded")
        # A campaign that is not watched is not polled, whatever its callback says.
        notify({**body(STRANGER), "status": "CampaignEnded"})
        notify(body(ID))
        assert rulebook.wait() == 0, rulebook.output
        # The first poll, and two for the end. Without the callback, the next poll would be tomorrow.
        assert control.counters()["reads_by_campaign"] == {ID: 3}
    (launched,) = controller.launched
    assert launched["name"] == "ThingSpace - gate"
    assert launched["extra_vars"]["campaign_wait_campaign_id"] == ID
    assert SECRET not in rulebook.output


def test_the_same_rulebook_listens_where_no_event_stream_replaces_the_source(
    rulebooks: Rulebooks, controller: ShippedController, control: Control, simulator: SimulatorProcess
) -> None:
    """Without the secret path it fails with a message, so that a missing event stream is noticed."""
    add_campaign(control)
    given = {"thingspace_account_name": ACCOUNT, "thingspace_campaign_id": [ID]}
    more = as_environment({"api_url": simulator.url, **CREDENTIALS})
    with rulebooks.of(NAME, given, more) as rulebook:
        assert rulebook.wait() != 0
    assert "path is missing" in rulebook.output, rulebook.output
