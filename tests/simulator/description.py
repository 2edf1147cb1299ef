# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenAPI description of the simulated service, put together from the files in ``openapi``."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).resolve().parent / "openapi"


def description(api_url: str) -> dict[str, Any]:
    """Return the complete description of a service at ``api_url``."""
    return {**_read(), "servers": [{"url": api_url}]}


@functools.cache
def _read() -> dict[str, Any]:
    paths, components, answers, requests = (
        yaml.safe_load((_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
        for name in ("paths", "components", "answers", "requests")
    )
    # The paths already contain it, as YAML aliases.
    del paths["x-refusals"]
    whole: dict[str, Any] = {**paths, **components}
    whole["components"]["schemas"] = {**answers, **requests}
    return whole
