# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The edge to the network: one requests session, bytes in, bytes out, every failure as a sentence."""

from __future__ import annotations

import math
import os
import socket
import sys
import threading
import time
import typing as t
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._adapter import BoundedAdapter
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    BadAnswer,
    ConnectionFailed,
    LibraryMissing,
    OptionError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._network_errors import network_error, too_slow
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Connection
from ansible_collections.fleetops.thingspace.plugins.module_utils._quiet import silence_libraries
from ansible_collections.fleetops.thingspace.plugins.module_utils._version import VERSION

try:
    import requests
    import urllib3
    import urllib3.exceptions
except ImportError:
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

USER_AGENT: t.Final = f"fleetops.thingspace/{VERSION} (Ansible collection)"
# A version 1 campaign carries its device list; 100,000 devices are about 10 MB.
MAX_BODY_BYTES: t.Final = 32 * 1024 * 1024
_CHUNK_BYTES: t.Final = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """Status code, headers (names in lower case) and the whole body of one answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Headers:
    """Sets headers at the last moment, as requests' C(auth): requests then leaves ~/.netrc alone."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


class Transport:
    """Sends requests to one base URL. Safe to use from several threads at once."""

    def __init__(
        self, connection: Connection, pool_size: int = 8, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        if not HAS_REQUESTS:
            raise LibraryMissing(
                f"The Python library requests is missing for {sys.executable} on {socket.gethostname()}: install it "
                "there, or set ansible_python_interpreter to a Python that has it."
            )
        if isinstance(connection.verify, str) and not os.path.exists(connection.verify):
            raise OptionError(f"ca_path does not exist on the host that sends the requests: {connection.verify}.")
        silence_libraries()
        self._connection = connection
        self._monotonic = monotonic
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
        adapter = BoundedAdapter(pool_connections=1, pool_maxsize=pool_size, max_retries=0)
        if connection.verify is False:
            # One line for each request would drown everything else; it is the user's own choice.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._count_lock = threading.Lock()
        self.requests = 0
        self.base_url = connection.api_url
        self.request_timeout = connection.request_timeout
        # A moment of the monotonic clock after which no request may run.
        self.give_up_at = math.inf
        url = urllib.parse.urlsplit(connection.api_url)
        self.host = f"{url.hostname}:{url.port or (443 if url.scheme == 'https' else 80)}"

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def send(
        self,
        method: str,
        path: t.Sequence[str],
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: t.Any = None,
    ) -> Answer:
        """One request, never repeated and never redirected.

        C(path) holds the segments below the base URL, each percent-encoded here. C(headers) are the secret ones.
        Raises ConnectionFailed, CertificateRefused or BadAnswer; the C(status) of one that broke in its body is kept.
        """
        url = "/".join((self._connection.api_url, *(urllib.parse.quote(segment, safe="") for segment in path)))
        with self._count_lock:
            self.requests += 1
        give_up_at = self._monotonic() + self._connection.request_timeout
        status = None
        try:
            response = self._session.request(
                method,
                url,
                params=query,
                data=form,
                json=json,
                auth=_Headers(headers),
                # Given with each request: from the session alone, REQUESTS_CA_BUNDLE would override it.
                verify=self._connection.verify,
                timeout=self._connection.request_timeout,
                allow_redirects=False,
                stream=True,
            )
            status = response.status_code
            with response:
                body = b"".join(self._chunks(response, give_up_at))
        except TransientError as error:
            error.status = status
            raise
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            failure = network_error(error, self.host, self._connection.request_timeout)
            if isinstance(failure, TransientError):
                failure.status = status
            raise failure from error
        return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)

    def _chunks(self, response: requests.Response, give_up_at: float) -> Iterator[bytes]:
        size = 0
        # read1 returns what has arrived, so that a server that drips bytes cannot hold us; urllib3 1 lacks it.
        read = getattr(response.raw, "read1", None) or response.raw.read
        while True:
            chunk = read(_CHUNK_BYTES, decode_content=True)
            if not chunk:
                return
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise BadAnswer(f"{self.host} sent an answer of more than {MAX_BODY_BYTES // 2**20} MiB: not read on.")
            if self._monotonic() > give_up_at:
                raise ConnectionFailed(
                    too_slow(self.host, "did not finish its answer", self._connection.request_timeout)
                )
            yield chunk
