# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Pure: validated parameters -> typed settings, or an error that names the option and what to do."""

from __future__ import annotations

import difflib
import ipaddress
import re
import typing as t
import urllib.parse
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import IMEI_DIGITS, device_id_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import (
    TARGETS,
    UNKNOWN,
    is_terminal,
    state_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._quantities import Ambiguous, percent_of, seconds_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._text import Names, printable
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.thresholds import Thresholds

Params = t.Mapping[str, t.Any]

_SECRETS: t.Final = ("api_key", "api_secret", "username", "password", "access_token", "session_token")
_POSITIVE: t.Final = ("request_timeout", "wait_interval", "wait_max_interval", "list_interval")
_NON_NEGATIVE: t.Final = (
    *("wait_timeout", "wait_until_end_plus", "wait_first_answer", "wait_not_found", "max_error_seconds"),
    *("progress_interval", "heartbeat_interval", "repeat_within"),
)
_PERCENTAGES: t.Final = ("min_success_percent", "max_failure_percent")

# Seconds. The timeout if the user sets none, or while the end date of a campaign is unknown.
DEFAULT_TIMEOUT: t.Final = 3600.0

# Common names that users try instead of the option.
_ALIASES: t.Final = {"imei": "device_id", "id": "campaign_id", "account": "account_name", "version": "api_version"}


@dataclass(frozen=True, repr=False)
class Credentials:
    """The secrets, each None if not given. It has no repr, so that it is never printed.

    Without C(log_in), no login is sent: username and password are only masked.
    """

    api_key: str | None
    api_secret: str | None
    username: str | None
    password: str | None
    access_token: str | None
    session_token: str | None
    log_in: bool = True


@dataclass(frozen=True)
class Connection:
    """Where the service is and how to reach it. C(verify) is the argument of requests with that name.

    C(names) maps the name of an option to what the user calls it.
    """

    api_url: str
    request_timeout: float
    verify: bool | str
    max_concurrency: int
    names: Names = field(default=str, compare=False, repr=False)

    @property
    def is_loopback(self) -> bool:
        """True if the service runs on the same host, as a simulator does."""
        return is_loopback(urllib.parse.urlsplit(self.api_url).hostname or "")


def is_loopback(host: str) -> bool:
    """True if C(host), a name or an address, is the local host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class Campaigns:
    """The requested campaigns. C(ids) are unique, in the user's order. C(device_id) is the device that decides."""

    account_name: str
    ids: tuple[str, ...]
    api_version: str
    devices: str = "none"
    device_id: str | None = None


@dataclass(frozen=True)
class WaitSettings:
    """What to wait for, and for how long. All times are in seconds.

    C(needed) is how many campaigns must reach a target state. C(timeout) counts from the start, C(until_end_plus) from
    the end of a campaign's last day; None means no such limit. C(first_answer) limits the time until the first
    response; 0 means no limit.
    """

    target_states: tuple[str, ...]
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
    first_answer: float = 0.0
    names: Names = field(default=str, compare=False, repr=False)

    @property
    def budget(self) -> str:
        """The settings that decide when a wait gives up on a campaign because of errors."""
        return f"{self.max_consecutive_errors} {self.max_error_seconds} {self.not_found_grace} {self.first_answer}"

    def deadline(self, started: float, end_limit: float | None = None) -> float:
        """The time of the last poll. C(end_limit) is the limit of C(until_end_plus), None if not known yet."""
        limits = [] if self.timeout is None else [started + self.timeout]
        limits += [] if end_limit is None else [end_limit]
        return min(limits, default=started + DEFAULT_TIMEOUT)


def credentials_of(params: Params, names: Names = str) -> Credentials:
    """The credentials, validated to have one source for each of the access token and the session token.

    C(names) maps the name of an option to what the user calls it, here and in all functions below.
    """
    given = {name: secret_text(name, params.get(name), names) for name in _SECRETS}
    _check_sources(given, names)
    for name in ("access_token", "session_token"):
        if not is_token(given[name] or "none"):
            raise OptionError(
                f"{names(name)} contains a space, a line break or another invalid character: copy the token again.",
                option=name,
            )
    if ":" in (given["api_key"] or ""):
        raise OptionError(
            f"{names('api_key')} must not contain a colon: HTTP Basic authentication cannot send it.", option="api_key"
        )
    return Credentials(**given, log_in=params.get("log_in") is not False)


def secret_text(option: str, value: t.Any, names: Names) -> str | None:
    """A secret as a string, None if not given. A value that cannot be sent unchanged is refused.

    Its login would be refused, and refused logins lock the user.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise OptionError(
            f"{names(option)} was read as {_kind(value)}, which changes it: put it in quotes in the YAML file.",
            option=option,
        )
    if re.search(r"[\x00-\x1f\x7f]", value):
        raise OptionError(
            f"{names(option)} contains a line break or another control character, perhaps at its end because it was "
            "read from a file: remove that character.",
            option=option,
        )
    _check_encoding(option, value, names)
    return value


def _kind(value: object) -> str:
    return (
        "a boolean"
        if isinstance(value, bool)
        else "a number"
        if isinstance(value, (int, float))
        else "a value that is not a string"
    )


def _check_encoding(option: str, text: str, names: Names) -> None:
    """Refuse bytes of the environment that are not UTF-8: Python's surrogates for them cannot be sent."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise OptionError(
            f"{names(option)} contains bytes that are not UTF-8: encode it in UTF-8.", option=option
        ) from None


