# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo: a play with simulated devices waits for their campaign, and continues on those that were upgraded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from simulator.control import SimulatorProcess  # noqa: E402
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID  # noqa: E402
from tools import collection  # noqa: E402

VENV = Path(sys.prefix)
COLLECTIONS = VENV / "collections"
REPORT = VENV / "report.html"
# A simulated minute per second, within the dates of the campaign.
OPTIONS = ["--scenario", str(HERE / "scenario.yml"), "--start", "2020-08-21T20:00:00Z", "--speed", "60", "--hold"]

REAL = """
The same playbook with the real service:

  export ANSIBLE_COLLECTIONS_PATH={collections}
  export THINGSPACE_API_KEY=... THINGSPACE_API_SECRET=... THINGSPACE_USERNAME=... THINGSPACE_PASSWORD=...
  export THINGSPACE_ACCOUNT_NAME=YOUR_ACCOUNT
  {playbook} -i YOUR_INVENTORY {rollout} -e campaign_wait_campaign_id=YOUR_CAMPAIGN

YOUR_INVENTORY has a group "devices", whose hosts have the variable "imei".
Without campaign_wait_timeout it waits for an hour.
"""


def _environment(api_url: str) -> dict[str, str]:
    kept = ("ANSIBLE_FORCE_COLOR",)
    ours = ("THINGSPACE_", "ANSIBLE_")
    mine = {name: value for name, value in os.environ.items() if name in kept or not name.startswith(ours)}
    return {
        **mine,
        **{f"THINGSPACE_{name.upper()}": str(value) for name, value in DEMO_CREDENTIALS.items()},
        "THINGSPACE_ACCOUNT_NAME": ACCOUNT,
        "THINGSPACE_API_URL": api_url,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_HOME": str(VENV / "ansible-home"),
        "PYTHONUNBUFFERED": "1",
    }


def main() -> int:
    """Run the demo, and return the exit code of the playbook."""
    tarball = collection.build(VENV / "dist", VENV)
    collection.install(tarball, COLLECTIONS, VENV)
    playbook = VENV / "bin" / "ansible-playbook"
    with SimulatorProcess(OPTIONS) as simulator:
        page = simulator.url.removesuffix("api")
        print(f"The simulated service is at {simulator.url}. A minute passes there in a second.", flush=True)
        print(f"Open {page} in a browser to see its campaigns and requests while it runs.\n", flush=True)
        options = {
            "campaign_wait_campaign_id": V2_ID,
            "campaign_wait_interval": 1,
            "campaign_wait_max_interval": 1,
            "campaign_wait_progress_interval": 5,
            "campaign_wait_report": str(REPORT),
        }
        done = subprocess.run(
            [str(playbook), "rollout.yml", "-e", json.dumps(options)],
            cwd=HERE,
            env=_environment(simulator.url),
            check=False,
        )
    if done.returncode == 0:
        print("tracker-03 was left out, because its device was not upgraded.")
        print(f"The report of the whole run, for a browser: {REPORT}")
    print(REAL.format(collections=COLLECTIONS, playbook=playbook, rollout=HERE / "rollout.yml"))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
