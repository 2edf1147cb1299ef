# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts plain data (from JSON or YAML) to dataclasses with pydantic, and its errors to one sentence."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import json
import types
import typing
from collections.abc import Iterable
from typing import Any, TypeVar

import pydantic

T = TypeVar("T")
Path = tuple[str | int, ...]

_CONFIG = pydantic.ConfigDict(strict=True, extra="forbid", arbitrary_types_allowed=True)
_WANTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "an object",
    "dataclass_type": "an object",
}
_GIVEN = {
    bool: "true or false",
    int: "a number",
    float: "a decimal number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


class DataError(ValueError):
    """Invalid input. The message is one sentence that names the place.

    ``path`` is the place as keys and indexes, for callers that can find its line in a file.
    """

    def __init__(self, sentence: str, path: Path = ()) -> None:
        super().__init__(sentence)
        self.path = path


def load(kind: type[T], data: Any, where: str) -> T:
    """Convert a dict of JSON types to a ``kind`` (a dataclass).

    Unknown or missing keys and values of a wrong type raise DataError. A ValueError from ``__post_init__`` becomes a
    DataError that starts with the place.
    """
    try:
        # Validated as JSON, because for Python objects, strict mode would also require instances of the dataclasses.
        # In a list, because pydantic does not accept a configuration for a standard dataclass itself.
        loaded: T = _adapter(typing.cast(Any, kind)).validate_json(json.dumps([data]))[0]
        return loaded
    except pydantic.ValidationError as error:
        raise _data_error(kind, data, where, error.errors(include_url=False)) from None


@functools.cache
def _adapter(kind: Any) -> pydantic.TypeAdapter[Any]:
    return pydantic.TypeAdapter(list[kind], config=_CONFIG)


def _data_error(kind: Any, data: Any, where: str, errors: Iterable[Any]) -> DataError:
    """Return the error that is nested deepest: if no member of a union fits, that is most likely the intended one.

    At the same depth, unknown keys come first, because they can be misspelled names of missing keys. Wrong types come
    last.
    """
    found = [(_path(data, error["loc"][1:], error["type"]), error) for error in errors]
    path, error = max(found, key=lambda one: (len(one[0]), _error_priority(one[1]["type"])))
    place = where + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    parent, _dot, key = place.rpartition(".")
    if error["type"] == "missing":
        return DataError(f"{parent} needs the key {key!r}", path)
    if error["type"] == "unexpected_keyword_argument":
        keys = _keys_at(kind, path[:-1])
        advice = _suggestion(key, keys) or f"it may have: {', '.join(keys)}"
        return DataError(f"{parent} has the unknown key {key!r}; {advice}", path)
    if error["type"] == "value_error":
        return DataError(f"{place}: {error['ctx']['error']}", path)
    if error["type"] == "literal_error":
        choices = _choices_at(kind, path)
        suggestion = _suggestion(error["input"], choices)
        return DataError(f"{place} must be one of {', '.join(choices)}{suggestion and '; '}{suggestion}", path)
    wanted = [_WANTED.get(other["type"]) for other_path, other in found if other_path == path]
    if None in wanted:
        return DataError(f"{place}: {error['msg']}", path)
    return DataError(f"{place} must be {' or '.join(dict.fromkeys(map(str, wanted)))}, not {_type_name(error)}", path)


def _error_priority(kind: str) -> int:
    return 2 if kind == "unexpected_keyword_argument" else int(kind not in _WANTED)


def _path(data: Any, loc: Path, kind: str) -> Path:
    """Return a place in the data: that of pydantic, without the steps that name a member of a union."""
    path: list[str | int] = []
    for step in loc:
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int)):
            data = data[step]  # type: ignore[index]
            path.append(step)
    return (*path, loc[-1]) if kind == "missing" else tuple(path)


def _suggestion(given: Any, known: list[str]) -> str:
    close = difflib.get_close_matches(given, known, n=1) if isinstance(given, str) else []
    return f"did you mean {close[0]!r}?" if close else ""


def _type_name(error: Any) -> str:
    # Never the value itself: it could be a password in the wrong place.
    return "null" if error["input"] is None else _GIVEN.get(type(error["input"]), "that")


def _keys_at(kind: Any, path: Path) -> list[str]:
    """Return the keys that an object at this place can have."""
    kinds = [one for one in _hints_at(kind, path) if dataclasses.is_dataclass(one)]
    return [field.name for one in kinds for field in dataclasses.fields(one) if field.init]


def _choices_at(kind: Any, path: Path) -> list[str]:
    """Return the choices for a value at this place."""
    words = [typing.get_args(one) for one in _hints_at(kind, path) if typing.get_origin(one) is typing.Literal]
    return [str(word) for choices in words for word in choices]


def _hints_at(kind: Any, path: Path) -> list[Any]:
    """Return the types of a place. An optional value or a union has several."""
    hints = _expanded(kind)
    for step in path:
        found = []
        for hint in hints:
            if isinstance(step, int) and typing.get_origin(hint) is list:
                found.append(typing.get_args(hint)[0])
            elif dataclasses.is_dataclass(hint):
                found.append(typing.get_type_hints(hint).get(str(step)))
        hints = [one for hint in found for one in _expanded(hint)]
    return hints


def _expanded(hint: Any) -> list[Any]:
    return list(typing.get_args(hint)) if typing.get_origin(hint) in (typing.Union, types.UnionType) else [hint]