def is_token(text: str) -> bool:
    """True if C(text) can be a token: printable ASCII without spaces, safe in an HTTP header."""
    return re.fullmatch(r"[!-~]+", text) is not None


# Each token, the pair it is obtained with, and its name in messages.
_SOURCES: t.Final = (
    ("access_token", "api_key", "api_secret", "the OAuth access token"),
    ("session_token", "username", "password", "the session token"),
)


def _check_sources(given: Mapping[str, str | None], names: Names) -> None:
    """Raise one OptionError that names everything that is missing."""
    said, option = [], None
    for _token, name, secret, _purpose in _SOURCES:
        for present, absent in ((name, secret), (secret, name)):
            if given[present] and not given[absent]:
                option = option or absent
                said.append(
                    f"{names(present)} is set without {names(absent)}: set both (or {_env(absent)}), or neither."
                )
    missing = [source for source in _SOURCES if not any(given[name] for name in source[:3])]
    if missing:
        option = option or missing[0][1]
        purposes = " or ".join(purpose for *_names, purpose in missing)
        ways = "; and ".join(
            f"{names(name)} and {names(secret)} (or {_env(name)} and {_env(secret)}), or {names(token)}"
            for token, name, secret, _purpose in missing
        )
        said.append(f"There are no credentials for {purposes}: set {ways}.")
    if said:
        raise OptionError(" ".join(said), option=option)


def _env(name: str) -> str:
    return "THINGSPACE_" + name.upper()


def connection_of(params: Params, names: Names = str) -> Connection:
    """The validated connection settings."""
    verify: bool | str = params["validate_certs"]
    if params["ca_path"] and verify:
        verify = params["ca_path"]
    return Connection(
        api_url=_api_url(params["api_url"], names("api_url")),
        request_timeout=_seconds(params, "request_timeout", names),
        verify=verify,
        max_concurrency=_integer(params, "max_concurrency", names, 1, 64),
        names=names,
    )


