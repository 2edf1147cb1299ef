# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: what a response of the service means. Everything known about its error formats is in this file.

The gateway's fault codes and the connectivity error list are documented. How the firmware API responds to an expired
session or an unknown campaign is not, so every format that a sister service documents is recognized.
"""

from __future__ import annotations

import datetime
import email.utils
import re
import typing as t
from collections.abc import Callable, Mapping
from enum import Enum

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    AccessRefused,
    BadResponse,
    CampaignNotFound,
    RequestRefused,
    ServiceTrouble,
    ThingSpaceError,
    WrongAddress,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.json_body import REPLACEMENT, TooDeep, read
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names

_RATE_LIMITED: t.Final = 429
_CHECK: t.Final = "Check whether a gateway or a proxy sent the response"
_TEMPORARY_STATUS: t.Final = frozenset({408, 425, _RATE_LIMITED})
# Behind the gateway (code 9009xx), a refusal mentions UWS, the back end for users and sessions.
_SESSION_WORDS: t.Final = re.compile(r"sessiontoken|session has expired|\buws\b", re.IGNORECASE)
_SESSION_CODES: t.Final = re.compile(r"\b(INVALID_ACCOUNT|INVALID_ACCESS|UNAUTHORIZED)\b", re.IGNORECASE)
_FOREIGN_ACCOUNT: t.Final = re.compile(r"could not find account", re.IGNORECASE)
_NO_CAMPAIGN: t.Final = re.compile(
    r"invalid (upgrade|campaign) ?id|invalid uuid|(upgrade|campaign)\b.*\b(not found|does not exist)", re.IGNORECASE
)
# From a sister service. For callbacks of campaigns, nothing is documented.
_NO_CALLBACK: t.Final = re.compile(r"CALLBACK_NOT_REGISTERED|callback is not registered", re.IGNORECASE)
_ERROR_FIELDS: t.Final = ("errorCode", "errorMessage", "error", "error_description", "responseCode")
_DATA_FIELDS: t.Final = ("id", "deviceList", "campaignList")
API_VERSIONS: t.Final = ("v1", "v2", "v3")
_MAX_QUOTE: t.Final = 200
_YEARS: t.Final = range(1970, 2200)


class TokenKind(Enum):
    """The two credentials of a request."""

    ACCESS_TOKEN = "access_token"
    SESSION_TOKEN = "session_token"


def refused_token_of(answer: Response) -> TokenKind | None:
    """The credential that the service refused with this response, None if it refused none."""
    if answer.status not in (400, 401, 403):
        return None
    code = _fault_code(answer)
    if code.startswith("9009"):
        return TokenKind.ACCESS_TOKEN if code in ("900901", "900902", "900903") else None
    text = _text_of(answer)
    if _FOREIGN_ACCOUNT.search(text):
        return None
    if answer.status == 401 or _SESSION_WORDS.search(text) or _SESSION_CODES.search(text):
        return TokenKind.SESSION_TOKEN
    return None


def error_of(
    answer: Response, host: str, mask: Callable[[str], str], now: datetime.datetime, names: Names = str
) -> ThingSpaceError | None:
    """The error that a response stands for, None for a success.

    C(mask) masks secrets that the service echoes. C(names) maps the name of an option to what the user calls it.
    """
    status = answer.status
    if 200 <= status < 300:
        return None
    said = f"HTTP {status}{_quote(answer, mask)}"
    if 300 <= status < 400:
        return WrongAddress(
            f"{host} returned a redirect (HTTP {status}), which is never followed: check {names('api_url')}."
        )
    if status in _TEMPORARY_STATUS or status >= 500:
        what = "rate limited the request" if status == _RATE_LIMITED else "returned a temporary error"
        return ServiceTrouble(f"{host} {what}: {said}.", status, retry_after_of(answer, now))
    if _fault_code(answer) == "900906" or (status in (403, 404) and _is_markup(answer)):
        return WrongAddress(
            f"{host} does not have this path: {said}. Check {names('api_url')} and {names('api_version')}."
        )
    text = _text_of(answer)
    if status == 404 or (status == 400 and _NO_CAMPAIGN.search(text)):
        return CampaignNotFound(f"The service does not know this campaign: {said}.")
    if status in (401, 403) or refused_token_of(answer) is not None:
        return AccessRefused(f"The service refused access: {said}.")
    return RequestRefused(f"The service refused the request: {said}.")


def not_found(said: str, api_version: str, account_name: str, campaign_id: str, names: Names) -> str:
    """The message for an unknown campaign: what was requested, and what to try.

    C(names) maps the name of an option to what the user calls it.
    """
    others = " or ".join(other for other in API_VERSIONS if other != api_version)
    version = names("api_version")
    hint = f"check {names('campaign_id')} and {names('account_name')}, or try another {version} ({others})"
    if re.search(r"[,;\s]", campaign_id):
        hint = f"if these are several campaigns, write {names('campaign_id')} as a list, with one ID in each entry"
    return f"{said} Requested: campaign {campaign_id} of account {account_name} with {version} {api_version}; {hint}."


def says_no_callback(answer: Response) -> bool:
    """True if the response says that no callback is registered."""
    return answer.status in (400, 403, 404) and _NO_CALLBACK.search(_text_of(answer)) is not None


def json_of(answer: Response, host: str, mask: Callable[[str], str] | None = None) -> t.Any:
    """The JSON body of a success. Raises BadResponse for anything else.

    With C(mask), which masks secrets that the service echoes, an error that was sent with a success status also raises.
    """
    try:
        value = read(answer.body)
    except TooDeep as error:
        raise BadResponse(
            f"{host} returned JSON that is nested too deeply (HTTP {answer.status}). {_CHECK}."
        ) from error
    except ValueError as error:
        kind = (
            "HTML or XML instead of" if _is_markup(answer) else "invalid" if answer.body else "an empty body instead of"
        )
        raise BadResponse(
            f"{host} returned {kind} JSON (HTTP {answer.status}, {len(answer.body)} bytes). {_CHECK}, or truncated it."
        ) from error
    if mask is not None and isinstance(value, dict) and _is_error(value):
        raise BadResponse(f"{host} returned an error with a success status: HTTP {answer.status}{_said(value, mask)}.")
    return value


def json_object_of(answer: Response, host: str, mask: Callable[[str], str] | None = None) -> dict[str, t.Any]:
    """Like C(json_of), for a JSON object. Raises BadResponse for any other JSON."""
    value = json_of(answer, host, mask)
    if not isinstance(value, dict):
        raise BadResponse(f"{host} returned JSON that is not an object. {_CHECK}.")
    return value


def _is_error(body: Mapping[str, t.Any]) -> bool:
    """True if the body has the format of an error and none of the requested fields."""
    looks_like_error = isinstance(body.get("fault"), Mapping) or any(body.get(name) for name in _ERROR_FIELDS)
    return looks_like_error and all(body.get(name) is None for name in _DATA_FIELDS)


def retry_after_of(answer: Response, now: datetime.datetime) -> float | None:
    """The seconds in C(Retry-After), which is a number or a date.

    A date is compared with the response's own C(Date), so that a wrong local clock does not matter.
    """
    text = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    moment = _http_date(text)
    if moment is None:
        return None
    return max((moment - (date_of(answer) or now)).total_seconds(), 0.0)


def date_of(answer: Response) -> datetime.datetime | None:
    """The service's time from the C(Date) header, None if it is missing or invalid."""
    return _http_date(answer.headers.get("date", ""))


