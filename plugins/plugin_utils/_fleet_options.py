# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: from the role's variables of each host to waits: which hosts want which campaigns, on what terms."""

from __future__ import annotations

import contextlib
import json
import re
import typing as t
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CAMPAIGN_INFO_OPTIONS,
    Option,
    checked,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._devices import device_id_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._goal import Goal
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Wishes, needed_of, wishes_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._states import is_terminal

Values = Mapping[str, t.Any]

PREFIX: t.Final = "campaign_wait_"

# What the role has beyond the options of the module.
FLEET_OPTIONS: t.Final = (
    # Raw, because YAML reads an unquoted IMEI with leading zeros as another number: such a one is refused.
    Option("device_id", type="raw"),
    Option("on_device_failure", default="fail", choices=("fail", "skip", "continue")),
    Option("on_timeout", default="fail", choices=("fail", "skip", "continue")),
    Option("missing", default="fail", choices=("fail", "pass")),
    Option("stats", default="thingspace_campaigns"),
    Option("stats_devices", type="bool", default=False),
)
# What the role decides itself.
_NOT_IN_ROLE: t.Final = ("wait", "wait_on_timeout")
_MODULE_OPTIONS: t.Final = tuple(option for option in CAMPAIGN_INFO_OPTIONS if option.name not in _NOT_IN_ROLE)
# Each host's own business: they make no other wait of a wait.
_OF_HOST: t.Final = ("campaign_id", "wait_match", *(option.name for option in FLEET_OPTIONS))
# More hosts than this are not named one by one in a sentence.
_MAX_NAMED: t.Final = 20
_IMEI_DIGITS: t.Final = 15
# Option names that are also words of plain sentences.
_PLAIN_WORDS: t.Final = ("devices", "wait", "missing")


def role_variable(option: str) -> str:
    """The role's name for an option: C(campaign_wait_timeout) for C(wait_timeout)."""
    return PREFIX + re.sub("^wait_", "", option)


VARIABLES: t.Final[Mapping[str, Option]] = {
    role_variable(option.name): option for option in (*_MODULE_OPTIONS, *FLEET_OPTIONS)
}
CAMPAIGN_ID: t.Final = role_variable("campaign_id")


@dataclass(frozen=True)
class Terms:
    """What becomes of a host in each case; C(stats) is the key for workflows, empty for none."""

    on_device_failure: str
    on_timeout: str
    stats: str
    stats_devices: bool


@dataclass(frozen=True)
class Member:
    """A host of the fleet: its goal (None: it has no campaign, and passes), its device, its terms."""

    host: str
    goal: Goal | None
    device_id: str | None
    terms: Terms


@dataclass(frozen=True)
class Party:
    """Hosts that share one wait; C(wishes) are about the campaigns of all of them."""

    wishes: Wishes
    members: tuple[Member, ...]

    @property
    def goals(self) -> tuple[Goal, ...]:
        """Their different goals."""
        return tuple(dict.fromkeys(member.goal for member in self.members if member.goal is not None))

    @property
    def is_talkative(self) -> bool:
        """Whether lines of progress are wanted."""
        return self.wishes.waiting is not None and self.wishes.waiting.progress_interval > 0

    @property
    def has_devices(self) -> bool:
        """Whether the device reports decide about any of the hosts."""
        return any(member.device_id is not None for member in self.members)


@dataclass(frozen=True)
class Fleet:
    """Every host of the batch: in one of the parties, or without a campaign."""

    parties: tuple[Party, ...]
    without_campaign: tuple[Member, ...]

    @property
    def members(self) -> list[Member]:
        """All hosts."""
        return [*(member for party in self.parties for member in party.members), *self.without_campaign]


@dataclass
class _Draft:
    """A party that still grows."""

    params: dict[str, t.Any]
    ids: dict[str, None] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)


def fleet_of(hosts: Mapping[str, Values]) -> Fleet:
    """The fleet, from each host's values by the names of VARIABLES.

    Raises OptionError, in the role's words and with the names of the hosts, before anything is sent.
    """
    _check_missing(hosts)
    drafts: dict[str, _Draft] = {}
    without_campaign = []
    for names in _same(hosts):
        with _in_role_words(names, hosts):
            request = _request_of({name: hosts[name] for name in names})
        if request.wishes is None:
            without_campaign += [Member(name, None, None, request.terms) for name in names]
            continue
        params, ids = request.params, request.wishes.campaigns.ids
        goal = Goal(ids, needed_of(params["wait_match"], len(ids)))
        settings = {name: value for name, value in params.items() if name not in _OF_HOST}
        draft = drafts.setdefault(json.dumps(settings, sort_keys=True, default=str), _Draft(params))
        draft.ids.update(dict.fromkeys(goal.ids))
        draft.members += [Member(name, goal, device, request.terms) for name, device in request.devices.items()]
    return Fleet(tuple(_party(draft) for draft in drafts.values()), tuple(without_campaign))


