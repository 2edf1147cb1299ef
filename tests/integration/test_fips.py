# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controllers whose OpenSSL is in FIPS mode, in which hashes that are not approved are not available."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integration.inventories import Inventories
from integration.lane import Lane
from integration.playbooks import Playbooks
from integration.tasks import BY_VARIABLES, CREDENTIALS, FAST, MODULE, info, local_hosts, play, remote_hosts
from simulator.control import Control

# A simulation of such an OpenSSL. SHA-1 is approved for some uses, and Ansible itself uses it.
SITE = """
import hashlib, os, sys

def _refuse(name):
    real = getattr(hashlib, name)
    def refuse(*args, usedforsecurity=True, **kwargs):
        caller = sys._getframe(1).f_code.co_filename
        is_ours = "fleetops" in caller
        if is_ours or (usedforsecurity and name != "sha1"):
            raise ValueError(f"[digital envelope routines] unsupported: {name} for {caller}")
        return real(*args, **kwargs)
    setattr(hashlib, name, refuse)

for _name in ("md5", "sha1", "blake2b", "blake2s"):
    _refuse(_name)
_new = hashlib.new
def new(name, *args, usedforsecurity=True, **kwargs):
    if name.lower().replace("-", "") in ("md5", "sha1", "blake2b", "blake2s") and usedforsecurity:
        raise ValueError(f"[digital envelope routines] unsupported: {name}")
    return _new(name, *args, **kwargs)
hashlib.new = new
with open(os.environ["FLEETOPS_FIPS_SEEN"], "a") as seen:
    seen.write("x")
"""


def _fips(folder: Path) -> dict[str, str]:
    site = folder / "fips"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE, encoding="utf-8")
    return {"PYTHONPATH": str(site), "FLEETOPS_FIPS_SEEN": str(folder / "seen")}


def test_everything_runs_with_approved_hashes(
    playbooks: Playbooks, control: Control, api_url: str, tmp_path: Path
) -> None:
    environment = _fips(tmp_path)
    given = {"api_url": api_url, **BY_VARIABLES}
    role = {f"campaign_wait_{name}": value for name, value in given.items()}
    role.update(
        {"campaign_wait_account_name": "0402196254-00001", "campaign_wait_campaign_id": info("")[MODULE]["campaign_id"]}
    )
    tasks = [
        info("read", given),
        info("wait", {**given, **FAST, "wait_state": "scheduled"}),
        {
            "name": "gate",
            "ansible.builtin.include_role": {"name": "fleetops.thingspace.campaign_wait"},
            "vars": {**role, "campaign_wait_state": "scheduled", "campaign_wait_interval": 0.2},
        },
    ]
    run = playbooks.run(
        [play(tasks, hosts="here"), play(tasks[:1], hosts="there")],
        hosts={**local_hosts(["here"]), **remote_hosts(["there"])},
        variables=CREDENTIALS,
        environment=environment,
    )

    assert run.code == 0, run.output
    assert (tmp_path / "seen").exists()
    assert "unsupported" not in run.output


def test_the_inventory_with_a_cache_as_well(lane: Lane, control: Control, api_url: str, tmp_path: Path) -> None:
    inventories = Inventories(lane, tmp_path, control, api_url)
    cache: dict[str, Any] = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache")}
    said = inventories.run("-i", inventories.write(**cache), "--list", environment=_fips(tmp_path))

    assert "Unable to parse" not in said.complaint
    assert control.count("device_report") > 0
