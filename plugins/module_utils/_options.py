# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: from validated parameters to typed settings, or one sentence that names the option and what to do."""

from __future__ import annotations

import ipaddress
import math
import re
import typing as t
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.fleetops.thingspace.plugins.module_utils._devices import IMEI_DIGITS, device_id_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._schedule import Pace
from ansible_collections.fleetops.thingspace.plugins.module_utils._states import TARGETS, UNKNOWN, is_terminal, state_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._thresholds import Thresholds

Params = t.Mapping[str, t.Any]


@dataclass(frozen=True, repr=False)
class Credentials:
    """The secrets, each None if not given. Never printed: it has no representation of its own."""

    api_key: str | None
    api_secret: str | None
    username: str | None
    password: str | None
    access_token: str | None
    session_token: str | None


@dataclass(frozen=True)
class Connection:
    """Where the service is and how to talk to it; C(verify) is what requests takes under that name."""

    api_url: str
    request_timeout: float
    verify: bool | str
    max_concurrency: int

    @property
    def is_loopback(self) -> bool:
        """True if the service runs on the host that asks: a simulator."""
        host = urllib.parse.urlsplit(self.api_url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


@dataclass(frozen=True)
class Campaigns:
    """Which campaigns are meant; C(ids) are distinct and in the user's order. C(device_id) is the one that decides."""

    account_name: str
    ids: tuple[str, ...]
    api_version: str
    devices: str = "none"
    device_id: str | None = None


@dataclass(frozen=True)
class Waiting:
    """What to wait for and how patiently; all times in seconds.

    C(needed) is how many campaigns must be satisfied. C(timeout) counts from the start, C(until_end_plus) from the end
    of a campaign's last day; None means no such limit.
    """

    targets: tuple[str, ...]
    needed: int
    timeout: float | None
    until_end_plus: float | None
    pace: Pace
    return_on_timeout: bool
    unknown_fails: bool
    not_found_grace: float
    max_consecutive_errors: int
    max_error_seconds: float
    progress_interval: float
    thresholds: Thresholds = Thresholds()
    report_every: int = 10

    @property
    def budget(self) -> str:
        """What decides when a wait gives a campaign up because of errors."""
        return f"{self.max_consecutive_errors} {self.max_error_seconds} {self.not_found_grace}"


def credentials_of(params: Params) -> Credentials:
    """The credentials, checked to be complete: one source for the OAuth token, one for the session token."""
    given: dict[str, str | None] = {name: params.get(name) or None for name in Credentials.__dataclass_fields__}
    for name, value in given.items():
        _check_encoding(name, value or "")
    _check_source(given, "access_token", "api_key", "api_secret", "the OAuth access token")
    _check_source(given, "session_token", "username", "password", "the session token")
    for name in ("access_token", "session_token"):
        if not is_token(given[name] or "none"):
            raise OptionError(f"{name} has a character that no token has (a blank, a line break?): copy it again.")
    if ":" in (given["api_key"] or ""):
        raise OptionError("api_key must not have a colon: HTTP Basic authentication cannot send it.")
    return Credentials(**given)


def _check_encoding(option: str, text: str) -> None:
    """Refuse what Python has made of bytes that are no UTF-8, in the environment: they cannot be sent as they were."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise OptionError(f"{option} has bytes that are not UTF-8: give it as UTF-8.") from None


def is_token(text: str) -> bool:
    """True if C(text) can be a token: printable ASCII without blanks, safe in an HTTP header."""
    return re.fullmatch(r"[!-~]+", text) is not None


def _check_source(given: Mapping[str, str | None], token: str, name: str, secret: str, purpose: str) -> None:
    for present, absent in ((name, secret), (secret, name)):
        if given[present] and not given[absent]:
            raise OptionError(f"{present} is set without {absent}: set both (or {_env(absent)}), or neither.")
    if not given[token] and not given[name]:
        raise OptionError(
            f"No source for {purpose}: set {name} and {secret} (or {_env(name)} and {_env(secret)}), or {token}."
        )


def _env(name: str) -> str:
    return "THINGSPACE_" + name.upper()


def connection_of(params: Params) -> Connection:
    """The checked connection settings."""
    verify: bool | str = params["validate_certs"]
    if params["ca_path"] and verify:
        verify = params["ca_path"]
    return Connection(
        api_url=_api_url(params["api_url"]),
        request_timeout=_seconds(params, "request_timeout", above=0),
        verify=verify,
        max_concurrency=_whole(params, "max_concurrency", 1, 64),
    )


def _api_url(text: str) -> str:
    _check_encoding("api_url", text)
    try:
        url = urllib.parse.urlsplit(text.strip())
        port_is_valid = url.port is None or url.port > 0
    except ValueError:
        url, port_is_valid = urllib.parse.urlsplit(""), False
    if url.scheme not in ("http", "https") or not url.hostname or not port_is_valid:
        raise OptionError("api_url must look like https://thingspace.verizon.com/api (scheme, host, path).")
    if url.username or url.password or url.query or url.fragment:
        raise OptionError("api_url must not hold a user, a password, a query or a fragment: only scheme, host, path.")
    return urllib.parse.urlunsplit((url.scheme, url.netloc, url.path.rstrip("/"), "", ""))


def campaigns_of(params: Params) -> Campaigns:
    """The account and the campaigns, checked to be safe as path segments."""
    account = params["account_name"]
    if isinstance(account, (int, float)) and not isinstance(account, bool):
        raise OptionError(
            "account_name was read as a number, which loses leading zeros: put it in quotes, "
            'for example account_name: "0402196254-00001".'
        )
    if account is None:
        raise OptionError("account_name is missing: set it, or THINGSPACE_ACCOUNT_NAME in the environment.")
    if not isinstance(account, str):
        raise OptionError("account_name must be one string.")
    if not params["campaign_id"]:
        raise OptionError("campaign_id is an empty list: name at least one campaign.")
    ids = dict.fromkeys(_segment("campaign_id", campaign_id) for campaign_id in params["campaign_id"])
    device_id = _device_id(params.get("device_id"))
    return Campaigns(_segment("account_name", account), tuple(ids), params["api_version"], params["devices"], device_id)


def _device_id(value: t.Any) -> str | None:
    """The ID of one device. What is given and empty is refused: nothing would be decided about that device."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and len(str(value)) == IMEI_DIGITS:
        return str(value)
    if not isinstance(value, str):
        raise OptionError(
            "device_id must be one string. A number that has not 15 digits has lost its leading zeros: quote it."
        )
    device_id = device_id_of(value)
    if device_id is None:
        raise OptionError("device_id is empty: give the IMEI of the device, or leave the option out.")
    return device_id


def _segment(option: str, text: str) -> str:
    text = text.strip()
    _check_encoding(option, text)
    if not text:
        raise OptionError(f"{option} is empty: give the value that ThingSpace shows for it.")
    if re.search(r"[/\\\x00-\x1f\x7f]", text) or text in (".", ".."):
        raise OptionError(f"{option} must not have a slash, a backslash or a control character: {text!r}.")
    return text


def waiting_of(params: Params, campaigns: Campaigns) -> Waiting:
    """The checked settings of a wait for these campaigns."""
    pace = Pace(_seconds(params, "wait_interval", above=0), _seconds(params, "wait_max_interval", above=0))
    if pace.ceiling < pace.floor:
        raise OptionError(
            f"wait_max_interval ({pace.ceiling:g}) is below wait_interval ({pace.floor:g}): "
            "raise the one or lower the other; equal values give a fixed interval."
        )
    targets = _targets(params["wait_state"])
    thresholds = _thresholds(params)
    early = [target for target in targets if not is_terminal(target)]
    if campaigns.device_id is not None and early:
        raise OptionError(
            f"wait_state {early[0]} does not go with device_id: what came of a device is known for sure only when its "
            "campaign is over. Wait for ended, or leave device_id out."
        )
    if thresholds.are_set and early:
        raise OptionError(
            f"wait_state {early[0]} does not go with min_success_percent, max_failure_percent and max_failure_count: "
            "what came of the devices is known for sure only when a campaign is over. Wait for ended."
        )
    return Waiting(
        targets=targets,
        needed=needed_of(params["wait_match"], len(campaigns.ids)),
        timeout=_optional_seconds(params, "wait_timeout"),
        until_end_plus=_optional_seconds(params, "wait_until_end_plus"),
        pace=pace,
        return_on_timeout=params["wait_on_timeout"] == "return",
        unknown_fails=params["wait_unknown_state"] == "fail",
        not_found_grace=_seconds(params, "wait_not_found"),
        max_consecutive_errors=_whole(params, "max_consecutive_errors", 0),
        max_error_seconds=_seconds(params, "max_error_seconds"),
        progress_interval=_seconds(params, "progress_interval"),
        thresholds=thresholds,
        report_every=_whole(params, "report_every", 1),
    )


def _thresholds(params: Params) -> Thresholds:
    for name in ("min_success_percent", "max_failure_percent"):
        value = params[name]
        if value is not None and not 0 <= value <= 100:
            raise OptionError(f"{name} must be a percentage, from 0 to 100, not {value:g}.")
    count = None if params["max_failure_count"] is None else _whole(params, "max_failure_count", 0)
    return Thresholds(
        params["min_success_percent"], params["max_failure_percent"], count, _whole(params, "min_devices", 1)
    )


def _targets(words: t.Sequence[str]) -> tuple[str, ...]:
    if not words:
        raise OptionError("wait_state is an empty list: name at least one state.")
    targets = {word: state_of(word) for word in words}
    for word, target in targets.items():
        if target == UNKNOWN:
            raise OptionError(
                f"wait_state {word!r} is not a known state: use one of {', '.join(TARGETS)}, "
                "or the service's own spelling such as CampaignEnded."
            )
    return tuple(dict.fromkeys(targets.values()))


def needed_of(match: str, count: int) -> int:
    """How many of C(count) campaigns must reach a target. Raises OptionError."""
    words = {"all": count, "any": 1}
    text = match.strip().lower()
    needed = words.get(text, int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0)
    if not 1 <= needed <= count:
        raise OptionError(
            f"wait_match must be all, any, or a number from 1 to the number of campaigns ({count}), not {match!r}."
        )
    return needed


def _whole(params: Params, name: str, least: int, most: int | None = None) -> int:
    value: int = params[name]
    if value < least or (most is not None and value > most):
        limits = f"{least} or more" if most is None else f"from {least} to {most}"
        raise OptionError(f"{name} must be a whole number, {limits}, not {value}.")
    return value


def _optional_seconds(params: Params, name: str) -> float | None:
    return None if params[name] is None else _seconds(params, name)


def _seconds(params: Params, name: str, above: float | None = None) -> float:
    value = float(params[name])
    if not math.isfinite(value) or value < 0 or value == above:
        wanted = "a number of seconds above 0" if above is not None else "a number of seconds, 0 or more"
        raise OptionError(f"{name} must be {wanted}, not {value:g}.")
    return value


@dataclass(frozen=True, repr=False)
class Wishes:
    """Everything that a task asks for; C(waiting) is None if it is not to wait."""

    campaigns: Campaigns
    connection: Connection
    waiting: Waiting | None
    credentials: Credentials


def wishes_of(params: Params) -> Wishes:
    """All settings, checked as far as it can be done without looking at any host. Raises OptionError."""
    campaigns = campaigns_of(params)
    connection = connection_of(params)
    waiting = waiting_of(params, campaigns) if params["wait"] else None
    if waiting is None and _thresholds(params).are_set:
        raise OptionError("min_success_percent, max_failure_percent and max_failure_count need wait: true.")
    return Wishes(campaigns, connection, waiting, credentials_of(params))
