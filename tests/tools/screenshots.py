# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make screenshots of the report and the simulator's page during a real run. Usage: ``python -m tools.screenshots``.

It runs in the environment ``browser``, and uses its ansible-playbook.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from simulator.control import Control, SimulatorProcess
from simulator.stock import ACCOUNT, DEMO_CREDENTIALS, V2_ID
from tools import chromium
from tools.paths import ROOT, SHAPE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IMAGES = ROOT / "docs" / "images"
_SCENARIO = Path(__file__).with_suffix(".yml")
_THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_WIDTH = 1280
_LIMIT_SECONDS = 300
_ROLE = {
    "account_name": ACCOUNT,
    "campaign_id": V2_ID,
    "device_id": "{{ imei }}",
    "on_device_failure": "skip",
    "interval": 1,
    "max_interval": 1,
    "timeout": 240,
    "max_consecutive_errors": 100,
    "report": "report.html",
}


def _start(folder: Path, simulator: SimulatorProcess) -> subprocess.Popen[bytes]:
    """Start a wait for the campaign, with a host for each of its devices."""
    devices = [device["id"] for device in Control(simulator.admin_url).devices(V2_ID)]
    hosts = {f"tracker-{number:02d}": {"imei": imei} for number, imei in enumerate(devices, 1)}
    variables = {f"campaign_wait_{name}": value for name, value in _ROLE.items()}
    roles = [{"role": "fleetops.thingspace.campaign_wait", "vars": variables}]
    # JSON is YAML.
    (folder / "play.yml").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "roles": roles}]))
    (folder / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("THINGSPACE_", "ANSIBLE_"))}
    environment = {
        **mine,
        **{f"THINGSPACE_{name.upper()}": str(value) for name, value in DEMO_CREDENTIALS.items()},
        "THINGSPACE_API_URL": simulator.url,
        "ANSIBLE_COLLECTIONS_PATH": str(SHAPE),
        "ANSIBLE_HOME": str(folder / "ansible"),
    }
    playbook = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [playbook, "-i", "hosts.yml", "play.yml"]
    # Ansible does not accept a terminal whose mode the browser's driver has changed.
    with (folder / "output").open("wb") as output:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )


def _screenshot(
    browser: Browser, url: str, name: str, theme: Literal["light", "dark"], shows: str, height: int
) -> None:
    """Make a screenshot of the upper part of a page, as soon as it contains an element for the selector ``shows``."""
    context = browser.new_context(viewport={"width": _WIDTH, "height": height}, color_scheme=theme)
    try:
        page = context.new_page()
        page.goto(url)
        page.locator(shows).first.wait_for(timeout=_LIMIT_SECONDS * 1000)
        path = IMAGES / f"{name}.png"
        page.screenshot(path=path)
        print(f"wrote {path.relative_to(ROOT)}", flush=True)
    finally:
        context.close()


def main() -> int:
    """Write the screenshots. Returns 1 if the run did not end as intended."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium.running() as browser:
        with SimulatorProcess(["--scenario", str(_SCENARIO)]) as simulator:
            run = _start(Path(folder), simulator)
            page = simulator.url.removesuffix("api")
            _screenshot(browser, page, "status-page", "light", ".status:text-is('CampaignScheduled')", 860)
            code = run.wait(_LIMIT_SECONDS)
        report = Path(folder) / "report.html"
        if code != 0 or not report.exists():
            print((Path(folder) / "output").read_text(encoding="utf-8"), f"ansible-playbook ended with {code}")
            return 1
        for theme in _THEMES:
            _screenshot(browser, report.as_uri(), f"report-{theme}", theme, "#hosts", 1500)
    return 0


if __name__ == "__main__":
    sys.exit(main())
