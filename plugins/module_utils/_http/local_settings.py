# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The settings of the environment for proxies and certificate authorities, checked before any request is sent.

Otherwise a mistake in them would look like a network error, which a wait retries, or would be blamed on C(api_url). The
names and their order are those of requests.
"""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import ssl
import sys
import typing as t
import urllib.request
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError

try:
    import requests.auth
    import requests.utils
    import urllib3.exceptions
    import urllib3.util
except ImportError:
    pass

_CA_VARIABLES: t.Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_SOCKS: t.Final = frozenset({"socks4", "socks4a", "socks5", "socks5h"})
_SCHEMES: t.Final = frozenset({"http", "https"}) | _SOCKS
# File names that "openssl rehash" creates in a directory. OpenSSL reads no others.
_HASH_NAME: t.Final = re.compile(r"[0-9a-f]{8}\.[0-9]+")


@dataclass(frozen=True, repr=False)
class Proxy:
    """The proxy for a URL: its own URL, including a password, and the variable that sets it."""

    url: str
    variable: str


def python_here() -> str:
    """The Python that runs this, for messages: C(/usr/bin/python3 on bastion)."""
    return f"{sys.executable} on {socket.gethostname()}"


def proxy_for(url: str) -> Proxy | None:
    """The proxy of the environment for this URL, None if there is none. Raises OptionError.

    Settings of the operating system (macOS) are not read, because that is not safe in the forked processes of Ansible.
    """
    proxies = urllib.request.getproxies_environment()
    if not any(name != "no" for name in proxies) or requests.utils.should_bypass_proxies(url, no_proxy=None):
        return None
    address = requests.utils.select_proxy(url, proxies)
    if not address:
        return None
    return _checked_proxy(address, _variable_of(address, proxies))


def _variable_of(address: str, proxies: t.Mapping[str, str]) -> str:
    names = [f"{scheme}_proxy" for scheme, its_address in proxies.items() if its_address == address]
    set_ones = [name for name, value in os.environ.items() if name.lower() in names and value == address]
    return next(iter(sorted(set_ones, reverse=True)), "https_proxy")


def _checked_proxy(address: str, variable: str) -> Proxy:
    """The proxy, if its URL is unambiguous. Messages never quote it, because it may contain a password."""
    if re.search(r"[\x00-\x20\x7f\\]", address):
        raise _bad_proxy(variable, "it contains a space, a backslash or a control character")
    if re.search(r"[\[\]].*@", address):
        raise _bad_proxy(variable, "its user or password contains a bracket")
    try:
        port = urllib3.util.parse_url(address if "://" in address else f"http://{address}").port
        url: str = requests.utils.prepend_scheme_if_needed(address, "http")  # type: ignore[no-untyped-call]
        parsed = urllib3.util.parse_url(url)
        # As it is used later, and in ASCII as DNS needs it.
        requests.auth._basic_auth_str(*requests.utils.get_auth_from_url(url))
        (parsed.host or "").strip("[]").encode("idna")
    except (ValueError, urllib3.exceptions.HTTPError):
        raise _bad_proxy(variable, "it cannot be parsed") from None
    if parsed.scheme not in _SCHEMES:
        raise OptionError(f"{variable} has an unsupported scheme: use one of {', '.join(sorted(_SCHEMES))}.")
    if not parsed.host or port == 0:
        raise _bad_proxy(variable, "it has no host or no valid port")
    if parsed.path not in (None, "", "/") or parsed.query is not None or parsed.fragment is not None:
        raise _bad_proxy(variable, "it continues after its host and port")
    if parsed.scheme in _SOCKS and importlib.util.find_spec("socks") is None:
        raise OptionError(
            f"{variable} names a SOCKS proxy, for which the Python library PySocks is missing for {python_here()}: "
            f"install it there ({sys.executable} -m pip install PySocks), or use another proxy."
        )
    return Proxy(url, variable)


def _bad_proxy(variable: str, why: str) -> OptionError:
    return OptionError(
        f"{variable} is not the address of a proxy: {why}. Use the form http://proxy.example:3128 or "
        "http://user:password@proxy.example:3128, and percent-encode special characters in the user and password "
        "(# is %23, / is %2F, @ is %40)."
    )


def authorities_for(verify: bool | str, is_tls: bool, ca_path: str = "ca_path") -> bool | str:
    """The value of C(verify) for requests: the option, or the environment variable if the option is not set.

    C(ca_path) is what the user calls the option of that name.

    Raises OptionError if a path has no certificates. A variable is checked only if TLS is used.
    """
    if isinstance(verify, str):
        _check_authorities(ca_path, verify)
        return verify
    if verify is False:
        return False
    for variable in _CA_VARIABLES:
        path = os.environ.get(variable)
        if path:
            if is_tls:
                _check_authorities(variable, path)
            return path
    return True


def _check_authorities(setting: str, path: str) -> None:
    where = f"on the host that sends the requests: {path}"
    if not os.path.exists(path):
        raise OptionError(f"{setting} does not exist {where}.")
    try:
        if os.path.isdir(path):
            has_any = any(_HASH_NAME.fullmatch(name) for name in os.listdir(path))
            if not has_any:
                raise OptionError(f"{setting} has no certificate under its hash {where}. Run openssl rehash on it.")
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=path)
        has_any = context.cert_store_stats()["x509"] > 0
    except ssl.SSLError:
        has_any = False
    except OSError as error:
        raise OptionError(f"{setting} cannot be read {where} ({os.strerror(error.errno or 0)}).") from error
    if not has_any:
        raise OptionError(f"{setting} has no certificate in PEM form, or one that is damaged, {where}.")
