# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The endpoints of the service, one method each: identifiers in, parsed JSON out."""

from __future__ import annotations

import datetime
import random
import typing as t
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadResponse,
    CampaignNotFound,
    ConnectionFailed,
    RequestRefused,
    ThingSpaceError,
    TransientError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport, device_id_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.auth import Auth
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.backoff import backoff_delay
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.responses import (
    TokenKind,
    date_of,
    error_of,
    json_object_of,
    json_of,
    not_found,
    refused_token_of,
    says_no_callback,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response, Transport
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names

# Seconds between two attempts of a single read. If the service asks for more, the read fails instead of waiting.
_RETRY_FLOOR, _RETRY_CEILING = 1.0, 8.0
_MAX_RETRY_AFTER: t.Final = 30.0

# Guards against an endless report: a million devices, or so many request timeouts if pages arrive slowly.
_MAX_PAGES: t.Final = 1000
_MAX_REPORT_TIMEOUTS: t.Final = 20

_CAMPAIGN_PATHS: t.Final[t.Mapping[str, tuple[str, ...]]] = {
    "v1": ("fota", "v1", "upgrades", "{account}", "upgrade", "{id}"),
    "v2": ("fota", "v2", "campaigns", "{account}", "{id}"),
    "v3": ("fota", "v3", "campaigns", "{account}", "{id}"),
}

# The service of these callbacks, as version 1 names it.
CALLBACK_SERVICE: t.Final = "Fota"
T = t.TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """A parsed response, and the service's time when it was sent (the local time if it has no date)."""

    body: dict[str, t.Any]
    service_time: datetime.datetime


class Client:
    """Sends requests with both credentials. C(retries) is how often a read is repeated after a transient error."""

    def __init__(
        self, transport: Transport, auth: Auth, secrets: Secrets, clock: Clock, retries: int = 0, names: Names = str
    ) -> None:
        self._transport = transport
        self._auth = auth
        self._secrets = secrets
        self._clock = clock
        self._retries = retries
        self._names = names
        self._randomness = random.Random()

    def give_up_at(self, moment: float) -> None:
        """End all requests at this time of the monotonic clock."""
        self._transport.give_up_at = moment
        self._auth.give_up_at(moment)

    def abandon(self) -> None:
        """Abort all requests in flight and send no more. Called from another thread."""
        self._transport.abandon()

    @property
    def request_timeout(self) -> float:
        """The maximum duration of a request, in seconds."""
        return self._transport.request_timeout

    @property
    def requests(self) -> int:
        """The number of requests sent so far, including logins."""
        return self._transport.requests

    @property
    def logins(self) -> int:
        """The number of logins of both kinds sent so far."""
        return self._auth.logins

    def campaign(self, api_version: str, account_name: str, campaign_id: str) -> Reading:
        """C(GET) one campaign. Raises ThingSpaceError; CampaignNotFound if the account has no such campaign."""
        names = {"{account}": account_name, "{id}": campaign_id}
        try:
            return self._get([names.get(segment, segment) for segment in _CAMPAIGN_PATHS[api_version]])
        except CampaignNotFound as error:
            raise CampaignNotFound(
                not_found(error.message, api_version, account_name, campaign_id, self._names)
            ) from error

    def campaigns_with_status(self, account_name: str, status: str, after: str = "0") -> Reading:
        """C(GET) one page of the version 2 list of campaigns with a status: C(campaignList), C(hasMoreData).

        C(after) is the last campaign ID of the previous page; C(0) requests the first page.
        """
        path = ("fota", "v2", "reports", account_name, "campaigns")
        return self._get(path, {"campaignStatus": status, "lastSeenCampaignId": after})

    def device_report(self, api_version: str, account_name: str, campaign_id: str) -> DeviceReport:
        """C(GET) the device report of a version 2 or 3 campaign, page by page, up to 1,000 devices each.

        Raises BadResponse if the report never ends, or if its cursor, the last device ID of a page, does not advance.
        Raises ConnectionFailed if all pages together take too long.
        """
        path = ("fota", api_version, "reports", account_name, "campaigns", campaign_id, "devices")
        report, after, seen = DeviceReport(), "0", {"0"}
        give_up_at = self._clock.monotonic() + _MAX_REPORT_TIMEOUTS * self._transport.request_timeout
        while True:
            try:
                page = self._get(path, {"lastSeenDeviceId": after}).body
            except CampaignNotFound as error:
                said = not_found(error.message, api_version, account_name, campaign_id, self._names)
                raise CampaignNotFound(f"It has no device report. {said}") from error
            if not report.add_page(page):
                return report
            after = device_id_of(page.get("lastSeenDeviceId")) or ""
            if not after or after in seen:
                raise BadResponse(
                    "The device report has more pages, but its pagination cursor does not advance: try again later."
                )
            seen.add(after)
            if len(seen) > _MAX_PAGES:
                raise BadResponse(f"The device report has more than {_MAX_PAGES} pages: the rest was not read.")
            if self._clock.monotonic() > give_up_at:
                option = self._names("request_timeout")
                raise ConnectionFailed(
                    f"The device report took more than {_MAX_REPORT_TIMEOUTS} times {option}: "
                    f"raise {option}, or try again later."
                )

    def callback(self, api_version: str, account_name: str) -> t.Any:
        """C(GET) the registered callback: the JSON as received, None for an empty response or if none is registered."""
        return self._with_retries(lambda: self._callback_once(_callback_path(api_version, account_name), account_name))

    def register_callback(self, api_version: str, account_name: str, content: t.Mapping[str, str]) -> None:
        """C(POST) a callback URL, once: the request is not idempotent.

        After a TransientError with C(maybe_processed) it is open whether the URL was registered: read it back.
        """
        self._change("POST", _callback_path(api_version, account_name), account_name, content)

    def delete_callback(self, api_version: str, account_name: str) -> None:
        """C(DELETE) the callback URL, once: the service would refuse a second request."""
        path = _callback_path(api_version, account_name)
        self._change("DELETE", (*path, "name", CALLBACK_SERVICE) if api_version == "v1" else path, account_name)

    def _callback_once(self, path: t.Sequence[str], account_name: str) -> t.Any:
        answer = self._send_with_renewal("GET", path)
        if says_no_callback(answer):
            return None
        self._check_callback_answer(answer, account_name)
        return json_of(answer, self._transport.host, self._secrets.mask) if answer.body.strip() else None

    def _change(
        self, method: str, path: t.Sequence[str], account_name: str, content: t.Mapping[str, str] | None = None
    ) -> None:
        answer = self._send_with_renewal(method, path, json=content)
        self._check_callback_answer(answer, account_name)
        json_object_of(answer, self._transport.host, self._secrets.mask)

    def _check_callback_answer(self, answer: Response, account_name: str) -> None:
        error = self._error_of(answer)
        if isinstance(error, CampaignNotFound):
            raise RequestRefused(
                f"The service knows no callback for account {account_name}: HTTP {answer.status}. Check account_name "
                "and api_version."
            )
        if error is not None:
            raise error
        self._auth.session_was_used()

    def _get(self, path: t.Sequence[str], query: t.Mapping[str, str] | None = None) -> Reading:
        return self._with_retries(lambda: self._get_once(path, query))

    def _with_retries(self, read: Callable[[], T]) -> T:
        """The result of an idempotent request, which is repeated after a transient error."""
        for attempt in range(1, self._retries + 2):
            try:
                return read()
            except TransientError as error:
                repeatable = not (error.during_login and error.maybe_processed)
                if attempt > self._retries or not repeatable or (error.retry_after or 0) > _MAX_RETRY_AFTER:
                    raise
                self._clock.sleep(
                    backoff_delay(attempt, error.retry_after, _RETRY_FLOOR, _RETRY_CEILING, self._randomness)
                )
        raise AssertionError("unreachable")

    def _get_once(self, path: t.Sequence[str], query: t.Mapping[str, str] | None) -> Reading:
        answer = self._send_with_renewal("GET", path, query)
        error = self._error_of(answer)
        if error is not None:
            raise error
        self._auth.session_was_used()
        return Reading(
            json_object_of(answer, self._transport.host, self._secrets.mask), date_of(answer) or self._clock.now()
        )

    def _error_of(self, answer: Response) -> ThingSpaceError | None:
        return error_of(answer, self._transport.host, self._secrets.mask, self._clock.now(), self._names)

    def _send_with_renewal(
        self, method: str, path: t.Sequence[str], query: t.Mapping[str, str] | None = None, json: t.Any = None
    ) -> Response:
        """The response after at most one renewal of each credential.

        A request that was refused because of its token was not processed, so any method may be repeated with a new
        token.
        """
        renewed: set[TokenKind] = set()
        probe = self._auth.probe_headers()
        if probe is not None:
            error = self._error_of(self._transport.send("GET", path, probe, query))
            if isinstance(error, TransientError):
                raise error
        while True:
            auth_headers = self._auth.headers()
            answer = self._transport.send(method, path, auth_headers.headers, query, json=json)
            refused = refused_token_of(answer)
            if refused is None:
                return answer
            if refused in renewed:
                self._auth.record_failed_renewal(refused, auth_headers)
                error = self._error_of(answer)
                said = error.message if error is not None else ""
                raise AccessRefused(f"The {refused.value} was refused again right after its renewal. {said}".strip())
            self._auth.renew(refused, auth_headers)
            renewed.add(refused)


def _callback_path(api_version: str, account_name: str) -> tuple[str, ...]:
    return ("fota", api_version, "callbacks", account_name)
