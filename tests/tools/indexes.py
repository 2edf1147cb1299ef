# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hand the user's pip configuration over to uv, which does not read it.

pip.conf and the PIP_* variables say where packages may come from and which certificates to trust;
uv knows the same settings under names of its own. What the user has set for uv itself always wins.
"""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

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
# Where packages come from besides the index, and limits on them: of this machine, so nothing to lock versions by.
_LOCAL_SETTINGS = {"extra-index-url", "find-links", "constraint"}
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


def uv_environment(bootstrap_python: Path, for_lock: bool = False) -> dict[str, str]:
    """Return the whole environment in which to run uv, to install, or to lock versions that hold for everybody."""
    environment = dict(os.environ)
    done = subprocess.run(
        [str(bootstrap_python), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings = parse_pip_config(done.stdout)
    if for_lock:
        settings = {name: value for name, value in settings.items() if name not in _LOCAL_SETTINGS}
    environment.update(uv_settings(settings, environment))
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    environment.pop("VIRTUAL_ENV", None)
    return environment
