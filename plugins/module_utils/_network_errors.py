# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: from what requests, urllib3 and the system raise to one sentence for an operator."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import typing as t
from collections.abc import Iterator

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadAnswer,
    CertificateRefused,
    ConnectionFailed,
    OptionError,
    ThingSpaceError,
)

try:
    import requests.exceptions as failures
    import urllib3.exceptions as pool_failures
except ImportError:
    pass

_UNREACHABLE: t.Final = frozenset({errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})


def too_slow(host: str, what: str, seconds: float) -> str:
    """The sentence for a request that took too long."""
    return f"{host} {what} within {seconds:g} seconds (request_timeout)."


def network_error(error: BaseException, host: str, request_timeout: float) -> ThingSpaceError:
    """The error of the family that says what went wrong between here and C(host).

    No text of the libraries is quoted: it can hold the address of a proxy with its password.
    """
    causes = list(_causes(error))
    return (
        _certificate_error(causes, host)
        or _error_before_sending(causes, host, request_timeout)
        or _error_after(causes, host, request_timeout)
    )


def _certificate_error(causes: list[BaseException], host: str) -> ThingSpaceError | None:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CertificateRefused(
                f"The TLS certificate of {host} was refused: {cause.verify_message.rstrip('.')}. "
                "Check api_url; for a private certificate authority set ca_path."
            )
    return None


def _error_before_sending(causes: list[BaseException], host: str, request_timeout: float) -> ThingSpaceError | None:
    if _any(causes, failures.InvalidURL, UnicodeError):
        return OptionError("api_url has no usable host name: it must look like https://thingspace.verizon.com/api.")
    sentence = ""
    number = next((cause.errno for cause in causes if isinstance(cause, OSError) and cause.errno), None)
    if _any(causes, failures.ProxyError):
        sentence = f"The proxy on the way to {host} could not be used: check https_proxy and no_proxy."
    elif _any(causes, failures.ConnectTimeout):
        sentence = too_slow(host, "accepted no connection", request_timeout)
    elif _any(causes, socket.gaierror):
        sentence = f"The host name of {host} cannot be resolved: check api_url and DNS."
    elif number in _UNREACHABLE:
        sentence = f"No connection to {host}: {os.strerror(number)}."
    return ConnectionFailed(sentence, maybe_processed=False) if sentence else None


def _error_after(causes: list[BaseException], host: str, request_timeout: float) -> ThingSpaceError:
    if _any(causes, failures.Timeout, pool_failures.ReadTimeoutError):
        return ConnectionFailed(too_slow(host, "did not answer", request_timeout))
    if _any(causes, failures.ContentDecodingError, pool_failures.DecodeError):
        return BadAnswer(f"{host} sent an answer that is not compressed in the way that its header says.")
    if _any(causes, failures.SSLError, ssl.SSLError):
        return ConnectionFailed(f"No TLS connection to {host}: is it an https address?")
    return ConnectionFailed(f"The connection to {host} broke before the answer was complete.")


def _any(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and everything that requests and urllib3 wrapped into it, once each."""
    seen: set[int] = set()
    waiting: list[t.Any] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
