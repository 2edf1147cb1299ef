# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The network layer: sends requests, and turns every failure into one message."""

from __future__ import annotations

import logging
import math
import sys
import threading
import time
import typing as t
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    ConnectionFailed,
    LibraryMissing,
    ProxyRefused,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.adapter import LimitedAdapter
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.decoding import read_body
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.local_settings import (
    authorities_for,
    proxy_for,
    python_here,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.network_errors import (
    Route,
    network_error,
    proxy_refused,
    too_slow,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.request_limit import (
    RequestLimit,
    Stage,
    TooLate,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Connection
from ansible_collections.fleetops.thingspace.plugins.module_utils._version import VERSION

try:
    import requests
    import urllib3
    import urllib3.exceptions
except ImportError:
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

_HEADERS: t.Final = {
    "User-Agent": f"fleetops.thingspace/{VERSION} (Ansible collection)",
    "Accept": "application/json",
    # Without compression, a body cannot expand.
    "Accept-Encoding": "identity",
}
# Seconds. With less than this, no request can succeed.
_MIN_SECONDS: t.Final = 0.05
_PROXY_AUTHENTICATION: t.Final = 407
# These libraries must not log the content of a request.
_LIBRARIES: t.Final = ("urllib3", "requests", "charset_normalizer", "chardet", "idna", "socks", "http", "h2", "hpack")


@dataclass(frozen=True)
class Response:
    """Status code, headers (names in lower case) and the whole body of a response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends requests to one base URL. Safe for threads.

    C(give_up_at) is a time of the C(monotonic) clock at which every request ends. It may be set at any time.
    """

    def __init__(
        self, connection: Connection, pool_size: int = 8, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Raises LibraryMissing, or OptionError if certificate authorities or a proxy cannot be used."""
        if not HAS_REQUESTS:
            raise LibraryMissing(
                f"The Python library requests is missing for {python_here()}, which sends the requests: install it "
                f"there ({sys.executable} -m pip install requests)."
            )
        silence_libraries()
        url = urllib.parse.urlsplit(connection.api_url)
        is_https = url.scheme == "https"
        self.base_url = connection.api_url
        self.names = connection.names
        self.request_timeout = connection.request_timeout
        self.give_up_at = math.inf
        self.host = f"{url.hostname}:{url.port or (443 if is_https else 80)}"
        self.requests = 0
        self._monotonic = monotonic
        proxy = proxy_for(connection.api_url)
        self._proxies = {} if proxy is None else {url.scheme: proxy.url}
        self._route = Route(self.host, is_https, None if proxy is None else proxy.variable, connection.names)
        is_tls = is_https or (proxy is not None and proxy.url.startswith("https:"))
        self._verify = authorities_for(connection.verify, is_tls, connection.names("ca_path"))
        if self._verify is False:
            # One warning for each request would hide everything else, and the user has chosen this.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._adapter = LimitedAdapter(pool_connections=1, pool_maxsize=pool_size, max_retries=0)
        self._lock = threading.Lock()
        self._refused_by_proxy: ProxyRefused | None = None
        self._is_abandoned = False
        self._in_flight: set[RequestLimit] = set()

    def abandon(self) -> None:
        """Abort all requests in flight and send no more. Called from another thread."""
        with self._lock:
            self._is_abandoned = True
            in_flight = list(self._in_flight)
        for request_limit in in_flight:
            request_limit.abandon()

    def close(self) -> None:
        """Close every connection."""
        self._adapter.close()

    def send(
        self,
        method: str,
        path: t.Sequence[str],
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: t.Any = None,
    ) -> Response:
        """Send one request within C(request_timeout) in total. Redirects are not followed.

        If a GET on a reused connection fails without a response, it is repeated once, at once, on a new connection:
        most likely something on the route, such as a NAT, had dropped the old one. Nothing else is ever repeated. Other
        methods always use a new connection.

        C(path) is a list of segments below the base URL, which are percent-encoded here. C(headers) are the secret
        ones. Raises ConnectionFailed, CertificateRefused, ProxyRefused, OptionError or BadResponse. If the body was
        incomplete, the error has the C(status).
        """
        seconds, option = self._request_time()
        request_limit = RequestLimit(method != "GET", self._monotonic)
        with self._lock:
            if self._refused_by_proxy is not None:
                raise ProxyRefused(self._refused_by_proxy.message)
            if self._is_abandoned:
                raise ConnectionFailed(f"Nothing more was asked of {self.host}: stopped.", maybe_processed=False)
            self.requests += 1
            self._in_flight.add(request_limit)
        url = "/".join((self.base_url, *(urllib.parse.quote(segment, safe="") for segment in path)))
        failure: ThingSpaceError
        try:
            # A session would read ~/.netrc, keep cookies, and decode the body of a redirect without a limit.
            request = requests.Request(method, url, {**_HEADERS, **headers}, params=query, data=form, json=json)
            prepared = request.prepare()
            answer = request_limit.run_within(
                lambda: self._exchange_with_retry(prepared, request_limit, seconds), seconds
            )
        except TooLate:
            failure = too_slow(self._route, request_limit.stage, seconds, option)
        except Exception as error:
            failure = network_error(error, self._route, request_limit.stage, seconds, option)
        else:
            if answer.status != _PROXY_AUTHENTICATION:
                return answer
            failure = proxy_refused(self._route, answer.status)
        finally:
            with self._lock:
                self._in_flight.discard(request_limit)
        # Not chained to the original error: it would keep everything that the request holds in memory while a wait
        # keeps its last error.
        raise self._record_failure(failure, request_limit)

    def _request_time(self) -> tuple[float, str]:
        """The seconds that a request may take, and the option that limits them. Raises ConnectionFailed."""
        left = self.give_up_at - self._monotonic()
        if left >= self.request_timeout:
            return self.request_timeout, self.names("request_timeout")
        if left < min(_MIN_SECONDS, self.request_timeout):
            raise ConnectionFailed(
                f"No further request was sent to {self.host}: the timeout was over ({self.names('wait_timeout')}).",
                maybe_processed=False,
            )
        return left, self.names("wait_timeout")

    def _record_failure(self, failure: ThingSpaceError, request_limit: RequestLimit) -> ThingSpaceError:
        if isinstance(failure, TransientError):
            failure = failure.with_changes(status=request_limit.status)
        if isinstance(failure, ProxyRefused):
            with self._lock:
                self._refused_by_proxy = failure
        return failure

    def _exchange_with_retry(
        self, request: requests.PreparedRequest, request_limit: RequestLimit, seconds: float
    ) -> Response:
        try:
            return self._exchange(request, request_limit, seconds)
        except Exception:
            if request.method != "GET" or not request_limit.failed_on_stale_connection:
                raise
        with self._lock:
            self.requests += 1
        request_limit.restart()
        return self._exchange(request, request_limit, seconds)

    def _exchange(self, request: requests.PreparedRequest, request_limit: RequestLimit, seconds: float) -> Response:
        # These timeouts come after the limit, and only end abandoned requests.
        response = self._adapter.send(
            request, stream=True, timeout=seconds + 1, verify=self._verify, proxies=self._proxies
        )
        request_limit.stage, request_limit.status = Stage.ANSWERING, response.status_code
        headers = {name.lower(): value for name, value in response.headers.items()}
        raw = response.raw
        count = 0

        def read(size: int) -> bytes:
            nonlocal count
            chunk: bytes = raw.read(size, decode_content=False)
            count += len(chunk)
            return chunk

        try:
            body = read_body(read, headers.get("content-encoding", ""), request_limit.check)
            if _is_cut_off(headers, count, response.status_code):
                raise ConnectionResetError
        except BaseException:
            raw.close()
            raise
        raw.release_conn()
        return Response(response.status_code, headers, body)


def _is_cut_off(headers: Mapping[str, str], count: int, status: int) -> bool:
    """True if the body is shorter than its Content-Length, which urllib3 1.26 does not check."""
    length = headers.get("content-length", "").strip()
    if "transfer-encoding" in headers or status in (204, 304) or not (length.isascii() and length.isdigit()):
        return False
    return count < int(length)


def silence_libraries() -> None:
    """Discard everything that these libraries log, for the rest of this process.

    urllib3 logs header lines that it cannot parse, whatever they contain. With E(ANSIBLE_LOG_PATH), Ansible's root
    logger writes all log records to a file.
    """
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.propagate = False
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
        # Without a handler, Python would write to standard error.
        logger.addHandler(logging.NullHandler())