def _api_url(text: str, name: str) -> str:
    _check_encoding("api_url", text, lambda _option: name)
    try:
        url = urllib.parse.urlsplit(text.strip())
        port_is_valid = url.port is None or url.port > 0
    except ValueError:
        url, port_is_valid = urllib.parse.urlsplit(""), False
    if url.scheme not in ("http", "https") or not url.hostname or not port_is_valid:
        raise OptionError(f"{name} must be a URL such as https://thingspace.verizon.com/api.", option="api_url")
    if url.username or url.password or url.query or url.fragment:
        raise OptionError(
            f"{name} must not contain a user, a password, a query or a fragment: remove it.",
            option="api_url",
        )
    return urllib.parse.urlunsplit((url.scheme, url.netloc, url.path.rstrip("/"), "", ""))


def campaigns_of(params: Params, names: Names = str) -> Campaigns:
    """The account and the campaigns, validated to be safe as path segments."""
    account_name = account_name_of(params, names)
    if not params["campaign_id"]:
        raise OptionError(
            f"{names('campaign_id')} is an empty list: set at least one campaign ID.", option="campaign_id"
        )
    ids = dict.fromkeys(_segment("campaign_id", campaign_id, names) for campaign_id in params["campaign_id"])
    device_id = _device_id(params.get("device_id"), names("device_id"))
    return Campaigns(account_name, tuple(ids), params["api_version"], params["devices"], device_id)


def account_name_of(params: Params, names: Names = str) -> str:
    """The name of the account, validated to be safe as a path segment. Raises OptionError."""
    account, name = params["account_name"], names("account_name")
    if isinstance(account, (int, float)) and not isinstance(account, bool):
        raise OptionError(
            f"{name} was read as a number, which loses leading zeros: put it in quotes, "
            f'for example {name}: "0402196254-00001".',
            option="account_name",
        )
    if account is None:
        raise OptionError(
            f"{name} is missing: set it, or THINGSPACE_ACCOUNT_NAME in the environment.", option="account_name"
        )
    if not isinstance(account, str):
        raise OptionError(f"{name} must be a string.", option="account_name")
    return _segment("account_name", account, names)


def check_ids(given: Params, names: Names = str) -> None:
    """Raise OptionError for campaign IDs that are not strings, before Ansible converts them.

    YAML reads 0123, 1_000, 0x7B and 1.0e+3 as numbers. Their original spelling, and so the campaign, is lost.
    """
    value, name = given.get("campaign_id"), names("campaign_id")
    for entry in value if isinstance(value, (list, tuple)) else [value] if value is not None else []:
        if isinstance(entry, (bool, int, float)):
            raise OptionError(
                f"{name} was read as {_kind(entry)}, which may change it: put it in quotes, "
                f'for example {name}: "60b5d639-ccdc-4db8-8824-069bd94c95bf".',
                option="campaign_id",
            )
        if not isinstance(entry, str):
            said = "contains a null entry" if entry is None else f"must be a string, not {_shown(entry)}"
            raise OptionError(
                f"{name} {said}: set it to the ID that ThingSpace shows, or to a list of IDs.", option="campaign_id"
            )


