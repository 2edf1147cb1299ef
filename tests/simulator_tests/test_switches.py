# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches for credentials and the life cycle, and a scenario's settings for new campaigns."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from official_sdk.campaigns import HOUR, IMEIS

from simulator.behaviour import Behaviour
from simulator.control import Control, ControlError
from simulator.life_cycle import WORDS, Plan, life_of
from simulator.stock import ACCOUNT
from simulator_tests.raw import RawClient
from simulator_tests.test_differences import BODIES, CHANGE, SCHEDULE, Caller

TODAY, WEEK_LATER = "2026-03-01", "2026-03-08"
DAY = 24 * HOUR
LONG_LIVED = {"token_lifetime_seconds": 10**8, "session_idle_seconds": 10**8}


@pytest.fixture
def lasting(api_url: str, control: Control) -> RawClient:
    """A client with tokens that do not expire during a test."""
    control.behaviour(**LONG_LIVED)
    client = RawClient(api_url)
    client.log_in()
    return client


def states(caller: Caller, control: Control, campaign_id: str, *moments: float) -> list[str]:
    """Return the status at each of these ages (seconds)."""
    seen, now = [], 0.0
    for moment in moments:
        control.advance(moment - now)
        now = moment
        seen.append(str(caller.read(campaign_id)["status"]).removeprefix("Campaign"))
    return seen


def test_every_switch_is_named_in_a_test() -> None:
    folders = [Path(__file__).parents[1] / name for name in ("client", "official_sdk", "simulator_tests")]
    texts = "".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("test_*.py"))
    assert [one.name for one in dataclasses.fields(Behaviour) if one.name not in texts] == []


def test_what_a_login_may_say(client: RawClient, control: Control) -> None:
    assert set(client.ask_session().json()) == {"sessionToken"}
    control.behaviour(session_expires_in=1200)
    assert client.ask_session().json()["expiresIn"] == 1200


@pytest.mark.parametrize("ends", [False, True])
def test_a_login_may_end_older_sessions(client: RawClient, control: Control, ends: bool) -> None:
    control.behaviour(login_ends_older_sessions=ends)
    older = client.session_token
    client.ask_session()
    assert client.get(f"/fota/v2/subscriptions/{ACCOUNT}").status_code == 200
    client.session_token = older
    assert client.get(f"/fota/v2/subscriptions/{ACCOUNT}").status_code == (400 if ends else 200)


@pytest.mark.parametrize("form", ["400", "401"])
def test_a_refused_login(client: RawClient, control: Control, form: str) -> None:
    control.behaviour(refused_login_form=form, lock_after_refusals=1)
    refused, locked = (client.ask_session(password="wrong") for _number in range(2))
    assert (refused.status_code, locked.status_code) == (int(form), int(form))
    assert refused.json()["errorCode"].endswith("Password.Invalid")
    assert locked.json()["errorCode"].endswith("User.Locked")


def test_an_access_token_with_few_fields(client: RawClient, control: Control) -> None:
    control.behaviour(oauth_fields="required")
    assert set(client.ask_token().json()) == {"access_token", "token_type"}


def test_the_reason_of_a_success(client: RawClient, control: Control) -> None:
    for wanted in ("DownloadInstallSucceeded", "Download and install succeeded.", "success"):
        control.behaviour(success_reason=wanted)
        control.add_campaign(
            "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21",
            body={"status": "CampaignEnded"},
            devices={"count": 2, "groups": [{"count": 1, "status": "UpgradeFailed", "reason": "Other."}]},
        )
        page = client.device_page("v2", ACCOUNT, "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21")
        assert sorted(device["resultReason"] for device in page["deviceList"]) == sorted(["Other.", wanted])


