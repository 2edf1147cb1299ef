# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Raises an exception that nobody expects in a function of the collection. Requires Python 3.12.

A function is named by its file and its qualified name, such as ``_wait/poller.py:HttpPoller._poll_one``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType

_PLUGINS = "/plugins/"
_TOOL = 4


def name_of(code: CodeType) -> str | None:
    """Return the name of a function below ``plugins`` of the collection, or None for other code."""
    _folder, found, file = code.co_filename.partition(f"/thingspace{_PLUGINS}")
    if not found:
        _folder, found, file = code.co_filename.partition(f"/eda{_PLUGINS}")
    # A function, not the body of a class or of a module.
    is_function = bool(code.co_flags & 1)
    return f"{file.removeprefix('module_utils/')}:{code.co_qualname}" if found and is_function else None


@contextmanager
def _each_call(action: Callable[[str], None]) -> Iterator[None]:
    """Call ``action`` with the name of each function of the collection that is called, in all threads."""
    monitoring = sys.monitoring

    def begin(code: CodeType, _offset: int) -> object:
        name = name_of(code)
        if name is None:
            return monitoring.DISABLE
        action(name)
        return None

    monitoring.use_tool_id(_TOOL, "injection")
    monitoring.register_callback(_TOOL, monitoring.events.PY_START, begin)
    monitoring.set_events(_TOOL, monitoring.events.PY_START)
    monitoring.restart_events()
    try:
        yield
    finally:
        monitoring.set_events(_TOOL, 0)
        monitoring.free_tool_id(_TOOL)


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Collect the names of the functions that are called, each once."""
    names: dict[str, None] = {}
    collected: list[str] = []
    with _each_call(lambda name: names.setdefault(name, None)):
        yield collected
    collected += names


@contextmanager
def injected(target: str, text: str) -> Iterator[list[str]]:
    """Raise KeyError with this text at the first call of the function. The list contains its name after that."""
    hits: list[str] = []

    def act(name: str) -> None:
        if name == target and not hits:
            hits.append(name)
            raise KeyError(text)

    with _each_call(act):
        yield hits