@dataclass(frozen=True)
class _Request:
    """What hosts want that want the same of the same campaigns; C(wishes) is None if they name no campaign."""

    params: dict[str, t.Any]
    terms: Terms
    devices: dict[str, str | None]
    wishes: Wishes | None


def _request_of(hosts: Mapping[str, Values]) -> _Request:
    """Raises OptionError in the words of the module."""
    params = _checked(next(iter(hosts.values())))
    terms = Terms(params["on_device_failure"], params["on_timeout"], params["stats"], params["stats_devices"])
    devices = {name: _device_of(values.get(role_variable("device_id")), name) for name, values in hosts.items()}
    wishes = _wishes(params, devices.values(), terms) if params["campaign_id"] else None
    return _Request(params, terms, devices, wishes)


def _party(draft: _Draft) -> Party:
    params = {**draft.params, "campaign_id": list(draft.ids), "wait_match": "all"}
    return Party(wishes_of(params), tuple(draft.members))


def _same(hosts: Mapping[str, Values]) -> Iterable[list[str]]:
    """The names of the hosts, those together that want the same but for their devices."""
    same: dict[str, list[str]] = {}
    for name, values in hosts.items():
        wanted = {key: value for key, value in values.items() if key != role_variable("device_id")}
        same.setdefault(json.dumps(wanted, sort_keys=True, default=str), []).append(name)
    return same.values()


def _checked(values: Values) -> dict[str, t.Any]:
    """The values by the names of their options, of the right type, with defaults. Raises OptionError."""
    given = {option.name: values[name] for name, option in VARIABLES.items() if name in values}
    if not has_campaign(values):
        given["campaign_id"] = []
    return {
        **checked(given, (*_MODULE_OPTIONS, *FLEET_OPTIONS), role_variable),
        "wait": True,
        "wait_on_timeout": "return",
    }


def _wishes(params: Values, devices: Iterable[str | None], terms: Terms) -> Wishes:
    """What one kind of host wants, checked."""
    wishes = wishes_of(params)
    waiting = wishes.waiting
    early = [target for target in waiting.targets if not is_terminal(target)] if waiting else []
    if early and terms.on_device_failure != "continue" and any(device is not None for device in devices):
        raise OptionError(
            f"wait_state {early[0]} does not go with device_id: what came of a device is known for sure only when its "
            "campaign is over. Wait for ended, or set on_device_failure to continue."
        )
    return wishes


def has_campaign(values: Values) -> bool:
    """Whether a host names any campaign."""
    campaign = values.get(CAMPAIGN_ID)
    return bool(campaign.strip()) if isinstance(campaign, str) else bool(campaign)


def _check_missing(hosts: Mapping[str, Values]) -> None:
    without = [name for name, values in hosts.items() if not has_campaign(values)]
    named = [name for name in without if hosts[name].get(role_variable("missing")) != "pass"]
    if not named:
        return
    if len(hosts) == 1:
        what = f"{CAMPAIGN_ID} is missing: set it to the ID of a campaign"
    else:
        what = f"{len(named)} of {len(hosts)} hosts have no {CAMPAIGN_ID}: {names_text(named)}. Set it for them"
    raise OptionError(
        f"{what}, leave such hosts out of the play, or set {role_variable('missing')} to pass.",
        {"hosts_without_campaign": named},
    )


def _device_of(value: t.Any, host: str) -> str | None:
    name = role_variable("device_id")
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool) and len(str(value)) == _IMEI_DIGITS:
        return str(value)
    if not isinstance(value, str):
        raise OptionError(
            f"{name} of host {host} was read as a number, which loses leading zeros: put the IMEI in quotes."
        )
    return device_id_of(value)


@contextlib.contextmanager
def _in_role_words(names: Collection[str], hosts: Values) -> Iterator[None]:
    """Lets an OptionError through in the words of the role, with the hosts that it is about."""
    try:
        yield
    except OptionError as error:
        about = "" if len(names) == len(hosts) else f" (hosts: {names_text(list(names))})"
        raise OptionError(_role_words(error.message) + about, error.facts) from None


_OPTION_NAMES: t.Final = sorted(
    (option.name for option in VARIABLES.values() if option.name not in _PLAIN_WORDS), key=len, reverse=True
)
_OPTION_NAME: t.Final = re.compile(rf"(?<![\w./-])({'|'.join(_OPTION_NAMES)})(?!\w)")


def _role_words(sentence: str) -> str:
    return _OPTION_NAME.sub(lambda found: role_variable(found.group(1)), sentence)


def names_text(names: list[str]) -> str:
    """The hosts' names, the first of them if there are many."""
    more = len(names) - _MAX_NAMED
    return ", ".join(names[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
