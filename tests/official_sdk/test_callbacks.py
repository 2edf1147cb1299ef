# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK registers, lists and deletes callback addresses, and reads subscriptions."""

from __future__ import annotations

from typing import Any

import pytest
from verizon.models.fota_v1_callback_registration_request import FotaV1CallbackRegistrationRequest
from verizon.models.fota_v2_callback_registration_request import FotaV2CallbackRegistrationRequest
from verizon.models.fota_v3_callback_registration_request import FotaV3CallbackRegistrationRequest

from official_sdk.clients import logged_in_client
from official_sdk.test_campaigns import REFUSALS
from simulator.control import Control
from simulator.stock import ACCOUNT, V3_ACCOUNT

URL, OTHER_URL = "https://listener.example/fota", "https://listener.example/other"
MODELS: dict[str, Any] = {"v2": FotaV2CallbackRegistrationRequest, "v3": FotaV3CallbackRegistrationRequest}


@pytest.mark.parametrize("form", ["object", "empty"])
@pytest.mark.parametrize("api_version", MODELS)
def test_callbacks_of_v2_and_v3(api_url: str, control: Control, api_version: str, form: str) -> None:
    control.behaviour(no_callback_form=form)
    client = logged_in_client(api_url)
    calls = getattr(client, f"software_management_callbacks_{api_version}")
    model = MODELS[api_version]

    def listed(account: str) -> str | None:
        return getattr(calls.list_registered_callbacks(account).body, "url", None)

    assert listed(ACCOUNT) is None
    assert calls.register_callback(ACCOUNT, model(URL)).body.url == URL
    assert calls.update_callback(ACCOUNT, model(OTHER_URL)).body.url == OTHER_URL
    assert (listed(ACCOUNT), listed(V3_ACCOUNT)) == (OTHER_URL, None)
    assert calls.deregister_callback(ACCOUNT).body.success is True
    assert listed(ACCOUNT) is None
    for call, arguments in [(calls.deregister_callback, ()), (calls.register_callback, (model("ftp://x"),))]:
        with pytest.raises(REFUSALS[api_version]):
            call(ACCOUNT, *arguments)


def test_callbacks_of_v1(api_url: str, control: Control) -> None:
    calls = logged_in_client(api_url).software_management_callbacks_v1

    assert calls.list_registered_callbacks(ACCOUNT).body == []
    made = calls.register_callback(ACCOUNT, FotaV1CallbackRegistrationRequest("Fota", URL, "user", "word")).body
    assert (made.account_name, made.service_name) == (ACCOUNT, "Fota")
    (listed,) = calls.list_registered_callbacks(ACCOUNT).body
    assert (listed.aname, listed.name, listed.url) == (ACCOUNT, "Fota", URL)
    assert (listed.username, listed.password) == ("user", "word")
    with pytest.raises(REFUSALS["v1"]):
        calls.deregister_callback(ACCOUNT, "Other")
    assert calls.deregister_callback(ACCOUNT, "Fota").body.success is True
    assert calls.list_registered_callbacks(ACCOUNT).body == []


@pytest.mark.parametrize("api_version", ["v1", "v2", "v3"])
def test_subscriptions(api_url: str, control: Control, api_version: str) -> None:
    control.scenario(
        {
            "campaigns": [
                {
                    "api_version": api_version,
                    "account_name": ACCOUNT,
                    "id": "5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21",
                    "devices": {"count": 40},
                }
            ]
        }
    )
    calls = getattr(logged_in_client(api_url), f"software_management_subscriptions_{api_version}")

    read = calls.get_account_subscription_status(ACCOUNT).body

    assert (read.account_name, read.purchase_type) == (ACCOUNT, "TS-HFOTA-EVNT,TS-HFOTA-MRC")
    assert (read.license_count, read.license_used_count) == (500_000, 40)
