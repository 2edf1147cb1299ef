# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK gets its two tokens from the simulator, and is refused as by the service."""

from __future__ import annotations

import uuid

import pytest
from verizon.exceptions.api_exception import APIException
from verizon.exceptions.connectivity_management_result_exception import ConnectivityManagementResultException
from verizon.exceptions.fota_v2_result_exception import FotaV2ResultException

from official_sdk.clients import log_in, logged_in_client, sdk_client
from simulator.control import Control
from simulator.stock import ACCOUNT, V2_ID


def test_the_sdk_logs_in_and_out(api_url: str, control: Control) -> None:
    client = sdk_client(api_url)
    token = log_in(client)
    assert str(uuid.UUID(token)) == token

    ended = sdk_client(api_url, token).session_management.end_connectivity_management_session()

    assert ended.body.session_token == token
    counters = control.counters()
    assert (counters["by_kind"]["session_login"], counters["by_kind"]["session_logout"]) == (1, 1)
    assert (counters["logins_accepted"], counters["logins_refused"]) == (1, 0)


def test_the_sdk_cannot_read_after_its_logout(api_url: str, control: Control) -> None:
    client = logged_in_client(api_url)
    client.session_management.end_connectivity_management_session()

    with pytest.raises(FotaV2ResultException) as refused:
        client.campaigns_v2.get_campaign_information(ACCOUNT, V2_ID)

    assert refused.value.error_code == "INVALID_PARAMETER"
    assert refused.value.error_message == "UWS verification failure (The Session has expired.)"


def test_two_clients_get_the_same_oauth_token(api_url: str, control: Control) -> None:
    log_in(sdk_client(api_url))
    log_in(sdk_client(api_url))

    assert control.count("oauth_token") == 2
    assert len(control.state()["issued"]["access_tokens"]) == 1


def test_a_wrong_password_is_the_sdks_exception(api_url: str, control: Control) -> None:
    with pytest.raises(ConnectivityManagementResultException) as refused:
        log_in(sdk_client(api_url), password="not the password")

    assert refused.value.response_code == 400
    assert refused.value.error_code == "UnifiedWebService.INPUT_INVALID.Password.Invalid"
    counters = control.counters()
    assert (counters["logins_accepted"], counters["logins_refused"]) == (0, 1)


def test_a_wrong_key_is_the_sdks_exception_and_sends_no_login(api_url: str, control: Control) -> None:
    # The SDK ignores the refusal of the token call, and then fails because it has no token.
    with pytest.raises(Exception, match="OAuthToken is undefined or expired") as refused:
        log_in(sdk_client(api_url, api_key="not-a-key"))

    assert type(refused.value).__name__ == "AuthValidationException"
    counters = control.counters()
    assert counters["tokens_refused"] >= 1
    assert counters["by_status"] == {"401": counters["tokens_refused"]}
    assert counters["by_kind"]["session_login"] == 0


def test_a_revoked_oauth_token_is_the_gateways_fault(api_url: str, control: Control) -> None:
    client = logged_in_client(api_url)
    client.campaigns_v2.get_campaign_information(ACCOUNT, V2_ID)
    assert control.revoke_tokens() == 1

    with pytest.raises(APIException) as refused:
        client.campaigns_v2.get_campaign_information(ACCOUNT, V2_ID)

    assert refused.value.response_code == 401
    assert '"code":"900901"' in refused.value.response.text