def _device_id(value: t.Any, name: str) -> str | None:
    """The ID of one device. An empty one is refused, because the device would be ignored."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and len(str(value)) == IMEI_DIGITS:
        return str(value)
    if not isinstance(value, str):
        sentence = (
            "must be a string. A number that does not have 15 digits has lost its leading zeros: put it in quotes."
        )
        raise OptionError(f"{name} {sentence}", option="device_id")
    device_id = device_id_of(value)
    if device_id is None:
        raise OptionError(f"{name} is empty: set it to the IMEI of the device, or remove it.", option="device_id")
    return device_id


def _segment(option: str, text: str, names: Names) -> str:
    text = text.strip()
    _check_encoding(option, text, names)
    if not text:
        raise OptionError(f"{names(option)} is empty: set it to the value that ThingSpace shows.", option=option)
    if re.search(r"[/\\\x00-\x1f\x7f]", text) or text in (".", ".."):
        raise OptionError(
            f"{names(option)} must not contain a slash, a backslash or a control character: {text!r}.", option=option
        )
    return text


def wait_settings_of(params: Params, campaigns: Campaigns, names: Names = str) -> WaitSettings:
    """The validated settings of a wait for these campaigns."""
    thresholds = _thresholds(params, names)
    target_states = _target_states(params["wait_state"], names)
    early = [target for target in target_states if not is_terminal(target)]
    if campaigns.device_id is not None and early:
        raise OptionError(
            f"{names('wait_state')} {early[0]} cannot be combined with {names('device_id')}: the result of a device is "
            f"final only when its campaign is over. Wait for ended, or remove {names('device_id')}.",
            option="wait_state",
        )
    if thresholds.are_set and early:
        raise OptionError(
            f"{names('wait_state')} {early[0]} cannot be combined with {_demands(names)}: "
            "the results of the devices are final only when a campaign is over. Wait for ended.",
            option="wait_state",
        )
    return WaitSettings(
        target_states=target_states,
        needed=needed_of(params["wait_match"], len(campaigns.ids), names),
        timeout=_optional_seconds(params, "wait_timeout", names),
        until_end_plus=_optional_seconds(params, "wait_until_end_plus", names),
        pace=_pace(params, names),
        return_on_timeout=params["wait_on_timeout"] == "return",
        unknown_fails=params["wait_unknown_state"] == "fail",
        not_found_grace=_seconds(params, "wait_not_found", names),
        max_consecutive_errors=_integer(params, "max_consecutive_errors", names, 0),
        max_error_seconds=_seconds(params, "max_error_seconds", names),
        progress_interval=_seconds(params, "progress_interval", names),
        thresholds=thresholds,
        report_every=_integer(params, "report_every", names, 1),
        first_answer=_seconds(params, "wait_first_answer", names),
        names=names,
    )


def _pace(params: Params, names: Names) -> Pace:
    floor, ceiling = (_seconds(params, name, names) for name in ("wait_interval", "wait_max_interval"))
    if ceiling < floor:
        raise OptionError(
            f"{names('wait_max_interval')} ({params['wait_max_interval']}) is less than {names('wait_interval')} "
            f"({params['wait_interval']}): raise {names('wait_max_interval')}, or lower {names('wait_interval')}. "
            "Equal values set a fixed interval.",
            option="wait_max_interval",
        )
    return Pace(floor, ceiling)


def _demands(names: Names) -> str:
    return f"{names('min_success_percent')}, {names('max_failure_percent')} and {names('max_failure_count')}"


def _thresholds(params: Params, names: Names) -> Thresholds:
    count = None if params["max_failure_count"] is None else _integer(params, "max_failure_count", names, 0)
    return Thresholds(
        _percent(params, "min_success_percent", names),
        _percent(params, "max_failure_percent", names),
        count,
        _integer(params, "min_devices", names, 1),
        names,
    )


def _target_states(words: t.Sequence[str], names: Names) -> tuple[str, ...]:
    if not words:
        raise OptionError(f"{names('wait_state')} is an empty list: set at least one state.", option="wait_state")
    target_states = {word: state_of(word) for word in words}
    for word, target in target_states.items():
        if target == UNKNOWN:
            raise OptionError(
                f"{names('wait_state')} {word!r} is not a known state: use one of {', '.join(TARGETS)}, "
                "or a status of the service such as CampaignEnded.",
                option="wait_state",
            )
    return tuple(dict.fromkeys(target_states.values()))


def needed_of(match: str, count: int, names: Names = str) -> int:
    """How many of C(count) campaigns must reach a target state. Raises OptionError."""
    words = {"all": count, "any": 1}
    text = match.strip().lower()
    needed = words.get(text, int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0)
    if not 1 <= needed <= count:
        raise OptionError(
            f"{names('wait_match')} must be all, any, or a number from 1 to the number of campaigns ({count}), "
            f"not {match!r}.",
            option="wait_match",
        )
    return needed


def _integer(params: Params, name: str, names: Names, least: int, most: int | None = None) -> int:
    value = params[name]
    if isinstance(value, bool) or value < least or (most is not None and value > most):
        limits = f"{least} or more" if most is None else f"from {least} to {most}"
        raise OptionError(f"{names(name)} must be a whole number, {limits}, not {_shown(value)}.", option=name)
    return int(value)


def _optional_seconds(params: Params, name: str, names: Names) -> float | None:
    return None if params[name] is None else _seconds(params, name, names)


def _seconds(params: Params, name: str, names: Names) -> float:
    must_be_positive = name in _POSITIVE
    try:
        value = seconds_of(params[name])
        if value > 0 or not must_be_positive:
            return value
    except ValueError:
        pass
    least = "greater than 0" if must_be_positive else "0 or more"
    raise OptionError(
        f"{names(name)} must be a time, {least}: a number of seconds, or a number with a unit such as 45s, 90m, 1h30m, "
        f"2d or 1w, not {_shown(params[name])}.",
        option=name,
    )


def _percent(params: Params, name: str, names: Names) -> float | None:
    value = params[name]
    if value is None:
        return None
    try:
        return percent_of(value)
    except Ambiguous:
        number = float(value)
        hint = f"write {number * 100:g} for {number * 100:g} percent, not {value}"
        less = f"For less than one percent, add the percent sign: {value}%"
        raise OptionError(f"{names(name)} is ambiguous: {hint}. {less}.", option=name) from None
    except ValueError:
        said = f"must be a percentage, from 0 to 100, such as 95, 99.5 or 95%, not {_shown(value)}"
        raise OptionError(f"{names(name)} {said}.", option=name) from None


def _shown(value: object) -> str:
    text = printable(value, 40)
    return text if re.fullmatch(r"[-+]?[0-9.]+%?", text) else repr(text)


@dataclass(frozen=True, repr=False)
class TaskSettings:
    """All settings of a task. C(wait_settings) is None if the task does not wait."""

    campaigns: Campaigns
    connection: Connection
    wait_settings: WaitSettings | None
    credentials: Credentials


def task_settings_of(params: Params, names: Names = str) -> TaskSettings:
    """All settings, validated as far as possible without access to any host. Raises OptionError."""
    campaigns = campaigns_of(params, names)
    connection = connection_of(params, names)
    wait_settings = wait_settings_of(params, campaigns, names) if params["wait"] else None
    if wait_settings is None and _thresholds(params, names).are_set:
        raise OptionError(f"{_demands(names)} require {names('wait')}: true.", option="wait")
    return TaskSettings(campaigns, connection, wait_settings, credentials_of(params, names))


def check_quantities(params: Params, names: Names = str) -> None:
    """Raise OptionError for the first parameter that is not a valid time or percentage."""
    for name in (*_POSITIVE, *_NON_NEGATIVE):
        if params.get(name) is not None:
            _seconds(params, name, names)
    for name in _PERCENTAGES:
        if params.get(name) is not None:
            _percent(params, name, names)


def unknown_options(given: Iterable[str], known: Collection[str]) -> str | None:
    """The message about unknown names, each with the most similar known name; None if all are known.

    All names are as the user writes them.
    """
    unknown = [str(name) for name in given if name not in known]
    return " ".join(_unknown(name, known) for name in unknown) or None


def _unknown(name: str, known: Collection[str]) -> str:
    meant = meant_by(name, known)
    hint = f": did you mean {meant}?" if meant else ": the documentation lists all options."
    return f"There is no option {printable(name)}{hint}"


def meant_by(name: str, known: Collection[str]) -> str | None:
    """The known name that is most similar to an unknown one, None if none is."""
    if _ALIASES.get(name) in known:
        return _ALIASES[name]
    by_bare_name = {_bare(other): other for other in known}
    likely = difflib.get_close_matches(_bare(name), by_bare_name, n=1, cutoff=0.7)
    return by_bare_name[likely[0]] if likely else None


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
