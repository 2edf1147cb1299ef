# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds Chromium, which is a package of the system, or installs it if that needs no confirmation."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools import system_programs

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MISSING = "no Chromium found: install your system's package chromium, or let FLEETOPS_CHROMIUM name the program"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
_LIMIT_SECONDS = 600
# Chromium makes no requests of its own. Its sandbox does not work as root, and it only opens our own pages.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def found() -> str | None:
    """Return the path of the program, or None if there is none that runs."""
    named = os.environ.get("FLEETOPS_CHROMIUM")
    for name in (named,) if named else _PROGRAMS:
        path = shutil.which(name)
        if path is not None and _runs(path):
            return path
    return None


@functools.cache
def _runs(path: str) -> bool:
    """Whether the program runs. Ubuntu's package is only a script that requires snap."""
    done = system_programs.run([path, "--version"], 60)
    return done is not None and done.returncode == 0 and "Chrom" in done.stdout


def found_or_installed() -> str | None:
    """Return the path of the program. Installs it if it is missing, and if that requires no password."""
    path = found()
    if path is not None or shutil.which("apt-get") is None:
        return path
    rights = system_programs.as_administrator()
    if rights is None:
        return None
    print("installing the system's package chromium", flush=True)
    for command in (("apt-get", "update"), _INSTALL):
        if system_programs.run([*rights, *command], _LIMIT_SECONDS) is None:
            return None
    return found()


@contextmanager
def running() -> Iterator[Browser]:
    """Run a headless browser with its own profile."""
    # Only available in the environment "browser".
    from playwright.sync_api import sync_playwright

    program = found()
    if program is None:
        raise LookupError(MISSING)
    with tempfile.TemporaryDirectory(prefix="chromium-") as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(_FLAGS), env={**os.environ, "HOME": home}, timeout=120_000
        )
        try:
            yield browser
        finally:
            browser.close()
