# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: the callback URL of an account, as the service returns it, as it is wanted, and as it may be shown.

A callback has no signature, so the path of its URL often contains a secret. It is compared, but never shown.
"""

from __future__ import annotations

import typing as t
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import MASK
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import bare_word, shown

_SERVICE: t.Final = "fota"
_PORTS: t.Final = {"http": 80, "https": 443}
# Anything shorter could be an ordinary word, and is not treated as a secret.
_SHORTEST_SECRET: t.Final = 8
URL: t.Final = "url"
CREDENTIALS: t.Final = "credentials"


@dataclass(frozen=True, repr=False)
class Callback:
    """A URL, and the user and password that version 1 sends in the body of each callback.

    It has no repr, so that it is never printed.
    """

    url: str
    username: str | None = None
    password: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must never be shown. C(shown_url) is the part that may be."""
        given = (self.url, self.username, self.password, *_hidden_parts(self.url))
        return tuple(text for text in given if text)


def callback_in(body: t.Any, api_version: str, account_name: str) -> Callback | None:
    """The callback that the service returns as registered, None if there is none.

    C(body) is the parsed response to the C(GET), None for an empty one. It is a list of objects in version 1, and one
    object in the others, which is empty if nothing is registered. Raises BadResponse if the body is not conclusive.
    """
    return _in_list(body, account_name) if api_version == "v1" else _in_object(body)


def _in_object(body: t.Any) -> Callback | None:
    if body is None or body == {}:
        return None
    if not isinstance(body, Mapping):
        raise _unreadable(f"{shown(type(body).__name__)} is not an object")
    # A table of the documentation names the second, all of its examples the first.
    named = [name for name in ("url", "callback") if name in body]
    if not named:
        raise _unreadable("it has no url")
    return None if body[named[0]] in (None, "") else Callback(_text(body, named[0]))


def _in_list(body: t.Any, account_name: str) -> Callback | None:
    if not isinstance(body, list) or not all(isinstance(entry, Mapping) for entry in body):
        raise _unreadable("it is not a list of objects")
    if not all(isinstance(entry.get("name"), str) for entry in body):
        raise _unreadable("an entry does not name its service")
    found = [
        Callback(_text(entry, "url"), _optional_text(entry, "username"), _optional_text(entry, "password"))
        for entry in body
        if bare_word(entry["name"]) == _SERVICE and entry.get("aname") in (None, account_name)
    ]
    if len(set(found)) > 1:
        raise _unreadable(f"it lists {len(found)} callbacks for the same service")
    return found[0] if found else None


def _text(entry: Mapping[str, t.Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise _unreadable(f"its {name} is not text")
    return value


def _optional_text(entry: Mapping[str, t.Any], name: str) -> str | None:
    return None if entry.get(name) in (None, "") else _text(entry, name)


def _unreadable(why: str) -> BadResponse:
    return BadResponse(f"The response does not say which callback is registered: {why}. Check api_url and api_version.")


def differences(registered: Callback | None, wanted: Callback | None) -> tuple[str, ...]:
    """What differs: V(url), V(credentials), both, or nothing. Equivalent spellings of a URL are equal."""
    if registered is None or wanted is None:
        parts = {URL: registered is not wanted, CREDENTIALS: _has_credentials(registered) or _has_credentials(wanted)}
    else:
        parts = {
            URL: _normalized(registered.url) != _normalized(wanted.url),
            CREDENTIALS: (registered.username, registered.password) != (wanted.username, wanted.password),
        }
    return tuple(part for part, is_different in parts.items() if is_different)


def _has_credentials(callback: Callback | None) -> bool:
    return callback is not None and bool(callback.username or callback.password)


def callback_facts(callback: Callback | None, api_version: str, account_name: str) -> dict[str, t.Any]:
    """The part of a callback that may be shown."""
    return {
        "account_name": account_name,
        "api_version": api_version,
        "registered": callback is not None,
        "url": None if callback is None else shown_url(callback.url),
        "has_credentials": _has_credentials(callback),
    }


def shown_url(url: str) -> str:
    """Scheme, host and port. Anything else is masked."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:
        return MASK
    if parts.scheme not in _PORTS or not parts.hostname:
        return MASK
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    user = f"{MASK}@" if "@" in parts.netloc else ""
    is_bare = parts.path in ("", "/") and not parts.query and not parts.fragment
    return f"{parts.scheme}://{user}{host}{'' if port is None else f':{port}'}{parts.path if is_bare else f'/{MASK}'}"


def diff_of(before: Callback | None, after: Callback | None) -> dict[str, dict[str, str]]:
    """Both sides for Ansible's diff mode. Masked values that differ are marked in words."""
    different = differences(before, after)
    return {
        "before": _diff_side(before, different, "as registered"),
        "after": _diff_side(after, different, "as given"),
    }


def _diff_side(callback: Callback | None, different: Iterable[str], word: str) -> dict[str, str]:
    if callback is None:
        return {URL: "none", CREDENTIALS: "none"}
    sides = {URL: shown_url(callback.url), CREDENTIALS: MASK if _has_credentials(callback) else "none"}
    # Two different secrets look the same when they are masked.
    return {part: f"{text} ({word})" if part in different and MASK in text else text for part, text in sides.items()}


def _normalized(url: str) -> tuple[str, ...]:
    """The same value for equivalent spellings of a URL: case of scheme and host, default port, and root path."""
    try:
        parts = urllib.parse.urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return (url,)
    usual = _PORTS.get(parts.scheme)
    host = f"{parts.hostname}:{port or usual}"
    return (parts.scheme, host, parts.username or "", parts.password or "", parts.path or "/", parts.query)


def _hidden_parts(url: str) -> list[str]:
    """The parts of a URL that may be secrets on their own, because the service could return one of them alone."""
    try:
        parts = urllib.parse.urlsplit(url)
        values = [value for _name, value in urllib.parse.parse_qsl(parts.query)]
        found = [parts.username, parts.password, parts.path.strip("/"), *parts.path.split("/"), parts.query, *values]
    except ValueError:
        return []
    return [part for part in found if part and len(part) >= _SHORTEST_SECRET]
