# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the pages say of callbacks is so."""

from __future__ import annotations

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import CALLBACK_OPTIONS, checked
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback import Mode, run_callback
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from docs.pages import page
from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS

URL = "https://callbacks.example.com:9001/a-long-secret"


def test_the_sentence_for_a_registration_that_is_not_shown_is_in_the_page(simulator: SimulatorProcess) -> None:
    control = Control(simulator.admin_url)
    control.reset()
    control.fault("status", kind="callback", status=200, json={"url": URL}, skip=1, times=1)
    given = {"account_name": ACCOUNT, "api_url": simulator.url, "url": URL, **DEMO_CREDENTIALS}

    result = run_callback(checked(given, CALLBACK_OPTIONS), Mode(), Runtime(), Secrets())

    assert result["failed"]
    assert (result["reason"], result["msg"]) in page("docs/troubleshooting.md").quotes
