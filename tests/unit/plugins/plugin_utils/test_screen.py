# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A line is sent whole, whatever ends the process meanwhile."""

from __future__ import annotations

import signal
import typing as t
from collections.abc import Iterator

import pytest

from ansible_collections.fleetops.thingspace.plugins.plugin_utils._screen import print_line, warn


class Screen:
    """Gets a signal while it prints a line."""

    def __init__(self, number: int, log: list[str], queue: object) -> None:
        self._number = number
        self._log = log
        self._final_q = queue

    def display(self, text: str) -> None:
        """A line."""
        signal.raise_signal(self._number)
        self._log.append(text)

    warning = display


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def number(request: pytest.FixtureRequest, log: list[str]) -> Iterator[int]:
    before = signal.signal(request.param, lambda _number, _frame: log.append("ended"))
    yield request.param
    signal.signal(request.param, before)


@pytest.fixture
def log() -> list[str]:
    """What happened, in its order."""
    return []


@pytest.mark.parametrize("tell", [print_line, warn])
def test_a_process_for_a_task_sends_the_line_first(number: int, log: list[str], tell: t.Any) -> None:
    tell(Screen(number, log, queue=object()), "line")
    assert log == ["line", "ended"]
    signal.raise_signal(number)
    assert log == ["line", "ended", "ended"]


@pytest.mark.parametrize("tell", [print_line, warn])
def test_the_main_process_is_interrupted_at_once(number: int, log: list[str], tell: t.Any) -> None:
    tell(Screen(number, log, queue=None), "line")
    assert log == ["ended", "line"]