@pytest.mark.parametrize("form", ["refused", "on_demand"])
def test_a_start_in_the_past(lasting: RawClient, control: Control, form: str) -> None:
    control.behaviour(past_start_form=form)
    v2 = Caller(lasting, "v2")
    body = {**BODIES["v2"], "startDate": "2026-02-20"}
    answer = lasting.send("POST", f"/fota/v2{SCHEDULE['v2']}", body)
    if form == "refused":
        assert answer.json()["errorMessage"] == "FotaPostUpgrades: invalid state date"
    else:
        campaign_id = answer.json()["id"]
        assert states(v2, control, campaign_id, 59, 60) == ["RequestPending", "Scheduled"]


def test_an_on_demand_campaign_of_v2_lasts_a_week_and_is_never_queued(lasting: RawClient, control: Control) -> None:
    control.behaviour(request_seconds=300, early_end=False)
    v2 = Caller(lasting, "v2")
    campaign_id = v2.schedule(startDate=TODAY, endDate=None)
    assert v2.read(campaign_id)["endDate"] == WEEK_LATER
    seen = states(v2, control, campaign_id, 0, 299, 300, 8 * DAY - 1, 8 * DAY)
    assert seen == ["RequestPending", "RequestPending", "Scheduled", "Scheduled", "Ended"]


def test_what_starts_today_is_not_queued_in_v2() -> None:
    today, later = Plan(-HOUR, DAY, on_demand=True), Plan(DAY, 2 * DAY)
    queued = [
        [step.status for step in life_of(version, plan, Behaviour()).steps].count(WORDS[version].queued)
        for version in ("v1", "v2", "v3")
        for plan in (today, later)
    ]
    assert queued == [1, 1, 0, 1, 1, 1]


@pytest.mark.parametrize("seconds", [5400, 7200])
def test_an_on_demand_upgrade_of_v1(lasting: RawClient, control: Control, seconds: float) -> None:
    control.behaviour(v1_on_demand_seconds=seconds, upgrade_seconds=600)
    v1 = Caller(lasting, "v1")
    campaign_id = v1.schedule(startDate=TODAY)
    seen = states(v1, control, campaign_id, 60, seconds - 1, seconds, seconds + 599, seconds + 600)
    assert seen == ["Queued", "Queued", "InProgress", "InProgress", "Finished"]


@pytest.mark.parametrize(("api_version", "before"), [("v2", "Queued"), ("v3", "PreScheduled")])
@pytest.mark.parametrize("when", ["start_date", "day_before"])
def test_when_a_campaign_is_scheduled(
    lasting: RawClient, control: Control, api_version: str, before: str, when: str
) -> None:
    control.behaviour(scheduled_when=when)
    caller = Caller(lasting, api_version)
    moment = 2 * DAY if when == "start_date" else DAY
    assert states(caller, control, caller.schedule(), moment - 1, moment) == [before, "Scheduled"]


@pytest.mark.parametrize(("last_day", "end"), [("included", 4 * DAY), ("excluded", 3 * DAY)])
def test_the_last_day(lasting: RawClient, control: Control, last_day: str, end: float) -> None:
    control.behaviour(last_day=last_day, early_end=False)
    v3 = Caller(lasting, "v3")
    assert states(v3, control, v3.schedule(), end - 1, end) == ["Scheduled", "Ended"]


@pytest.mark.parametrize("form", ["refused", "success"])
def test_cancelling_what_is_over(lasting: RawClient, control: Control, form: str) -> None:
    control.behaviour(cancel_after_end=form)
    v2 = Caller(lasting, "v2")
    campaign_id = v2.schedule()
    control.advance(10 * DAY)
    answer = lasting.send("DELETE", f"/fota/v2{CHANGE['v2'].format(campaign_id)}")
    assert answer.status_code == (400 if form == "refused" else 200)
    assert v2.read(campaign_id)["status"] == "CampaignEnded"


@pytest.mark.parametrize("form", ["removed", "Cancelled", "CampaignCancelled"])
def test_a_cancelled_upgrade_of_v1(client: RawClient, control: Control, form: str) -> None:
    control.behaviour(v1_cancelled=form)
    v1 = Caller(client, "v1")
    campaign_id = v1.schedule()
    v1.send("DELETE", CHANGE["v1"].format(campaign_id))
    answer = client.read("v1", ACCOUNT, campaign_id)
    if form == "removed":
        assert answer.json()["errorMessage"] == "Invalid upgradeId"
    else:
        assert answer.json()["status"] == form


