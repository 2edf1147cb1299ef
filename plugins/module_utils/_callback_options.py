# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: converts validated parameters of C(callback) and C(callback_info) to typed settings, or raises an error."""

from __future__ import annotations

import re
import typing as t
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.callback import Callback
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import (
    Connection,
    Credentials,
    account_name_of,
    connection_of,
    credentials_of,
    is_loopback,
    secret_text,
)

Params = Mapping[str, t.Any]

_PAIR: t.Final = ("callback_username", "callback_password")
_EXAMPLE: t.Final = "https://callbacks.example.com:9001/a-long-secret"
_LONGEST_URL: t.Final = 2000


@dataclass(frozen=True, repr=False)
class ServiceSettings:
    """The connection, the credentials and the account."""

    account_name: str
    connection: Connection
    credentials: Credentials


@dataclass(frozen=True, repr=False)
class CallbackSettings:
    """The settings of C(callback). C(wanted) is None to delete the registration."""

    service: ServiceSettings
    api_version: str
    wanted: Callback | None


@dataclass(frozen=True, repr=False)
class CallbackInfoSettings:
    """The settings of C(callback_info). C(api_versions) are distinct and in the order of the user."""

    service: ServiceSettings
    api_versions: tuple[str, ...]


def callback_settings_of(params: Params) -> CallbackSettings:
    """Validate the options of C(callback). Raises OptionError."""
    service = _service_of(params)
    api_version = params["api_version"]
    wanted = _wanted(params, api_version)
    return CallbackSettings(service, api_version, wanted)


def callback_info_settings_of(params: Params) -> CallbackInfoSettings:
    """Validate the options of C(callback_info). Raises OptionError."""
    if not params["api_version"]:
        raise OptionError("api_version is an empty list: name at least one version.", option="api_version")
    return CallbackInfoSettings(_service_of(params), tuple(dict.fromkeys(params["api_version"])))


def _service_of(params: Params) -> ServiceSettings:
    return ServiceSettings(account_name_of(params), connection_of(params), credentials_of(params))


def _wanted(params: Params, api_version: str) -> Callback | None:
    given = {name: secret_text(name, params[name], str) for name in ("url", *_PAIR)}
    if params["state"] == "absent":
        needless = [name for name, value in given.items() if value is not None]
        if needless:
            raise OptionError(f"{needless[0]} does not go with state: absent: leave it out.", option=needless[0])
        return None
    username, password = (given[name] for name in _PAIR)
    if api_version != "v1" and (username or password):
        raise OptionError(
            "callback_username and callback_password go with api_version: v1 only: the other versions have no place "
            "for them. Put a secret into the path of the url instead.",
            option="callback_username",
        )
    if bool(username) != bool(password):
        missing = _PAIR[0] if password else _PAIR[1]
        raise OptionError(
            f"{missing} is missing: set both callback_username and callback_password, or neither.", option=missing
        )
    return Callback(_checked_url(given["url"], api_version), username, password)


def _checked_url(url: str | None, api_version: str) -> str:
    """Validate the URL. The errors never contain it, because its path can be a secret."""
    if url is None:
        raise OptionError(f"url is missing: set it to the address of your listener, such as {_EXAMPLE}.", option="url")
    try:
        parts = urllib.parse.urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not re.fullmatch(r"[!-~]+", url) or len(url) > _LONGEST_URL:
        raise OptionError(
            f"url must look like {_EXAMPLE}: scheme, host and path, in ASCII without blanks, "
            f"{_LONGEST_URL} characters at most.",
            option="url",
        )
    parts = urllib.parse.urlsplit(url)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise OptionError("url must not hold a user, a password or a fragment: only scheme, host, path.", option="url")
    if parts.scheme == "http" and api_version != "v1" and not is_loopback(parts.hostname or ""):
        raise OptionError(
            f"url must begin with https: ThingSpace sends the callbacks of api_version {api_version} over TLS only.",
            option="url",
        )
    return url
