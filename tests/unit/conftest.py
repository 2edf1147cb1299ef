# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of all unit tests."""

from __future__ import annotations

import json
import pathlib
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


@pytest.fixture
def example() -> t.Callable[[str], dict[str, t.Any]]:
    """Return a function that reads the documented example body of a version."""

    def read(api_version: str) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", json.loads((_PAYLOADS / f"{api_version}.json").read_text(encoding="utf-8")))

    return read
