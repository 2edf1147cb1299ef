# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each row of docs/faults.md matches a real task against the simulator, and each fault has a row."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.fault_rows import Row, happens, rows
from simulator import counters, errors, faults
from simulator.control import Control, SimulatorProcess

ROWS = rows()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def tls_simulator(folder: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(["--tls", str(folder)]) as process:
        yield process


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row(row: Row, request: pytest.FixtureRequest, folder: Path) -> None:
    if row.rule["action"] == "wrong_name":
        simulator = request.getfixturevalue("tls_simulator")
        ca_file = str(folder / "ca.pem")
        assert happens(row, simulator.url, Control(simulator.admin_url, ca_file), ca_path=ca_file) == row
    else:
        simulator = request.getfixturevalue("simulator")
        assert happens(row, simulator.url, Control(simulator.admin_url)) == row


def test_every_action_has_a_row() -> None:
    assert {row.rule["action"] for row in ROWS} == set(typing.get_args(faults.Action))


def test_every_body_of_the_gateway_has_a_row() -> None:
    assert {row.rule["name"] for row in ROWS if row.rule["action"] == "gateway"} == set(errors.GATEWAY_NAMES)


def test_every_way_to_break_an_answer_has_a_row() -> None:
    midway = {row.rule["action"] for row in ROWS if row.rule.get("midway")}
    names = {(row.rule["action"], row.rule["name"]) for row in ROWS if "name" in row.rule}
    assert midway == set(faults._MIDWAY_ACTIONS)
    assert names == {(action, name) for action, names in faults._NAMES.items() for name in names if name is not None}
    assert {row.rule.get("kind") for row in ROWS} <= {None, *counters.KINDS}
