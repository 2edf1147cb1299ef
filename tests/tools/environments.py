# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environments that the sessions of ``noxfile.py`` share: each is a session of its own, which makes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.paths import REQUIREMENTS, VENVS


@dataclass(frozen=True)
class Environment:
    """One virtual environment: its name, the Pythons that may carry it (best first), and the Python to lock for."""

    name: str
    pythons: tuple[str, ...]
    lock_python: str

    @property
    def folder(self) -> Path:
        """Where nox makes it: in its name nox leaves no dots."""
        return VENVS / self.name.replace(".", "-")

    @property
    def requirements(self) -> Path:
        """Its locked requirements."""
        return REQUIREMENTS / f"{self.name}.txt"

    def program(self, name: str) -> str:
        """The path of one of its programs."""
        return str(self.folder / "bin" / name)


# ansible-core says which Pythons carry it: 2.16 runs on 3.10 to 3.12, 2.19 on 3.11 to 3.13, 2.21 on 3.12 to 3.14.
CORE_LANES = (
    Environment("core-2.16", ("3.11",), "3.11"),
    Environment("core-2.19", ("3.12", "3.11", "3.13"), "3.11"),
    Environment("core-2.21", ("3.13", "3.14", "3.12"), "3.12"),
)
TARGET = Environment("target-3.9", ("3.9",), "3.9")
# urllib3 1.26 came with ssl.match_hostname, which Python 3.12 no longer has: the oldest libraries on an older Python.
OLDEST = Environment("oldest", ("3.11",), "3.11")
DEV = Environment("dev", ("3.13", "3.12", "3.14"), "3.12")
DEMO = Environment("demo", ("3.13", "3.12", "3.14", "3.11"), "3.11")
OPENAPI = Environment("openapi", ("3.13", "3.12", "3.14"), "3.12")
# ansible-core 2.19 is what the bundle "ansible" with the last awx.awx brings along.
AWX = Environment("awx", ("3.13", "3.12"), "3.12")
# ansible-rulebook calls Java through jpy, which has wheels for these Pythons.
EDA = Environment("eda", ("3.13", "3.12"), "3.12")
BROWSER = Environment("browser", ("3.13", "3.12", "3.14"), "3.12")
# Sphinx with Ansible's theme, and what turns the guides into its pages.
SITE = Environment("site", ("3.13", "3.12", "3.14"), "3.12")
ALL = (DEV, DEMO, OPENAPI, *CORE_LANES, TARGET, OLDEST, AWX, EDA, BROWSER, SITE)
BY_NAME = {environment.name: environment for environment in ALL}
