# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data (from JSON or YAML) into dataclasses, refusing what the dataclass does not know."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, TypeVar

T = TypeVar("T")

_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", dict: "an object"}


class DataError(ValueError):
    """Input that does not fit; the message is one sentence that names the place."""


def load(kind: type[T], data: Any, where: str) -> T:
    """Make a ``kind`` (a dataclass) out of a dict.

    Fields named as in the dataclass; unknown and missing ones, and values of a wrong type, raise DataError.
    A ``__post_init__`` may raise ValueError, which becomes a DataError with the place in front.
    """
    if not isinstance(data, dict):
        raise DataError(f"{where} must be an object, not {_shown(data)}")
    fields = {field.name: field for field in dataclasses.fields(typing.cast(Any, kind)) if field.init}
    for key in data:
        if key not in fields:
            raise DataError(f"{where} has the unknown key {key!r}; it may have: {', '.join(fields)}")
    for name, field in fields.items():
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if needed and name not in data:
            raise DataError(f"{where} needs the key {name!r}")
    hints = typing.get_type_hints(kind)
    values = {key: _value(hints[key], value, f"{where}.{key}") for key, value in data.items()}
    try:
        return kind(**values)
    except DataError:
        raise
    except ValueError as error:
        raise DataError(f"{where}: {error}") from error


def _value(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if hint is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        return _first_fit(arguments, value, where)
    if origin is typing.Literal:
        if value not in arguments or isinstance(value, bool):
            raise DataError(f"{where} must be one of {', '.join(map(str, arguments))}, not {_shown(value)}")
        return value
    if origin is list:
        if not isinstance(value, list):
            raise DataError(f"{where} must be a list, not {_shown(value)}")
        return [_value(arguments[0], item, f"{where}[{index}]") for index, item in enumerate(value)]
    if dataclasses.is_dataclass(hint):
        return load(typing.cast(Any, hint), value, where)
    return _scalar(dict if origin is dict else hint, value, where)


def _first_fit(arguments: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and types.NoneType in arguments:
        return None
    wanted = [argument for argument in arguments if argument is not types.NoneType]
    if len(wanted) == 1:
        return _value(wanted[0], value, where)
    fitting = [argument for argument in wanted if _may_fit(argument, value)]
    if not fitting:
        names = " or ".join(dict.fromkeys(_NAMES.get(argument, "a list or an object") for argument in wanted))
        raise DataError(f"{where} must be {names}, not {_shown(value)}")
    return _value(fitting[0], value, where)


def _may_fit(hint: Any, value: Any) -> bool:
    origin = typing.get_origin(hint)
    if dataclasses.is_dataclass(hint):
        return isinstance(value, dict)
    if origin in (list, dict):
        return isinstance(value, origin)
    if origin is typing.Literal:
        return value in typing.get_args(hint)
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, (int, float) if hint is float else hint)


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    # In Python True is an int; in a scenario file it is a slip.
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise DataError(f"{where} must be {_NAMES.get(hint, hint.__name__)}, not {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    # Never the value itself: it may be a password in the wrong place.
    return "null" if value is None else f"a {type(value).__name__}"