@pytest.mark.parametrize(("api_version", "word"), [("v2", "RequestPending"), ("v3", "CampaignRequestQueued")])
def test_the_status_in_the_answer_to_a_change_of_dates(
    client: RawClient, control: Control, api_version: str, word: str
) -> None:
    caller = Caller(client, api_version)
    campaign_id = caller.schedule()
    control.advance(60)
    path = f"{CHANGE[api_version].format(campaign_id)}/dates"
    dates = {"startDate": "2026-03-03", "endDate": "2026-03-05"}
    assert caller.send("PUT", path, dates)["status"] == "CampaignQueued"
    control.behaviour(changed_dates_status="example")
    assert caller.send("PUT", path, dates)["status"] == word
    assert caller.read(campaign_id)["status"] == "CampaignQueued"


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        ("request_failed", {"v1": "RequestFailed", "v2": "CampaignRequestFailed", "v3": "CampaignRequestFailed"}),
        ("failed", {"v1": "UpgradeFailed", "v2": "CampaignFailed", "v3": "CampaignFailed"}),
    ],
)
@pytest.mark.parametrize("api_version", BODIES)
def test_new_campaigns_can_fail(
    api_url: str, control: Control, api_version: str, fate: str, words: dict[str, str]
) -> None:
    control.scenario({"new_campaigns": {"fate": fate}, "behaviour": LONG_LIVED})
    client = RawClient(api_url)
    client.log_in()
    caller = Caller(client, api_version)
    campaign_id = caller.schedule()
    pending = caller.read(campaign_id)["status"]
    control.advance(60 if fate == "request_failed" else 2 * DAY)
    assert pending.endswith("RequestPending")
    for seconds in (0, 10 * DAY):
        control.advance(seconds)
        assert caller.read(campaign_id)["status"] == words[api_version]
    assert [device["status"] for device in control.devices(campaign_id)] != ["UpgradeSuccess"]


def test_new_campaigns_can_have_devices_that_fail(api_url: str, control: Control) -> None:
    groups: list[dict[str, Any]] = [{"share": 0.5, "status": "UpgradeFailed", "reason": "Other."}]
    control.scenario({"new_campaigns": {"groups": groups}, "behaviour": LONG_LIVED})
    client = RawClient(api_url)
    client.log_in()
    campaign_id = Caller(client, "v2").schedule(deviceList=IMEIS)
    control.advance(10 * DAY)
    statuses = [device["status"] for device in control.devices(campaign_id)]
    assert sorted(statuses) == ["UpgradeFailed"] * 2 + ["UpgradeSuccess"] * 2
    with pytest.raises(ControlError, match="a 'share', because nobody knows how many devices come"):
        control.scenario({"new_campaigns": {"groups": [{"count": 1, "status": "UpgradeFailed"}]}})


def test_a_campaign_of_a_scenario_can_follow_its_dates(api_url: str, control: Control) -> None:
    body = {"startDate": "2026-03-02", "endDate": "2026-03-03"}
    campaign = {"id": "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21", "account_name": ACCOUNT, "api_version": "v2"}
    dated = {**campaign, "follows_dates": True, "body": body}
    control.scenario({"campaigns": [dated], "behaviour": LONG_LIVED})
    client = RawClient(api_url)
    client.log_in()
    v2 = Caller(client, "v2")
    moments = (0, 60, DAY, DAY + 4 * HOUR)
    seen = states(v2, control, str(campaign["id"]), *moments)
    assert seen == ["RequestPending", "Queued", "Scheduled", "Ended"]
    for wrong, sentence in [
        ({**campaign, "follows_dates": True}, "its body needs a 'startDate' and an 'endDate'"),
        ({**dated, "timeline": [{"after": 0, "status": "CampaignQueued"}]}, "its dates or have a timeline, not both"),
    ]:
        with pytest.raises(ControlError, match=sentence):
            control.scenario({"campaigns": [wrong]})


