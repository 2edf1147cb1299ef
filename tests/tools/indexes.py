# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert the user's pip configuration to that of uv, which does not read it.

pip.conf and the PIP_* variables configure the package indexes and the trusted certificates. uv has the same settings
with other names. Settings that the user has made for uv itself take precedence.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping

# pip's settings and uv's variables. pip separates several values by whitespace. So does uv, except for find-links.
_SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "constraint": "UV_CONSTRAINT",
    "trusted-host": "UV_INSECURE_HOST",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
}
# Additions to the index on a single machine. Lock files, which are for everybody, must not use them.
LOCAL_SETTINGS = ("UV_INDEX", "UV_FIND_LINKS", "UV_CONSTRAINT", "UV_INDEX_STRATEGY")
# Other names of uv for the same setting.
_ALIASES = {
    "UV_DEFAULT_INDEX": ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "UV_INDEX": ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
}
# In pip, a command's section overrides the global one, and a variable overrides both.
_SECTIONS = ("global", "install", ":env:")


def parse_pip_config(listing: str) -> dict[str, str]:
    """Return the settings of ``pip install`` from the output of ``pip config list``."""
    found: dict[str, str] = {}
    for section in _SECTIONS:
        for line in listing.splitlines():
            key, equals, value = line.partition("=")
            where, dot, name = key.partition(".")
            if equals and dot and where == section:
                found[name] = str(ast.literal_eval(value))
    return found


def uv_settings(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to add to uv's environment for these settings of pip."""
    added: dict[str, str] = {}
    for name, variable in _SETTINGS.items():
        names = _ALIASES.get(variable, (variable,))
        if name in pip and not any(environment.get(other) for other in names):
            value = " ".join(pip[name].split())
            added[variable] = value.replace(" ", ",") if variable == "UV_FIND_LINKS" else value
    if "UV_INDEX" in added and not environment.get("UV_INDEX_STRATEGY"):
        # pip selects the best version in all indexes. uv stops at the first index that has the package.
        added["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return added


def of_pip() -> dict[str, str]:
    """Return the settings of ``pip install`` on this machine."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    return parse_pip_config(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


def for_uv(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with which uv installs packages like pip, and does not download Python."""
    return {
        "UV_SYSTEM_CERTS": environment.get("UV_SYSTEM_CERTS", "1"),
        "UV_PYTHON_DOWNLOADS": "never",
        **uv_settings(pip, environment),
    }
