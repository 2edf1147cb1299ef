# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page at /, as a browser gets it."""

from __future__ import annotations

import re

import pytest
import requests

from simulator.control import Control
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS
from simulator_tests.raw import RawClient

ID = "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21"


@pytest.fixture
def root(api_url: str) -> str:
    """The URL of the page."""
    return api_url.removesuffix("api")


def text_of(root: str) -> str:
    """Return the page's text, without tags and styles, in one line."""
    page = requests.get(root, timeout=10).text
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())


def test_it_is_a_page_that_refreshes_itself_and_needs_nothing_else(root: str, control: Control) -> None:
    answer = requests.get(root, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert '<meta http-equiv="refresh" content="2">' in answer.text
    assert not re.findall(r"<(?:script|img|link|iframe)|(?:src|href)=|url\(|@import", answer.text)
    # Requests for the page are not counted.
    assert control.counters()["total"] == 0
    assert requests.post(root, timeout=10).status_code == 404


def test_it_shows_a_campaign_with_its_timeline_and_devices(root: str, control: Control) -> None:
    control.scenario({"campaigns": []})
    assert "There is no campaign." in text_of(root)
    control.add_campaign(
        ID,
        body={"campaignName": "Trackers <b>&", "startDate": "2026-03-01", "endDate": "2026-03-04"},
        timeline=[{"after": 0, "status": "CampaignQueued"}, {"after": 3600, "status": "CampaignEnded"}],
        devices={"count": 200, "groups": [{"share": 0.03, "status": "UpgradeFailed"}]},
    )
    page = text_of(root)
    assert "2026-03-01 00:00:00 UTC simulated, standing still" in page
    assert f"CampaignQueued Trackers &lt;b&gt;&amp; v2 {ID} in {ACCOUNT}, 2026-03-01 to 2026-03-04" in page
    assert "CampaignQueued 2026-03-01 00:00:00 CampaignEnded 2026-03-01 01:00:00" in page
    assert "200 devices: 200 Accepted" in page
    html = requests.get(root, timeout=10).text
    assert (html.count('class="later"'), html.count('<article class="live">')) == (1, 1)

    control.advance(3600)
    assert "200 devices: 194 UpgradeSuccess, 6 UpgradeFailed" in text_of(root)
    html = requests.get(root, timeout=10).text
    assert (html.count('class="later"'), html.count('<article class="ended">')) == (0, 1)
    control.set_status(ID, "CampaignAborted")
    assert '<article class="stopped">' in requests.get(root, timeout=10).text
    assert "CampaignEnded 2026-03-01 01:00:00 CampaignAborted 2026-03-01 01:00:00" in text_of(root)


def test_it_counts_requests_and_shows_no_secrets(root: str, client: RawClient, control: Control) -> None:
    control.fault("status", status=503, kind="campaign_read", times=1)
    for _number in range(3):
        client.read("v2", ACCOUNT, ID)
    for _number in range(5):
        client.ask_session(password="wrong-password-9999")
    page = text_of(root)
    assert "Requests: 10 oauth_token 1 session_login 6 campaign_read 3 accepted logins 1 refused logins 5" in page
    assert "status 503 hit 1" in page
    assert f"503 (status) GET /api/fota/v2/campaigns/{ACCOUNT}/{ID}" in page
    assert f"Locked users: {DEMO_CREDENTIALS['username']}" in page
    secrets = [client.access_token, client.session_token, "wrong-password-9999", DEMO_CREDENTIALS["password"]]
    assert [secret for secret in secrets if secret in page] == []
