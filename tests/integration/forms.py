# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms of plays with the gate, as data: which hosts must continue, and whether the run succeeds.

The four hosts belong to a campaign that has ended. The devices of ``t1`` and ``t4`` were upgraded, that of ``t2`` has
failed, and that of ``t3`` is still pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from integration.fleets import ROLE, TOUCH, role_variables
from integration.lane import IS_OLDEST
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, Task, as_environment, campaign_ids, local_hosts, play
from simulator.control import Control

Play = dict[str, Any]

ENDED, RUNNING, CANCELLED = campaign_ids(3)
HOSTS = ("t1", "t2", "t3", "t4")
IMEIS = {host: f"99000342573053{number}" for number, host in enumerate(HOSTS, 1)}
ALL, GOOD, NOBODY = "1234", "14", ""
# A variable that a host does not have (None is a null).
LEFT_OUT = object()
# Runs in the rescue section of a block, or where a test has to know which hosts run it.
RESCUED: Task = {"name": "rescued", "ansible.builtin.debug": {"msg": "rescued"}}
INCLUDE, IMPORT = "ansible.builtin.include_role", "ansible.builtin.import_role"


@dataclass(frozen=True)
class Form:
    """A run. ``on`` has the numbers of the hosts that must reach the task ``touch``. No others may reach it.

    :param on_oldest: the same for ansible-core 2.16, if Ansible itself behaves differently.
    :param fails: whether the exit code must not be 0. None if the user's play decides.
    :param own: the host variables that override the common ones, see :data:`LEFT_OUT`.
    :param files: the files next to the playbook.
    :param says: texts in the message of a failed task, by host.
    :param rescued: the numbers of the hosts that must reach the task ``rescued``, or None if any hosts can.
    :param unread: campaigns that must not be polled.
    """

    name: str
    plays: list[Play]
    on: str = GOOD
    on_oldest: str | None = None
    fails: bool | None = True
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)
    rescued: str | None = None
    unread: tuple[str, ...] = ()


def terms(**more: Any) -> dict[str, Any]:
    """Return variables of the role. Variables of None are omitted."""
    api_url = more.pop("api_url", "{{ api_url }}")
    return role_variables(api_url, **{"timeout": 20, **more})


def include(variables: Mapping[str, Any] | None = None, apply: Any = None, args: Any = None, **keywords: Any) -> Task:
    """Return the role with include_role. ``args`` are more arguments of it."""
    arguments = {"name": ROLE, **({} if apply is None else {"apply": apply}), **(args or {})}
    return {"name": "gate", INCLUDE: arguments, "vars": terms() if variables is None else variables, **keywords}


def imported(variables: Mapping[str, Any] | None = None, args: Any = None, **keywords: Any) -> Task:
    """Return the role with import_role."""
    wanted = terms() if variables is None else variables
    return {"name": "gate", IMPORT: {"name": ROLE, **(args or {})}, "vars": wanted, **keywords}


def listed(variables: Mapping[str, Any] | None = None, **keywords: Any) -> Task:
    """Return the role as an entry of ``roles``."""
    return {"role": ROLE, "vars": terms() if variables is None else variables, **keywords}


def then_touch(*tasks: Task, **keywords: Any) -> list[Play]:
    """Return a play for the fleet with these tasks, and then the task ``touch``."""
    return [play([*tasks, {**TOUCH, "tags": ["touch"]}], hosts="all", **keywords)]


def by_roles(*entries: Any, **keywords: Any) -> list[Play]:
    """Return a play for the fleet with these roles, and then the task ``touch``."""
    return then_touch(roles=list(entries), **keywords)


def way(name: str, variables: Mapping[str, Any] | None = None, **keywords: Any) -> tuple[list[Play], dict[str, Any]]:
    """Return plays and files with the gate and keywords around it, in one of :data:`WAYS`."""
    wanted = terms() if variables is None else variables
    return _WAYS[name](wanted, keywords)


