# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environments that the sessions of ``noxfile.py`` share. A separate session creates each of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tools.paths import REQUIREMENTS, VENVS

# With FLEETOPS_FORMS=all in the environment, as in the weekly run of the CI, each lane runs all tests.
RUNS_ALL = os.environ.get("FLEETOPS_FORMS") == "all"


@dataclass(frozen=True)
class Environment:
    """A virtual environment: its name, the supported Pythons (preferred first), and the Python to lock packages for."""

    name: str
    pythons: tuple[str, ...]
    lock_python: str

    @property
    def folder(self) -> Path:
        """The folder in which nox creates it. nox removes dots from the name."""
        return VENVS / self.name.replace(".", "-")

    @property
    def requirements(self) -> Path:
        """The file with its locked requirements."""
        return REQUIREMENTS / f"{self.name}.txt"

    def program(self, name: str) -> str:
        """Return the path of one of its programs."""
        return str(self.folder / "bin" / name)


# The Pythons that ansible-core supports: 2.16 runs on 3.10 to 3.12, 2.19 on 3.11 to 3.13, 2.21 on 3.12 to 3.14.
CORE_LANES = (
    Environment("core-2.16", ("3.11",), "3.11"),
    Environment("core-2.19", ("3.12", "3.11", "3.13"), "3.11"),
    Environment("core-2.21", ("3.13", "3.14", "3.12"), "3.12"),
)
TARGET = Environment("target-3.9", ("3.9",), "3.9")
# The oldest libraries need an older Python: urllib3 1.26 uses ssl.match_hostname, which Python 3.12 has removed.
OLDEST = Environment("oldest", ("3.11",), "3.11")
DEV = Environment("dev", ("3.13", "3.12", "3.14"), "3.12")
DEMO = Environment("demo", ("3.13", "3.12", "3.14", "3.11"), "3.11")
OPENAPI = Environment("openapi", ("3.13", "3.12", "3.14"), "3.12")
# The package "ansible" with the last release of awx.awx requires ansible-core 2.19.
AWX = Environment("awx", ("3.13", "3.12"), "3.12")
# ansible-rulebook calls Java with jpy, which has wheels for these Pythons.
EDA = Environment("eda", ("3.13", "3.12"), "3.12")
BROWSER = Environment("browser", ("3.13", "3.12", "3.14"), "3.12")
# Sphinx with Ansible's theme, and the tools that convert the guides to its format.
SITE = Environment("site", ("3.13", "3.12", "3.14"), "3.12")
ALL = (DEV, DEMO, OPENAPI, *CORE_LANES, TARGET, OLDEST, AWX, EDA, BROWSER, SITE)
BY_NAME = {environment.name: environment for environment in ALL}