def _http_date(text: str) -> datetime.datetime | None:
    """A date in UTC. Implausible years count as invalid: arithmetic with them overflows."""
    try:
        moment = email.utils.parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.timezone.utc)
        moment = moment.astimezone(datetime.timezone.utc)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None


def _json_or_none(answer: Response) -> t.Any:
    try:
        return read(answer.body)
    except ValueError:
        return None


def _fault_code(answer: Response) -> str:
    body = _json_or_none(answer)
    fault = body.get("fault") if isinstance(body, Mapping) else None
    return str(fault.get("code", "")) if isinstance(fault, Mapping) else ""


def _text_of(answer: Response) -> str:
    return answer.body[:10_000].decode("utf-8", "replace")


def _is_markup(answer: Response) -> bool:
    return answer.body.lstrip()[:1] == b"<"


def _quote(answer: Response, mask: Callable[[str], str]) -> str:
    """The service's error code and message as C(", CODE: message"), masked and then shortened."""
    body = _json_or_none(answer)
    return _said(body, mask) if isinstance(body, Mapping) else ""


def _said(body: Mapping[str, t.Any], mask: Callable[[str], str]) -> str:
    fault = body.get("fault")
    source = fault if isinstance(fault, Mapping) else body
    code = source.get("errorCode") or source.get("responseCode") or source.get("error") or source.get("code")
    text = (
        source.get("errorMessage")
        or source.get("error_description")
        or source.get("description")
        or source.get("message")
        or ""
    )
    said = ": ".join(str(part) for part in (code, text) if part)
    said = mask(said).replace(REPLACEMENT, " ")
    said = re.sub(r"\s+", " ", "".join(char if char.isprintable() else " " for char in said)).strip(" .")
    return f", {said[:_MAX_QUOTE]}" if said else ""