def _app(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {"roles/app/tasks/main.yml": [include(wanted)]}


_WAYS: dict[str, Callable[[Mapping[str, Any], dict[str, Any]], tuple[list[Play], dict[str, Any]]]] = {
    "include": lambda wanted, more: (then_touch(include(wanted, **more)), {}),
    "import": lambda wanted, more: (then_touch(imported(wanted, **more)), {}),
    "roles": lambda wanted, more: (by_roles(listed(wanted, **more)), {}),
    "apply": lambda wanted, more: (then_touch(include(wanted, apply=more)), {}),
    "block": lambda wanted, more: (then_touch({"block": [include(wanted)], **more}), {}),
    "block-import": lambda wanted, more: (then_touch({"block": [imported(wanted)], **more}), {}),
    "include-tasks": lambda wanted, more: (
        then_touch({"ansible.builtin.include_tasks": "gate.yml", **more}),
        {"gate.yml": [include(wanted)]},
    ),
    "role-in-role": lambda wanted, more: (by_roles({"role": "app", **more}), _app(wanted)),
    "dependency": lambda wanted, more: (
        by_roles("app"),
        {
            "roles/app/meta/main.yml": {"dependencies": [listed(wanted, **more)]},
            "roles/app/tasks/main.yml": [RESCUED],
        },
    ),
    "play": lambda wanted, more: (then_touch(include(wanted), **more), {}),
    "play-import": lambda wanted, more: (then_touch(imported(wanted), **more), {}),
}
WAYS = tuple(_WAYS)


def each_way(ways: Iterable[str], name: str, keywords: Mapping[str, Any], **more: Any) -> list[Form]:
    """Return forms with the same keywords around the gate, in several ways. ``more`` are fields of the forms."""
    forms = []
    for one in ways:
        plays, files = way(one, more.get("terms"), **keywords)
        rest = {key: value for key, value in more.items() if key != "terms"}
        forms.append(Form(f"{name}-{one}", plays, files=files, **rest))
    return forms


def play_form(form: Form, playbooks: Playbooks, control: Control, api_url: str, verbosity: int = 0) -> Run:
    """Set up the campaigns, and run the playbook."""
    statuses = ("UpgradeSuccess", "UpgradeFailed", "UpgradePending", "UpgradeSuccess")
    devices = [{"id": imei, "status": status} for imei, status in zip(IMEIS.values(), statuses)]
    for campaign, status in ((ENDED, "Ended"), (RUNNING, "Scheduled"), (CANCELLED, "Cancelled")):
        control.add_campaign(campaign, body={"status": f"Campaign{status}"}, devices=devices)
    for name, content in form.files.items():
        playbooks.write_file(name, content)
    return playbooks.run(
        form.plays,
        hosts=_inventory(form, api_url),
        environment={**as_environment(CREDENTIALS), **form.environment},
        arguments=form.arguments,
        variables=form.variables,
        verbosity=verbosity,
    )


def check_form(form: Form, run: Run, control: Control) -> None:
    """Check that exactly the expected hosts continue, and check the exit code."""
    on = form.on_oldest if IS_OLDEST and form.on_oldest is not None else form.on
    assert _reached(run, "touch") == _hosts(on), run.output
    if form.fails is not None:
        assert (run.code != 0) is form.fails, run.output
    if form.rescued is not None:
        assert _reached(run, "rescued") == _hosts(form.rescued), run.output
    for host, text in form.says.items():
        said = [str(event.result.get("msg")) for event in run.events if event.failed and event.host == host]
        assert any(text in message for message in said), (host, text, said)
    reads = control.counters()["reads_by_campaign"]
    assert [campaign for campaign in form.unread if reads.get(campaign)] == []


def _reached(run: Run, task: str) -> set[str]:
    """Return the hosts on which a task has succeeded, in any role."""
    return {event.host for event in run.events if event.event == "ok" and event.task.split(" : ")[-1] == task}


def _hosts(numbers: str) -> set[str]:
    return {f"t{number}" for number in numbers}


def _inventory(form: Form, api_url: str) -> dict[str, dict[str, Any]]:
    inventory: dict[str, dict[str, Any]] = {}
    for host, variables in local_hosts([*HOSTS, *(name for name in form.own if name not in HOSTS)]).items():
        given = {
            **variables,
            "campaign": ENDED,
            "imei": IMEIS.get(host, LEFT_OUT),
            "api_url": api_url,
            **form.own.get(host, {}),
        }
        inventory[host] = {name: value for name, value in given.items() if value is not LEFT_OUT}
    return inventory
