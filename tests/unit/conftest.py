# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of all unit tests."""

from __future__ import annotations

import json
import pathlib
import sys
import typing as t

import pytest
from hypothesis import HealthCheck, settings

_PAYLOADS: t.Final = pathlib.Path(__file__).parent / "payloads"

# The time to generate an example depends only on the machine.
settings.register_profile("any machine", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker for ansible-test, which does not read pyproject.toml."""
    config.addinivalue_line("markers", 'slow: takes long; "make quick" leaves it out')


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow tests to newer Pythons. Those search for rare cases, which do not depend on the version."""
    if sys.version_info < (3, 10):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture
def example() -> t.Callable[[str], dict[str, t.Any]]:
    """Return a function that reads the documented example body of a version."""

    def read(api_version: str) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", json.loads((_PAYLOADS / f"{api_version}.json").read_text(encoding="utf-8")))

    return read
