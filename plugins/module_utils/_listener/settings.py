# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Converts the options of a listener to typed settings, or raises an error that names the option."""

from __future__ import annotations

import ipaddress
import re
import ssl
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import LISTENER_OPTIONS, checked
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.admission import Network
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import is_loopback, secret_text
from ansible_collections.fleetops.thingspace.plugins.module_utils._quantities import seconds_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names, printable

# A shorter path can be found by brute force.
_SHORTEST_PATH: t.Final = 16


@dataclass(frozen=True, repr=False)
class ListenerSettings:
    """Where to listen, and whose callbacks to accept. C(path), C(username) and C(password) are secrets.

    C(tls) is None for plain HTTP. C(request_timeout) is in seconds, C(max_body_bytes) in bytes.
    """

    host: str
    port: int
    path: str
    username: str | None
    password: str | None
    tls: ssl.SSLContext | None
    allowed: tuple[Network, ...]
    trusted_proxies: tuple[Network, ...]
    max_body_bytes: int
    max_per_minute: int
    request_timeout: float


def listener_settings_of(given: Mapping[str, t.Any], names: Names = str) -> ListenerSettings:
    """Validate the options, and load the certificate. Raises OptionError.

    C(names) maps an option to the name that the user sees.
    """
    params = checked(given, LISTENER_OPTIONS, names)
    trusted_proxies = _networks("trusted_proxies", params, names)
    tls = _tls_of(params, names)
    if tls is None and not trusted_proxies and not is_loopback(params["host"]):
        raise OptionError(
            f"{names('certfile')} is missing: callbacks would travel unencrypted to {names('host')} "
            f"{printable(params['host'])}. Set it, or name the proxy in {names('trusted_proxies')} that ends TLS.",
            option="certfile",
        )
    username, password = _credentials(params, names)
    return ListenerSettings(
        host=params["host"],
        port=_integer(params, "port", names, 1, 65535),
        path=_path(params, names),
        username=username,
        password=password,
        tls=tls,
        allowed=_networks("allowed_addresses", params, names),
        trusted_proxies=trusted_proxies,
        max_body_bytes=_integer(params, "max_body_bytes", names, 1024, 10_000_000),
        max_per_minute=_integer(params, "max_per_minute", names, 1, 100_000),
        request_timeout=seconds_of(params["request_timeout"]),
    )


def _path(params: Mapping[str, t.Any], names: Names) -> str:
    """Validate the path. The errors never contain it."""
    name, path = names("path"), secret_text("path", params["path"], names)
    if path is None:
        raise OptionError(
            f"{name} is missing: set it to the path of the registered url, with a long secret in it.", option="path"
        )
    path = path if path.startswith("/") else f"/{path}"
    if not re.fullmatch(r"[!-~]+", path) or "#" in path:
        raise OptionError(
            f"{name} must be in ASCII, without blanks and number signs, as it stands in the registered url.",
            option="path",
        )
    if len(path) <= _SHORTEST_PATH:
        raise OptionError(
            f"{name} is too short to be a secret: give {_SHORTEST_PATH} characters or more that nobody can guess, for "
            "example those of openssl rand -hex 32.",
            option="path",
        )
    return path


def _credentials(params: Mapping[str, t.Any], names: Names) -> tuple[str | None, str | None]:
    given = {name: secret_text(name, params[name], names) for name in ("callback_username", "callback_password")}
    for name, value in given.items():
        if value is None and any(given.values()):
            both = " and ".join(map(names, given))
            raise OptionError(f"{names(name)} is missing: set both {both}, or neither.", option=name)
    return given["callback_username"], given["callback_password"]


def _networks(option: str, params: Mapping[str, t.Any], names: Names) -> tuple[Network, ...]:
    if not params[option] and option == "allowed_addresses":
        raise OptionError(f"{names(option)} is an empty list: nobody could send a callback.", option=option)
    return tuple(_network(option, text, names) for text in params[option])


def _network(option: str, text: str, names: Names) -> Network:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError:
        raise OptionError(
            f"{names(option)} must be addresses or networks such as 192.0.2.7, 198.51.100.0/24 or 2001:db8::/32, "
            f"not {printable(text, 60)!r}.",
            option=option,
        ) from None


def _integer(params: Mapping[str, t.Any], option: str, names: Names, least: int, most: int) -> int:
    value = params[option]
    if isinstance(value, bool) or not least <= value <= most:
        raise OptionError(
            f"{names(option)} must be a whole number, from {least} to {most}, not {printable(value, 40)}.",
            option=option,
        )
    return int(value)


def _tls_of(params: Mapping[str, t.Any], names: Names) -> ssl.SSLContext | None:
    certfile, keyfile = params["certfile"], params["keyfile"]
    if not certfile:
        if keyfile:
            raise OptionError(
                f"{names('certfile')} is missing: set it, or remove {names('keyfile')}.", option="certfile"
            )
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for option, path in (("certfile", certfile), ("keyfile", keyfile)):
        _check_readable(option, path, names)
    try:
        context.load_cert_chain(certfile, keyfile or None, password=_no_password)
    except _Encrypted:
        raise OptionError(
            f"{names('keyfile')} is encrypted, and there is nobody to ask for its password: give a key without one, in "
            "a file that only the user of the listener can read.",
            option="keyfile",
        ) from None
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None)
        said = f" ({str(reason).replace('_', ' ').lower()})" if reason else ""
        raise OptionError(
            f"{names('certfile')} and {names('keyfile')} cannot be used{said}: give a certificate with its chain and "
            "the key that belongs to it, both as PEM.",
            option="certfile",
        ) from None
    return context


def _check_readable(option: str, path: str | None, names: Names) -> None:
    if not path:
        return
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise OptionError(
            f"{names(option)} {printable(path, 200)} cannot be read: {error.strerror or 'unknown error'}.",
            option=option,
        ) from None


class _Encrypted(Exception):
    """The private key is encrypted."""


def _no_password() -> str:
    raise _Encrypted