def test_devices_with_timelines_of_their_own_do_not_end_a_campaign_early(lasting: RawClient, control: Control) -> None:
    campaign_id = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
    campaign = {"id": campaign_id, "account_name": ACCOUNT, "api_version": "v2", "follows_dates": True}
    body = {"startDate": "2026-03-01", "endDate": "2026-03-03"}
    devices = [{"id": IMEIS[0], "status": "UpgradePending", "timeline": [{"after": HOUR, "status": "UpgradeSuccess"}]}]
    control.scenario({"campaigns": [{**campaign, "body": body, "devices": devices}], "behaviour": LONG_LIVED})
    lasting.log_in()
    seen = states(Caller(lasting, "v2"), control, campaign_id, 60, 3 * DAY - 1, 3 * DAY)
    assert seen == ["Scheduled", "Scheduled", "Ended"]


@pytest.mark.parametrize("api_version", BODIES)
def test_credentials_are_requested_before_anything_else(client: RawClient, api_version: str) -> None:
    path = f"/fota/{api_version}{SCHEDULE[api_version]}"
    assert client.send("POST", path, {}).json()["errorMessage"] == "Input binding error"
    client.session_token = "no-session"
    assert "Session token is invalid" in client.send("POST", path, {}).text
    client.access_token = ""
    assert client.send("POST", path, {}).status_code == 401


@pytest.mark.parametrize("api_version", BODIES)
@pytest.mark.parametrize(
    "changes",
    [
        {"endDate": "9999-12-31"},
        {"endDate": "2026-13-01"},
        {"startDate": 20260303},
        {"deviceList": {"0": IMEIS[0]}},
        {"deviceList": [None]},
        {"deviceList": ["９９０００３４２５７３０５３５"]},
    ],
)
def test_odd_values_are_refused_and_nothing_breaks(
    client: RawClient, control: Control, api_version: str, changes: dict[str, Any]
) -> None:
    before = len(control.state()["campaigns"])
    answer = client.send("POST", f"/fota/{api_version}{SCHEDULE[api_version]}", {**BODIES[api_version], **changes})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_PARAMETER")
    assert len(control.state()["campaigns"]) == before


@pytest.mark.parametrize("url", ["http://[", "https://", "listener.example", 7, None])
def test_odd_callback_addresses_are_refused(client: RawClient, url: Any) -> None:
    for api_version, name in (("v1", {"name": "Fota"}), ("v2", {}), ("v3", {})):
        answer = client.send("POST", f"/fota/{api_version}/callbacks/{ACCOUNT}", {**name, "url": url})
        assert (answer.status_code, answer.json()["errorMessage"]) == (400, "Invalid callback url")


@pytest.mark.parametrize("windows", ["any time", 7, [None], {}])
def test_a_scenario_with_odd_windows_can_be_changed(client: RawClient, control: Control, windows: Any) -> None:
    campaign_id = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"
    body = {"status": "CampaignScheduled", "startDate": TODAY, "installTimeWindowList": windows}
    control.add_campaign(campaign_id, body=body)
    dates = {"startDate": TODAY, "endDate": WEEK_LATER, "downloadTimeWindowList": [{"startTime": 20, "endTime": 21}]}
    answer = client.send("PUT", f"/fota/v2{CHANGE['v2'].format(campaign_id)}/dates", dates)
    assert answer.status_code == (400 if isinstance(windows, list) else 200)


def test_the_clock_can_be_set(control: Control) -> None:
    seconds = control.clock()["seconds"]
    assert control.set_now("2027-01-01T12:00:00+02:00")["now"] == "2027-01-01T10:00:00+00:00"
    assert control.clock()["seconds"] == seconds
    with pytest.raises(ControlError, match="'now' must be a date and time such as 2026-03-01T00:00:00Z"):
        control.set_now("soon")
