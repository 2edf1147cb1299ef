# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shares objects between the workers of a run."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import TypeVar

import pytest

Made = TypeVar("Made")


def made_once(folders: pytest.TempPathFactory, name: str, make: Callable[[], Made]) -> Made:
    """Return the result of C(make), or that of another worker. Both can run it if they start at the same time."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return make()
    path = folders.getbasetemp().parent / f"{name}-{run}.pickle"
    if path.exists():
        found: Made = pickle.loads(path.read_bytes())
        return found
    made = make()
    own = folders.mktemp(name) / path.name
    own.write_bytes(pickle.dumps(made))
    own.replace(path)
    return made
