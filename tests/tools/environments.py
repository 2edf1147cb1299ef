# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual environments of the checkout. Usage: ``python3 -m tools.environments [NAME ...]`` (all if none named)."""

from __future__ import annotations

import fcntl
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools import chromium, installer, pythons
from tools.paths import REQUIREMENTS, VENVS, link_shape


@dataclass(frozen=True)
class Environment:
    """One virtual environment: its name, the Pythons that may carry it (best first), and the Python to lock for."""

    name: str
    pythons: tuple[str, ...]
    lock_python: str
    required: bool = False
    needs_chromium: bool = False

    @property
    def folder(self) -> Path:
        """Where it is made."""
        return VENVS / self.name

    @property
    def requirements(self) -> Path:
        """Its locked requirements."""
        return REQUIREMENTS / f"{self.name}.txt"

    @property
    def missing(self) -> str:
        """The sentence for a machine that has none of its Pythons."""
        return f"no Python {' or '.join(self.pythons)} found"


# ansible-core says which Pythons carry it: 2.16 runs on 3.10 to 3.12, 2.19 on 3.11 to 3.13, 2.21 on 3.12 to 3.14.
CORE_LANES = (
    Environment("core-2.16", ("3.11",), "3.11"),
    Environment("core-2.19", ("3.12", "3.11", "3.13"), "3.11"),
    Environment("core-2.21", ("3.13", "3.14", "3.12"), "3.12"),
)
TARGET = Environment("target-3.9", ("3.9",), "3.9")
# urllib3 1.26 came with ssl.match_hostname, which Python 3.12 no longer has: the oldest libraries on an older Python.
OLDEST = Environment("oldest", ("3.11",), "3.11")
DEV = Environment("dev", ("3.13", "3.12", "3.14"), "3.12", required=True)
DEMO = Environment("demo", ("3.13", "3.12", "3.14", "3.11"), "3.11", required=True)
OPENAPI = Environment("openapi", ("3.13", "3.12", "3.14"), "3.12", required=True)
# ansible-core 2.19 is what the bundle "ansible" with the last awx.awx brings along.
AWX = Environment("awx", ("3.13", "3.12"), "3.12")
# ansible-rulebook calls Java through jpy, which has wheels for these Pythons.
EDA = Environment("eda", ("3.13", "3.12"), "3.12")
BROWSER = Environment("browser", ("3.13", "3.12", "3.14"), "3.12", needs_chromium=True)
# Sphinx with Ansible's theme, and what turns the guides into its pages.
SITE = Environment("site", ("3.13", "3.12", "3.14"), "3.12", required=True)
ALL = (DEV, DEMO, OPENAPI, *CORE_LANES, TARGET, OLDEST, AWX, EDA, BROWSER, SITE)
BY_NAME = {environment.name: environment for environment in ALL}


@dataclass(frozen=True)
class Made:
    """What came of an environment: the Python that carries it, or why there is none or it is of no use."""

    environment: Environment
    python: str | None
    reason: str = ""


@contextmanager
def _alone() -> Iterator[None]:
    """Let one set-up of this checkout run at a time."""
    VENVS.mkdir(exist_ok=True)
    with (VENVS / ".lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure(wanted: Iterable[Environment]) -> dict[str, Made]:
    """Make the environments that are missing or out of date. Raises SetupError if an installation fails."""
    made: dict[str, Made] = {}
    with _alone():
        link_shape()
        uv = installer.find_uv()
        for environment in wanted:
            found = pythons.find(environment.pythons, uv)
            if found is None:
                made[environment.name] = Made(environment, None, environment.missing)
                continue
            version, python = found
            started = time.monotonic()
            if installer.make(environment.folder, environment.requirements, python, uv):
                print(
                    f"made .venv/{environment.name} (Python {version}) in {time.monotonic() - started:.0f} s",
                    flush=True,
                )
            if environment.needs_chromium and chromium.found_or_installed() is None:
                made[environment.name] = Made(environment, None, chromium.MISSING)
                continue
            made[environment.name] = Made(environment, python)
    return made


def main(names: list[str]) -> int:
    """Make the named environments; 0 if all that are required are there."""
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        print(f"No such environment: {', '.join(unknown)}. There are: {', '.join(BY_NAME)}", file=sys.stderr)
        return 2
    try:
        made = ensure([BY_NAME[name] for name in names] if names else ALL)
    except installer.SetupError as error:
        print(error, file=sys.stderr)
        return 1
    for one in made.values():
        if one.python is None:
            word = "MISSING" if one.environment.required else "SKIPPED lane"
            print(f"{word} {one.environment.name}: {one.reason}")
        else:
            print(f"ready .venv/{one.environment.name}")
    return int(any(one.python is None and one.environment.required for one in made.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
