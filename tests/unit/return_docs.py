# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares a result of campaign_info with its RETURN documentation: keys, types, nulls, and plain JSON."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Callable, Iterator, Mapping

import yaml

from ansible_collections.fleetops.thingspace.plugins.modules import campaign_info

Entries = t.Mapping[str, t.Mapping[str, t.Any]]

RETURN: t.Final[Entries] = yaml.safe_load(campaign_info.RETURN)
# Keys that Ansible itself adds to every result.
_ANSIBLES_OWN: t.Final = frozenset({"changed", "failed", "msg", "warnings"})
_REFUSED: t.Final = frozenset({"invalid_option", "library_missing"})
_TYPES: t.Final[t.Mapping[str, tuple[type[t.Any], ...]]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
    "list": (list,),
    "dict": (dict,),
}


class _Task(t.NamedTuple):
    """The properties of a task that determine the keys of its result."""

    params: Mapping[str, t.Any]
    failed: bool
    refused: bool


def _versions(text: str) -> list[str]:
    return re.findall(r"O\(api_version=(v[1-3])\)", text)


# Every phrase that the documentation can use after "returned". None stands for an optional key.
_PHRASES: t.Final[t.Mapping[str, Callable[[_Task], t.Any]]] = {
    "always": lambda _task: True,
    "when there are such fields": lambda _task: None,
    "always, except when an option is invalid": lambda task: not task.refused,
    "with O(wait=true) and O(options_from)": lambda task: (
        bool(task.params.get("wait")) and bool(task.params.get("options_from")) and not task.refused
    ),
    "with O(wait=true)": lambda task: bool(task.params.get("wait")) and not task.refused,
    "with O(wait=true), and on failure": lambda task: bool(task.params.get("wait")) or task.failed,
    "when O(campaign_id) names a single campaign, except when an option is invalid": lambda task: (
        len(task.params["campaign_id"]) == 1 and not task.refused
    ),
}


def _is_returned(phrase: str, task: _Task) -> bool | None:
    if phrase in _PHRASES:
        wanted: bool | None = _PHRASES[phrase](task)
        return wanted
    if re.fullmatch(r"with O\(api_version=v[1-3]\)( and O\(api_version=v[1-3]\))?", phrase):
        return task.params.get("api_version", "v2") in _versions(phrase)
    raise AssertionError(f"RETURN has a phrase that this checker does not know: returned: {phrase}")


def deviations(result: Mapping[str, t.Any], params: Mapping[str, t.Any]) -> list[str]:
    """Return the differences between a task's result, even a failed one, and the documentation.

    C(params) are the task's options, with C(campaign_id) as a list.
    """
    reason = result.get("reason")
    task = _Task(params, bool(result.get("failed")), reason in _REFUSED)
    own = {key: value for key, value in result.items() if key not in _ANSIBLES_OWN}
    found = [*_of_entries(own, RETURN, task, "result"), *_not_plain(result, "result")]
    if not found:
        json.dumps(result, allow_nan=False, ensure_ascii=False).encode("utf-8")
    return found


def deviations_of_facts(facts: Mapping[str, t.Any], api_version: str) -> list[str]:
    """Return the same for the facts of one campaign."""
    task = _Task({"api_version": api_version}, False, False)
    return [*_of_value(facts, RETURN["campaigns"], task, "campaign", "dict"), *_not_plain(facts, "campaign")]


def _of_entries(value: Mapping[str, t.Any], entries: Entries, task: _Task, where: str) -> Iterator[str]:
    for key in value:
        if key not in entries:
            yield f"{where}.{key} is not documented"
    for name, entry in entries.items():
        wanted = _is_returned(entry["returned"], task)
        if wanted is False and name in value:
            yield f"{where}.{name} is there, although it is returned {entry['returned']}"
        if wanted and name not in value:
            yield f"{where}.{name} is missing, although it is returned {entry['returned']}"
        if name in value:
            yield from _of_key(value[name], name, entry, task, where)


def _of_key(value: t.Any, name: str, entry: Mapping[str, t.Any], task: _Task, where: str) -> Iterator[str]:
    if value is None:
        if not may_be_null(name, entry, where):
            yield f"{where}.{name} is null, which is not documented"
        return
    # Its description only says "the only element of".
    like = RETURN["campaigns"] if (where, name) == ("result", "campaign") else entry
    yield from _of_value(value, like, task, f"{where}.{name}", entry["type"])


def _of_value(value: t.Any, entry: Mapping[str, t.Any], task: _Task, where: str, kind: str) -> Iterator[str]:
    if value.__class__ not in _TYPES[kind]:
        yield f"{where} is documented as {kind}, and is {value.__class__.__name__}"
        return
    if kind == "list":
        for number, item in enumerate(value):
            yield from _of_value(item, entry, task, f"{where}[{number}]", entry["elements"])
    elif "contains" in entry:
        yield from _of_entries(value, entry["contains"], task, where)


def may_be_null(name: str, entry: Mapping[str, t.Any], where: str) -> bool:
    """Whether a key can be null, according to the documentation. C(where) is its dict, C(result) for the result."""
    if (where, name) == ("result", "campaigns"):
        # Its description of nulls is about the fields of each element.
        return False
    if re.search(r"\bnull\b", " ".join(_sentences(entry)), re.IGNORECASE):
        return True
    # A common sentence describes all fields of the service, and lists the exceptions.
    if re.fullmatch(r"campaign|result\.campaign|result\.campaigns\[[0-9]+\]", where):
        never = re.search(r"service did not send it\. (.*) are never null", " ".join(_sentences(RETURN["campaigns"])))
        assert never is not None
        return name not in re.findall(r"C\((\w+)\)", never[1])
    return False


def _sentences(entry: Mapping[str, t.Any]) -> list[str]:
    text = entry["description"]
    return text if isinstance(text, list) else [text]


def _not_plain(value: t.Any, where: str) -> Iterator[str]:
    """Yield values that are not plain JSON: other types, strings that UTF-8 cannot encode, numbers such as NaN."""
    if value.__class__ not in (str, int, float, bool, list, dict, type(None)):
        yield f"{where} is a {value.__class__.__name__}, which JSON does not have"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _not_plain(key, f"a key of {where}")
            yield from _not_plain(item, f"{where}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _not_plain(item, f"{where}[{number}]")
    elif isinstance(value, str) and re.search("[\ud800-\udfff\0]", value):
        yield f"{where} has characters that no UTF-8 or no database can hold"
    elif isinstance(value, float) and not float("-inf") < value < float("inf"):
        yield f"{where} is not a number"
