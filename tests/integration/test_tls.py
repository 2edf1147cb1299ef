# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: the options define the trusted authorities, and override the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.cases import HostMaker, case, run_cases
from integration.lane import Lane
from integration.playbooks import Playbooks
from integration.tasks import BY_VARIABLES, CREDENTIALS, info, local_hosts, play, remote_hosts
from simulator.control import Control, SimulatorProcess, write_tls_files


@pytest.mark.parametrize("hosts", [local_hosts, remote_hosts], ids=["here", "elsewhere"])
def test_certificates(lane: Lane, tmp_path: Path, hosts: HostMaker) -> None:
    (tmp_path / "good").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "run").mkdir()
    good, bad = write_tls_files(tmp_path / "good", ["127.0.0.1"]), write_tls_files(tmp_path / "bad", ["other.example"])
    with SimulatorProcess(good.options()) as right, SimulatorProcess(bad.options()) as wrong:
        control = Control(right.admin_url, good.ca_file)
        playbooks = Playbooks(lane, tmp_path / "run", control)
        playbooks.know_secrets(CREDENTIALS)
        here = {"api_url": right.url, **BY_VARIABLES}
        bundle = {"REQUESTS_CA_BUNDLE": good.ca_file, "CURL_CA_BUNDLE": good.ca_file}
        foreign = {"REQUESTS_CA_BUNDLE": bad.ca_file, "CURL_CA_BUNDLE": bad.ca_file}
        failing = [
            case(info("unknown CA", here), "tls_failed", "certificate", "ca_path"),
            case(info("wrong CA", {**here, "ca_path": bad.ca_file}, environment=bundle), "tls_failed", "ca_path"),
            case(
                info("other name", {**here, "api_url": wrong.url, "ca_path": bad.ca_file}),
                "tls_failed",
                *("127.0.0.1", "api_url"),
            ),
        ]
        run_cases(playbooks, failing, hosts, variables=CREDENTIALS)
        assert control.counters()["total"] == 0

        passing = [
            info("ca_path", {**here, "ca_path": good.ca_file}, environment=foreign),
            info("unchecked", {**here, "validate_certs": False}, environment=foreign),
            info("other name unchecked", {**here, "api_url": wrong.url, "validate_certs": False}),
            info("bundle of the environment", here, environment=bundle),
        ]
        run = playbooks.run([play(passing, hosts="all")], hosts=hosts(["host"]), variables=CREDENTIALS)

        assert run.code == 0, run.output
        assert len([event for event in run.events if event.event == "ok"]) == len(passing)
