# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: exceptions of requests, urllib3 and the system -> one message for an operator."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadResponse,
    CertificateRefused,
    ConnectionFailed,
    OptionError,
    ProxyRefused,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.decoding import (
    MAX_BODY_BYTES,
    BadCoding,
    TooLarge,
    UnknownCoding,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.request_limit import (
    MAX_HEAD_BYTES,
    HeadTooLarge,
    Stage,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names, printable

try:
    import requests.exceptions as requests_failures
    import urllib3.exceptions as urllib3_failures
    from urllib3.util.ssl_match_hostname import CertificateError
except ImportError:
    pass

_UNREACHABLE: t.Final = frozenset(
    {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EACCES}
)
# The text of http.client, in every version, for a failed CONNECT.
_TUNNEL_FAILED: t.Final = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")
_PROXY_AUTHENTICATION: t.Final = 407
# A proxy sends these while it cannot reach the host.
_TEMPORARY_STATUS: t.Final = (408, 429)
# RFC 1928 and SOCKS 4: not allowed by the ruleset, and user rejected.
_SOCKS_REFUSALS: t.Final = ("0x02:", "0x5c:", "0x5d:")
_NO_TLS: t.Final = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)


@dataclass(frozen=True)
class Route:
    """The route of a request: C(host) with its port, and the variable that sets the proxy, if any.

    C(names) maps the name of an option to what the user calls it.
    """

    host: str
    is_https: bool
    proxy: str | None
    names: Names = str

    def is_at_proxy(self, stage: Stage) -> bool:
        """True if the proxy is the peer at this stage."""
        last = Stage.AT_PROXY if self.is_https else Stage.HANDSHAKE
        return self.proxy is not None and stage <= last

    def peer(self, stage: Stage) -> str:
        """The peer at this stage, for messages."""
        return f"The proxy for {self.host}" if self.is_at_proxy(stage) else self.host

    def advice(self, stage: Stage) -> str:
        """What to check, appended to a message about the proxy. Empty if the message is about the host."""
        return f": check {self.proxy} and no_proxy" if self.is_at_proxy(stage) else ""


def too_slow(route: Route, stage: Stage, seconds: float, option: str) -> ConnectionFailed:
    """The error for a request that timed out at this stage. C(option) is the option that set the limit."""
    peer, limit = route.peer(stage), f"within {seconds:.3g} seconds ({option}){route.advice(stage)}"
    if stage is Stage.RESOLVING:
        sentence = f"The host name of {_in_a_sentence(peer)} was not resolved {limit}."
    elif stage is Stage.CONNECTING:
        sentence = f"{peer} did not accept a connection {limit}."
    elif stage is Stage.HANDSHAKE and route.is_https:
        sentence = f"{peer} did not complete the TLS handshake {limit}."
    elif stage is Stage.ANSWERING:
        sentence = f"{peer} did not complete its response {limit}."
    else:
        sentence = f"{peer} did not respond {limit}."
    return ConnectionFailed(sentence, maybe_processed=stage >= Stage.SENT)


def proxy_refused(route: Route, status: int) -> ThingSpaceError:
    """The error for a status that the proxy itself returned."""
    proxy = f"The proxy for {route.host}"
    if status == _PROXY_AUTHENTICATION:
        return ProxyRefused(f"{proxy} refused access (HTTP 407): check its user and password in {_variable(route)}.")
    if status < 300 or status in _TEMPORARY_STATUS or status >= 500:
        return ConnectionFailed(f"{proxy} could not connect: HTTP {status}.", maybe_processed=False)
    return _refused_by_ruleset(route, f" (HTTP {status})")


def _refused_by_ruleset(route: Route, said: str = "") -> ProxyRefused:
    return ProxyRefused(
        f"The proxy for {route.host} refused the connection{said}: check {_variable(route)} and no_proxy, or "
        "allow this host in the proxy."
    )


def _variable(route: Route) -> str:
    return route.proxy or "https_proxy"


def network_error(error: Exception, route: Route, stage: Stage, seconds: float, option: str) -> ThingSpaceError:
    """The ThingSpaceError for an exception at this stage.

    C(seconds) and C(option) are for a timeout, as in C(too_slow).

    The text of the exception is never quoted: it can contain the URL of a proxy with its password.
    """
    causes = list(_causes(error))
    # Not urllib3's own TimeoutError: in 1.26, it is raised for every failed connection.
    if _has_cause(causes, requests_failures.Timeout, urllib3_failures.ReadTimeoutError, socket.timeout):
        return too_slow(route, stage, seconds, option)
    found = (
        _certificate_error(causes, route, stage) or _refusal_of_proxy(causes, route) or _tls_error(causes, route, stage)
    )
    return found or (
        _error_after_sending(causes, route) if stage >= Stage.SENT else _error_before_sending(causes, route, stage)
    )


def _certificate_error(causes: list[BaseException], route: Route, stage: Stage) -> ThingSpaceError | None:
    for cause in causes:
        if isinstance(cause, (ssl.SSLCertVerificationError, CertificateError)):
            # urllib3 1.26 matches host names itself, and its error has no such attribute.
            reason = str(getattr(cause, "verify_message", "") or cause)
            whose = _in_a_sentence(route.peer(stage))
            where = route.proxy if route.is_at_proxy(stage) else route.names("api_url")
            return CertificateRefused(
                f"The TLS certificate of {whose} was refused: {printable(reason, 200).rstrip('.')}. "
                f"Check {where}; for a private certificate authority set {route.names('ca_path')}."
            )
    return None


def _refusal_of_proxy(causes: list[BaseException], route: Route) -> ThingSpaceError | None:
    for cause in causes:
        match = _TUNNEL_FAILED.match(str(cause.args[0])) if isinstance(cause, OSError) and cause.args else None
        if match:
            return proxy_refused(route, int(match[1]))
        # PySocks may be missing, so its classes are matched by name.
        kind, said = type(cause).__name__, str(cause).lower()
        if kind == "SOCKS5AuthError":
            return ProxyRefused(
                f"The proxy for {route.host} refused access: check its user and password in {_variable(route)}."
            )
        if kind in ("SOCKS5Error", "SOCKS4Error") and said.startswith(_SOCKS_REFUSALS):
            return _refused_by_ruleset(route)
    return None


def _tls_error(causes: list[BaseException], route: Route, stage: Stage) -> ThingSpaceError | None:
    """The error with OpenSSL's own reason, which is the only hint at why the handshake failed."""
    reason = next((cause.reason for cause in causes if isinstance(cause, ssl.SSLError) and cause.reason), None)
    if not reason:
        return None
    is_alert = "ALERT" in reason
    if stage >= Stage.SENT and not is_alert:
        return None
    peer = _in_a_sentence(route.peer(stage))
    sentence = f"No TLS connection to {peer}: OpenSSL says {reason.replace('_', ' ').lower()}."
    if reason in _NO_TLS:
        where = f"check {route.names('api_url')}"
        if route.is_at_proxy(stage):
            where = f"{route.proxy} begins with http:// for most proxies"
        sentence = f"{sentence[:-1]}. The port does not seem to use TLS: {where}."
    # With TLS 1.3, the peer can reject the client's part of the handshake only after the first request.
    return ConnectionFailed(sentence, maybe_processed=stage >= Stage.SENT and not is_alert)


def _error_before_sending(causes: list[BaseException], route: Route, stage: Stage) -> ThingSpaceError:
    if _has_cause(causes, requests_failures.InvalidURL, urllib3_failures.LocationParseError, UnicodeError):
        return OptionError(
            f"{route.names('api_url')} has no valid host name: it must be a URL such as https://thingspace.verizon.com/api."
        )
    number = next((cause.errno for cause in causes if isinstance(cause, OSError) and cause.errno), None)
    peer = _in_a_sentence(route.peer(stage))
    if _has_cause(causes, socket.gaierror):
        advice = route.advice(stage) or f": check {route.names('api_url')} and DNS"
        sentence = f"The host name of {peer} cannot be resolved{advice}."
    elif number in _UNREACHABLE:
        sentence = f"No connection to {peer}: {os.strerror(number)}{route.advice(stage)}."
    elif route.is_at_proxy(stage):
        sentence = f"The proxy for {route.host} could not be used{route.advice(stage)}."
    elif stage <= Stage.CONNECTING:
        sentence = f"No connection to {route.host}{': ' + os.strerror(number) if number else ''}."
    else:
        sentence = f"The connection to {route.host} was closed during the TLS handshake."
    return ConnectionFailed(sentence, maybe_processed=False)


def _error_after_sending(causes: list[BaseException], route: Route) -> ThingSpaceError:
    if _has_cause(causes, TooLarge):
        return BadResponse(
            f"{route.host} sent a response of more than {MAX_BODY_BYTES // 2**20} MiB: the rest was not read."
        )
    if _has_cause(causes, HeadTooLarge):
        return BadResponse(
            f"{route.host} sent headers of more than {MAX_HEAD_BYTES // 1024} KiB: the rest was not read."
        )
    if _has_cause(causes, BadCoding):
        return BadResponse(
            f"{route.host} sent a response whose compression does not match its Content-Encoding header."
        )
    if _has_cause(causes, UnknownCoding):
        return BadResponse(f"{route.host} sent a response with a compression that was not requested.")
    if _has_cause(causes, OSError, urllib3_failures.HTTPError):
        return ConnectionFailed(f"The connection to {route.host} was closed before the response was complete.")
    return BadResponse(f"{route.host} sent something that is not HTTP: check {route.names('api_url')}.")


def _in_a_sentence(peer: str) -> str:
    return peer.replace("The proxy", "the proxy")


def _has_cause(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and everything that requests and urllib3 wrapped in it, once each."""
    seen: set[int] = set()
    queue: list[t.Any] = [error]
    while queue:
        cause = queue.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            queue += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
