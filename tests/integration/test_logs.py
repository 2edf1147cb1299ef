# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log messages of libraries must not reach Ansible's log, which uses the root logger."""

from __future__ import annotations

import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from integration.inventories import Inventories
from integration.lane import Lane
from integration.leaks import leaks_in
from integration.parrot import repeating
from integration.playbooks import Playbooks
from integration.tasks import BY_VARIABLES, CREDENTIALS, FAST, info, local_hosts, play, remote_hosts
from simulator.control import Control

# Enables all log messages of libraries, as another plugin could do.
TALKATIVE = """
import logging
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "talkative"
    CALLBACK_NEEDS_ENABLED = False
    def __init__(self):
        super().__init__()
        logging.getLogger().setLevel(logging.DEBUG)
        for name in ("urllib3", "urllib3.connectionpool", "requests", "charset_normalizer"):
            logging.getLogger(name).setLevel(logging.DEBUG)
"""


def _secrets(control: Control) -> set[str]:
    issued = control.state()["issued"]
    return {*CREDENTIALS.values(), *issued["access_tokens"], *issued["session_tokens"]}


@pytest.mark.parametrize("level", ["usual", "talkative"])
def test_a_header_that_is_none_is_not_logged(
    playbooks: Playbooks, control: Control, api_url: str, tmp_path: Path, level: str
) -> None:
    address = urllib.parse.urlsplit(api_url)
    log = tmp_path / "ansible.log"
    environment = {"ANSIBLE_LOG_PATH": str(log)}
    if level == "talkative":
        plugins = tmp_path / "talkative"
        plugins.mkdir()
        (plugins / "talkative.py").write_text(TALKATIVE, encoding="utf-8")
        found = playbooks.lane.environment(playbooks.home)["ANSIBLE_CALLBACK_PLUGINS"]
        environment["ANSIBLE_CALLBACK_PLUGINS"] = f"{found}:{plugins}"
    with repeating(address.netloc) as parrot:
        given: dict[str, Any] = {"api_url": f"{parrot.url}{address.path}", **BY_VARIABLES}
        tasks = [info("read", {**given, "devices": "all"}), info("wait", {**given, **FAST})]
        run = playbooks.run(
            [play(tasks, hosts="all")],
            hosts={**local_hosts(["here"]), **remote_hosts(["there"])},
            variables=CREDENTIALS,
            environment=environment,
        )
        said = list(parrot.said)

    assert run.code == 0, run.output
    logged = log.read_text(encoding="utf-8")
    assert "ok: [here]" in logged
    assert leaks_in("\n".join(said), _secrets(control)) != []
    assert leaks_in(logged, _secrets(control)) == []
    assert "understood" not in logged


def test_the_inventory_logs_none_either(lane: Lane, control: Control, api_url: str, tmp_path: Path) -> None:
    address = urllib.parse.urlsplit(api_url)
    log = tmp_path / "ansible.log"
    with repeating(address.netloc) as parrot:
        inventories = Inventories(lane, tmp_path, control, f"{parrot.url}{address.path}")
        said = inventories.run("-i", inventories.write(), "--list", environment={"ANSIBLE_LOG_PATH": str(log)})

    assert said.hosts("campaign_pending") or said.data, said.complaint
    logged = log.read_text(encoding="utf-8")
    assert leaks_in(logged, _secrets(control)) == []
    assert "understood" not in logged
