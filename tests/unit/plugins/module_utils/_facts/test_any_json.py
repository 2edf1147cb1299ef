# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any JSON from the service, converted from bytes to facts, gives a result as documented in RETURN, or our error."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse, ThingSpaceError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.campaign import (
    FIELDS,
    campaign_facts,
    with_report,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.responses import (
    date_of,
    error_of,
    json_object_of,
    refused_token_of,
    retry_after_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.tests.unit import any_json
from ansible_collections.fleetops.thingspace.tests.unit.return_docs import deviations_of_facts

pytestmark = pytest.mark.slow

TODAY: t.Final = datetime.date(2026, 3, 1)
NOW: t.Final = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
HOST: t.Final = "api.example:443"
QUICK: t.Final = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def answer(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(status, headers or {}, text.encode("utf-8", "surrogatepass"))


def is_one_sentence(error: ThingSpaceError) -> bool:
    return error.message.isprintable() and 10 < len(error.message) < 400 and error.reason != "error"


@pytest.mark.parametrize("version", sorted(FIELDS))
@QUICK
@given(data=st.data(), devices=st.sampled_from(["none", "summary", "failed", "all"]))
def test_a_campaign_and_its_report(version: str, data: st.DataObject, devices: str) -> None:
    text = data.draw(any_json.campaigns(version))
    try:
        facts = campaign_facts(json_object_of(answer(text), HOST), version, TODAY)
    except BadResponse as error:
        assert is_one_sentence(error)
        return
    assert deviations_of_facts(facts, version) == []
    try:
        page = json_object_of(answer(data.draw(any_json.reports)), HOST)
        report = DeviceReport()
        report.add(page.get("deviceList") or [])
    except BadResponse as error:
        assert is_one_sentence(error)
        return
    full = with_report(facts, report, devices)
    assert deviations_of_facts(full, version) == []
    # Masking processes all of it recursively.
    assert Secrets(["9" * 40, "CampaignEnded"]).clean(full) is not None


@QUICK
@given(text=any_json.errors | any_json.anything, status=st.sampled_from([302, 400, 401, 403, 404, 429, 500, 503]))
def test_an_error_of_the_service(text: str, status: int) -> None:
    error = error_of(answer(text, status), HOST, Secrets(["secret"]).mask, NOW)
    assert error is not None
    assert is_one_sentence(error)
    assert refused_token_of(answer(text, status)) is None or status in (400, 401, 403)


HTTP_DATES: t.Final = r"(Mon|Fri), [0-9]{1,2} (Jan|Dec) [0-9]{1,5} [0-9]{1,2}:[0-9]{2}:[0-9]{2} (GMT|[+-][0-9]{4})"
DATES: t.Final = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
    st.from_regex(HTTP_DATES, fullmatch=True),
)


@QUICK
@given(date=DATES, retry_after=DATES | st.integers().map(str))
@example("Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT")
@example("Mon, 01 Jan 0001 00:00:00 +1400", "Mon, 01 Jan 0001 00:00:00 +1400")
def test_the_headers_that_tell_times(date: str, retry_after: str) -> None:
    given_answer = answer("{}", 503, {"date": date, "retry-after": retry_after})
    moment, seconds = date_of(given_answer), retry_after_of(given_answer, NOW)
    # A century before and after it is still within the range of datetime.
    assert moment is None or (moment + datetime.timedelta(days=36_500)).year > (moment.year)
    assert moment is None or (moment - datetime.timedelta(days=36_500)).year < (moment.year)
    assert seconds is None or 0 <= seconds < float("inf")
