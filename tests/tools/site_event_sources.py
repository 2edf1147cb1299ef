# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generates the page about event sources and filters from their documentation. antsibull-docs does not support them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.paths import NAME, NAMESPACE, ROOT

PLUGINS = ROOT / "extensions" / "eda" / "plugins"
SOURCES, FILTERS = PLUGINS / "event_source", PLUGINS / "event_filter"


def markdown() -> str:
    """Return the complete page."""
    parts = ["# Event sources and filters", "The collection contains these event sources for Event-Driven Ansible."]
    parts += _plugins(SOURCES)
    parts.append("The collection contains this event filter for Event-Driven Ansible.")
    parts += _plugins(FILTERS)
    return "\n\n".join(parts) + "\n"


def _plugins(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.py")):
        documentation = _documentation(path)
        if documentation is None:
            continue
        yield f"## {NAMESPACE}.{NAME}.{path.stem}"
        yield f"{documentation['short_description']}."
        yield from _texts(documentation["description"])
        if documentation["options"]:
            yield f"### Options of {path.stem}"
        for name, option in documentation["options"].items():
            yield from _option(name, option)


def _option(name: str, option: dict[str, Any]) -> Iterator[str]:
    of = f" of {option['elements']}" if "elements" in option else ""
    facts = [f"{option.get('type', 'str')}{of}"]
    facts += ["required"] if option.get("required") else []
    facts += [f"default: `{option['default']}`"] if "default" in option else []
    facts += [f"one of {', '.join(f'`{choice}`' for choice in option['choices'])}"] if "choices" in option else []
    yield f"**{name}** ({'; '.join(facts)})"
    yield "\n".join(f"- {text}" for text in _texts(option["description"]))


def _texts(description: str | list[str]) -> list[str]:
    paragraphs = [description] if isinstance(description, str) else description
    return [_plain(paragraph) for paragraph in paragraphs]


def _plain(text: str) -> str:
    """Convert Ansible's markup to Markdown."""
    text = re.sub(r"\b(?:[OVCEM]|RV)\(([^)]*)\)", r"`\1`", text)
    text = re.sub(r"\bP\(([^)#]*)[^)]*\)", r"`\1`", text)
    return re.sub(r"\bI\(([^)]*)\)", r"*\1*", text)


def _documentation(path: Path) -> dict[str, Any] | None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION":
            documentation: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))
            return documentation
    return None
