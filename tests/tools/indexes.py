# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hand the user's pip configuration over to uv, which does not read it.

pip.conf and the PIP_* variables say where packages may come from and which certificates to trust;
uv knows the same settings under names of its own. What the user has set for uv itself always wins.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping

# pip's setting -> uv's variable. pip separates several values by white space; so does uv, but for find-links.
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
# What one machine adds to an index: a lock that holds for everybody does without.
LOCAL_SETTINGS = ("UV_INDEX", "UV_FIND_LINKS", "UV_CONSTRAINT", "UV_INDEX_STRATEGY")
# Other names that uv takes for the same setting.
_ALIASES = {
    "UV_DEFAULT_INDEX": ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "UV_INDEX": ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
}
# pip lets a command's section overrule the global one, and a variable overrule both.
_SECTIONS = ("global", "install", ":env:")


def parse_pip_config(listing: str) -> dict[str, str]:
    """Return the settings that hold for ``pip install`` out of what ``pip config list`` printed."""
    found: dict[str, str] = {}
    for section in _SECTIONS:
        for line in listing.splitlines():
            key, equals, value = line.partition("=")
            where, dot, name = key.partition(".")
            if equals and dot and where == section:
                found[name] = str(ast.literal_eval(value))
    return found


def uv_settings(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to add to the environment of uv for these settings of pip."""
    added: dict[str, str] = {}
    for name, variable in _SETTINGS.items():
        names = _ALIASES.get(variable, (variable,))
        if name in pip and not any(environment.get(other) for other in names):
            value = " ".join(pip[name].split())
            added[variable] = value.replace(" ", ",") if variable == "UV_FIND_LINKS" else value
    if "UV_INDEX" in added and not environment.get("UV_INDEX_STRATEGY"):
        # pip looks at all indexes and takes the best version; uv stops at the first index that has the name.
        added["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return added


def of_pip() -> dict[str, str]:
    """Return the settings that hold for ``pip install`` here."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    return parse_pip_config(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


def for_uv(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with which uv installs as pip would, and fetches no Python of its own."""
    return {
        "UV_SYSTEM_CERTS": environment.get("UV_SYSTEM_CERTS", "1"),
        "UV_PYTHON_DOWNLOADS": "never",
        **uv_settings(pip, environment),
    }
