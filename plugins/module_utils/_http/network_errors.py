# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: from what requests, urllib3 and the system raise to one sentence for an operator."""

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
    MOST_HEAD_BYTES,
    HeadTooLarge,
    Stage,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names, printable

try:
    import requests.exceptions as failures
    import urllib3.exceptions as pool_failures
    from urllib3.util.ssl_match_hostname import CertificateError
except ImportError:
    pass

_UNREACHABLE: t.Final = frozenset(
    {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EACCES}
)
# What http.client says, in every version, of an answer to CONNECT.
_TUNNEL_FAILED: t.Final = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")
_PROXY_AUTHENTICATION: t.Final = 407
# A proxy says these when it cannot reach the host for now.
_PASSING: t.Final = (408, 429)
# Of RFC 1928 and SOCKS 4: not allowed by the ruleset, and refused for the sake of the user.
_SOCKS_REFUSALS: t.Final = ("0x02:", "0x5c:", "0x5d:")
_NO_TLS: t.Final = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)


@dataclass(frozen=True)
class Way:
    """Where a request goes: C(host) with its port, and the variable that names the proxy in between, if any.

    C(names) gives what the user calls an option.
    """

    host: str
    is_https: bool
    proxy: str | None
    names: Names = str

    def is_at_proxy(self, stage: Stage) -> bool:
        """True if it is the proxy that speaks at this stage."""
        last = Stage.AT_PROXY if self.is_https else Stage.HANDSHAKE
        return self.proxy is not None and stage <= last

    def peer(self, stage: Stage) -> str:
        """Who speaks at this stage, for sentences."""
        return f"The proxy for {self.host}" if self.is_at_proxy(stage) else self.host

    def advice(self, stage: Stage) -> str:
        """What to check, to follow a sentence about the proxy; nothing if it is about the host."""
        return f": check {self.proxy} and no_proxy" if self.is_at_proxy(stage) else ""


def too_slow(way: Way, stage: Stage, seconds: float, option: str) -> ConnectionFailed:
    """The error for a request that has used up its time, which C(option) has set, when it had come so far."""
    peer, limit = way.peer(stage), f"within {seconds:.3g} seconds ({option}){way.advice(stage)}"
    if stage is Stage.RESOLVING:
        sentence = f"The host name of {_in_a_sentence(peer)} was not resolved {limit}."
    elif stage is Stage.CONNECTING:
        sentence = f"{peer} did not accept a connection {limit}."
    elif stage is Stage.HANDSHAKE and way.is_https:
        sentence = f"{peer} did not complete the TLS handshake {limit}."
    elif stage is Stage.ANSWERING:
        sentence = f"{peer} did not complete its response {limit}."
    else:
        sentence = f"{peer} did not respond {limit}."
    return ConnectionFailed(sentence, maybe_processed=stage >= Stage.SENT)


def proxy_refused(way: Way, status: int) -> ThingSpaceError:
    """The error for a proxy that answers with this status itself."""
    proxy = f"The proxy for {way.host}"
    if status == _PROXY_AUTHENTICATION:
        return ProxyRefused(f"{proxy} refused access (HTTP 407): check its user and password in {_variable(way)}.")
    if status < 300 or status in _PASSING or status >= 500:
        return ConnectionFailed(f"{proxy} could not connect: HTTP {status}.", maybe_processed=False)
    return _refused_by_ruleset(way, f" (HTTP {status})")


def _refused_by_ruleset(way: Way, said: str = "") -> ProxyRefused:
    return ProxyRefused(
        f"The proxy for {way.host} refused the connection{said}: check {_variable(way)} and no_proxy, or "
        "allow this host in the proxy."
    )


def _variable(way: Way) -> str:
    return way.proxy or "https_proxy"


def network_error(error: Exception, way: Way, stage: Stage, seconds: float, option: str) -> ThingSpaceError:
    """The ThingSpaceError that says what went wrong on this way when the request had come so far.

    C(seconds) and C(option) are for one that has used up its time, as in C(too_slow).

    No text of the libraries is quoted: it can hold the address of a proxy with its password.
    """
    causes = list(_causes(error))
    # Not by urllib3's own TimeoutError: in 1.26, that is every connection that was not made.
    if _any(causes, failures.Timeout, pool_failures.ReadTimeoutError, socket.timeout):
        return too_slow(way, stage, seconds, option)
    found = _certificate_error(causes, way, stage) or _refusal_of_proxy(causes, way) or _tls_error(causes, way, stage)
    return found or (_error_after(causes, way) if stage >= Stage.SENT else _error_before(causes, way, stage))


