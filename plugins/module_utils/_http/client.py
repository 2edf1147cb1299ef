# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The endpoints of the service, one method each: identifiers in, parsed JSON out."""

from __future__ import annotations

import datetime
import random
import typing as t
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadResponse,
    CampaignNotFound,
    ConnectionFailed,
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
    not_found,
    refused_token_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response, Transport
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names

# Between two tries of a single read. A service that asks for more patience than this gets it from the operator.
_RETRY_FLOOR, _RETRY_CEILING = 1.0, 8.0
_MAX_RETRY_AFTER: t.Final = 30.0

# A report must end, or a wait could not: a million devices, and, where pages come slowly, so many request time-outs.
_MOST_PAGES: t.Final = 1000
_REPORT_TIMEOUTS: t.Final = 20

_CAMPAIGN_PATHS: t.Final[t.Mapping[str, tuple[str, ...]]] = {
    "v1": ("fota", "v1", "upgrades", "{account}", "upgrade", "{id}"),
    "v2": ("fota", "v2", "campaigns", "{account}", "{id}"),
    "v3": ("fota", "v3", "campaigns", "{account}", "{id}"),
}


@dataclass(frozen=True)
class Reading:
    """One parsed answer, and the service's clock when it was given (the local one if it sent no date)."""

    body: dict[str, t.Any]
    service_time: datetime.datetime


class Client:
    """Reads from the service with both credentials. C(retries) is how often a read is repeated after trouble."""

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
        """Let no request run beyond this moment of the monotonic clock."""
        self._transport.give_up_at = moment
        self._auth.give_up_at(moment)

    @property
    def request_timeout(self) -> float:
        """How many seconds one request may take."""
        return self._transport.request_timeout

    @property
    def requests(self) -> int:
        """How many requests were sent so far, logins included."""
        return self._transport.requests

    @property
    def logins(self) -> int:
        """How many logins of either kind were sent so far."""
        return self._auth.logins

    def campaign(self, api_version: str, account_name: str, campaign_id: str) -> Reading:
        """C(GET) one campaign. Raises ThingSpaceError; CampaignNotFound if the account has no such one."""
        names = {"{account}": account_name, "{id}": campaign_id}
        try:
            return self._get([names.get(segment, segment) for segment in _CAMPAIGN_PATHS[api_version]])
        except CampaignNotFound as error:
            raise CampaignNotFound(
                not_found(error.message, api_version, account_name, campaign_id, self._names)
            ) from error

    def campaigns_with_status(self, account_name: str, status: str, after: str = "0") -> Reading:
        """C(GET) one page of the version 2 report of the campaigns of one status: C(campaignList), C(hasMoreData).

        C(after) is the last campaign ID of the page before; C(0) asks for the first page.
        """
        path = ("fota", "v2", "reports", account_name, "campaigns")
        return self._get(path, {"campaignStatus": status, "lastSeenCampaignId": after})

    def device_report(self, api_version: str, account_name: str, campaign_id: str) -> DeviceReport:
        """C(GET) the device report of a version 2 or 3 campaign, page after page of up to 1,000 devices.

        Raises BadAnswer if the cursor, which is the last device ID of a page, does not move, or for a report without
        an end; ConnectionFailed if it takes too long in all.
        """
        path = ("fota", api_version, "reports", account_name, "campaigns", campaign_id, "devices")
        report, after, seen = DeviceReport(), "0", {"0"}
        give_up_at = self._clock.monotonic() + _REPORT_TIMEOUTS * self._transport.request_timeout
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
                raise BadResponse("The device report has more pages, but its pagination cursor does not advance.")
            seen.add(after)
            if len(seen) > _MOST_PAGES:
                raise BadResponse(f"The device report has more than {_MOST_PAGES} pages: the rest was not read.")
            if self._clock.monotonic() > give_up_at:
                raise ConnectionFailed(f"The device report took more than {_REPORT_TIMEOUTS} times request_timeout.")

    def _get(self, path: t.Sequence[str], query: t.Mapping[str, str] | None = None) -> Reading:
        for attempt in range(1, self._retries + 2):
            try:
                return self._get_once(path, query)
            except TransientError as error:
                repeatable = not (error.during_login and error.maybe_processed)
                if attempt > self._retries or not repeatable or (error.retry_after or 0) > _MAX_RETRY_AFTER:
                    raise
                self._clock.sleep(
                    backoff_delay(attempt, error.retry_after, _RETRY_FLOOR, _RETRY_CEILING, self._randomness)
                )
        raise AssertionError("unreachable")

    def _get_once(self, path: t.Sequence[str], query: t.Mapping[str, str] | None) -> Reading:
        answer = self._answer_to(path, query)
        error = self._error_of(answer)
        if error is not None:
            raise error
        self._auth.session_was_used()
        return Reading(
            json_object_of(answer, self._transport.host, self._secrets.mask), date_of(answer) or self._clock.now()
        )

    def _error_of(self, answer: Response) -> ThingSpaceError | None:
        return error_of(answer, self._transport.host, self._secrets.mask, self._clock.now())

    def _answer_to(self, path: t.Sequence[str], query: t.Mapping[str, str] | None) -> Response:
        """The answer after at most one renewal of each credential."""
        renewed: set[TokenKind] = set()
        stale = self._auth.stale_headers()
        if stale is not None:
            error = self._error_of(self._transport.send("GET", path, stale, query))
            if isinstance(error, TransientError):
                raise error
        while True:
            auth_headers = self._auth.headers()
            answer = self._transport.send("GET", path, auth_headers.headers, query)
            refused = refused_token_of(answer)
            if refused is None:
                return answer
            if refused in renewed:
                self._auth.was_renewed_in_vain(refused, auth_headers)
                error = self._error_of(answer)
                said = error.message if error is not None else ""
                raise AccessRefused(f"The {refused.value} was refused again right after its renewal. {said}".strip())
            self._auth.renew(refused, auth_headers)
            renewed.add(refused)
