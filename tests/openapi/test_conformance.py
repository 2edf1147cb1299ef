# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemathesis sends all kinds of described requests to the simulator, and many invalid ones."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks
from simulator_tests.raw import RawClient

from openapi.closed import closed
from simulator.description import description
from simulator.stock import DEMO_CREDENTIALS

NOWHERE = "http://127.0.0.1:9/api"
SECONDS = 10
KEY = (DEMO_CREDENTIALS["api_key"], DEMO_CREDENTIALS["api_secret"])
# These checks do not apply: acceptance of a valid request depends on the campaigns, the service accepts more than is
# described, and it answers unknown methods like unknown paths. Credentials are added to every request here.
# test_answers.py tests requests without them.
LEFT_OUT = [
    checks.positive_data_acceptance,
    checks.negative_data_rejection,
    checks.unsupported_method,
    checks.missing_required_header,
    checks.ignored_auth,
]


schema = schemathesis.openapi.from_dict(closed(description(NOWHERE)))


@schema.parametrize()
@settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: Any, client: RawClient) -> None:
    is_for_keys = case.operation.path.startswith("/ts/")
    credentials = {"auth": KEY} if is_for_keys else {"headers": client.headers()}
    case.call_and_validate(base_url=client.api_url, excluded_checks=LEFT_OUT, timeout=SECONDS, **credentials)