def _certificate_error(causes: list[BaseException], way: Way, stage: Stage) -> ThingSpaceError | None:
    for cause in causes:
        if isinstance(cause, (ssl.SSLCertVerificationError, CertificateError)):
            # urllib3 1.26 compares the names itself, and has no such attribute then.
            reason = str(getattr(cause, "verify_message", "") or cause)
            whose = _in_a_sentence(way.peer(stage))
            where = way.proxy if way.is_at_proxy(stage) else way.names("api_url")
            return CertificateRefused(
                f"The TLS certificate of {whose} was refused: {printable(reason, 200).rstrip('.')}. "
                f"Check {where}; for a private certificate authority set {way.names('ca_path')}."
            )
    return None


def _refusal_of_proxy(causes: list[BaseException], way: Way) -> ThingSpaceError | None:
    for cause in causes:
        match = _TUNNEL_FAILED.match(str(cause.args[0])) if isinstance(cause, OSError) and cause.args else None
        if match:
            return proxy_refused(way, int(match[1]))
        # PySocks may be missing, so that its classes are known by their names only.
        kind, said = type(cause).__name__, str(cause).lower()
        if kind == "SOCKS5AuthError":
            return ProxyRefused(
                f"The proxy for {way.host} refused access: check its user and password in {_variable(way)}."
            )
        if kind in ("SOCKS5Error", "SOCKS4Error") and said.startswith(_SOCKS_REFUSALS):
            return _refused_by_ruleset(way)
    return None


def _tls_error(causes: list[BaseException], way: Way, stage: Stage) -> ThingSpaceError | None:
    """What OpenSSL says, which is the only hint at what the two sides do not agree about."""
    reason = next((cause.reason for cause in causes if isinstance(cause, ssl.SSLError) and cause.reason), None)
    if not reason:
        return None
    is_alert = "ALERT" in reason
    if stage >= Stage.SENT and not is_alert:
        return None
    peer = _in_a_sentence(way.peer(stage))
    sentence = f"No TLS connection to {peer}: OpenSSL says {reason.replace('_', ' ').lower()}."
    if reason in _NO_TLS:
        where = f"check {way.names('api_url')}"
        if way.is_at_proxy(stage):
            where = f"{way.proxy} begins with http:// for most proxies"
        sentence = f"{sentence[:-1]}. The port does not seem to use TLS: {where}."
    # With TLS 1.3, the other side can object to the client's part of the handshake only after the first request.
    return ConnectionFailed(sentence, maybe_processed=stage >= Stage.SENT and not is_alert)


def _error_before(causes: list[BaseException], way: Way, stage: Stage) -> ThingSpaceError:
    if _any(causes, failures.InvalidURL, pool_failures.LocationParseError, UnicodeError):
        return OptionError(
            f"{way.names('api_url')} has no valid host name: it must be a URL such as https://thingspace.verizon.com/api."
        )
    number = next((cause.errno for cause in causes if isinstance(cause, OSError) and cause.errno), None)
    peer = _in_a_sentence(way.peer(stage))
    if _any(causes, socket.gaierror):
        advice = way.advice(stage) or f": check {way.names('api_url')} and DNS"
        sentence = f"The host name of {peer} cannot be resolved{advice}."
    elif number in _UNREACHABLE:
        sentence = f"No connection to {peer}: {os.strerror(number)}{way.advice(stage)}."
    elif way.is_at_proxy(stage):
        sentence = f"The proxy for {way.host} could not be used{way.advice(stage)}."
    elif stage <= Stage.CONNECTING:
        sentence = f"No connection to {way.host}{': ' + os.strerror(number) if number else ''}."
    else:
        sentence = f"The connection to {way.host} was closed during the TLS handshake."
    return ConnectionFailed(sentence, maybe_processed=False)


def _error_after(causes: list[BaseException], way: Way) -> ThingSpaceError:
    if _any(causes, TooLarge):
        return BadResponse(
            f"{way.host} sent a response of more than {MAX_BODY_BYTES // 2**20} MiB: the rest was not read."
        )
    if _any(causes, HeadTooLarge):
        return BadResponse(
            f"{way.host} sent headers of more than {MOST_HEAD_BYTES // 1024} KiB: the rest was not read."
        )
    if _any(causes, BadCoding):
        return BadResponse(f"{way.host} sent a response whose compression does not match its Content-Encoding header.")
    if _any(causes, UnknownCoding):
        return BadResponse(f"{way.host} sent a response with a compression that was not requested.")
    if _any(causes, OSError, pool_failures.HTTPError):
        return ConnectionFailed(f"The connection to {way.host} was closed before the response was complete.")
    return BadResponse(f"{way.host} sent something that is not HTTP: check {way.names('api_url')}.")


def _in_a_sentence(peer: str) -> str:
    return peer.replace("The proxy", "the proxy")


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
