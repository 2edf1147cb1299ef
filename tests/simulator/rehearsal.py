# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command, such as a playbook, with its own simulator."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from simulator.process import SimulatorProcess
from simulator.scenario import Scenario

ADMIN_VARIABLE = "SIMULATOR_ADMIN_URL"


def rehearse(options: Sequence[str], command: Sequence[str], scenario: Scenario) -> int:
    """Run a command against a new simulator. Returns the command's exit code, or 2 if one of the two does not start.

    The command gets the URL, the account and the credentials in the environment variables that the collection reads.
    The simulator's output is written to standard error, and its access log when the command has ended.

    :param options: the options of the simulator's command line.
    :param scenario: the scenario that the options select.
    """
    try:
        with SimulatorProcess(options) as process:
            print(f"simulator: {process.url.removesuffix('api')} shows what happens", file=sys.stderr, flush=True)
            variables = {**_variables(scenario), "THINGSPACE_API_URL": process.url, ADMIN_VARIABLE: process.admin_url}
            done = subprocess.run(list(command), env={**os.environ, **variables}, check=False)
            if "--access-log" in options:
                process.stop()
                print(process.output, file=sys.stderr)
            return done.returncode
    except KeyboardInterrupt:
        # The command has received Ctrl+C, too. 130 is the usual exit code for it.
        return 130
    except (OSError, RuntimeError) as error:
        print(f"simulator: {str(error).strip()}", file=sys.stderr)
        return 2


def _variables(scenario: Scenario) -> dict[str, str]:
    pair = scenario.credential_list()[0]
    accounts = [campaign.account_name for campaign in scenario.campaigns] or scenario.accounts
    named = {name: getattr(pair, name) for name in ("api_key", "api_secret", "username", "password")}
    # The user's own tokens would take precedence over these credentials, and are not valid here.
    named.update(access_token="", session_token="", account_name=accounts[0] if accounts else "")
    return {f"THINGSPACE_{name.upper()}": value for name, value in named.items()}
