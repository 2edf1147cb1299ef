# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms with different ways to run a play: strategies, batches, the command line, other roles, and several plays."""

from __future__ import annotations

from typing import Any

from integration.fleets import ROLE, TOUCH
from integration.forms import (
    ALL,
    CANCELLED,
    ENDED,
    HOSTS,
    INCLUDE,
    NOBODY,
    RESCUED,
    RUNNING,
    Form,
    by_roles,
    imported,
    include,
    listed,
    terms,
    then_touch,
)
from integration.tasks import Task, play

_BARE = then_touch()[0]
_SKIP = terms(on_device_failure="skip")
_RUNNING = {host: {"campaign": RUNNING} for host in HOSTS}


def _tasks(*tasks: Task, **keywords: Any) -> list[dict[str, Any]]:
    return [{**_BARE, "tasks": list(tasks), **keywords}]


STRATEGIES = [
    Form("linear-include", then_touch(include())),
    Form("linear-import", then_touch(imported())),
    Form("linear-roles", by_roles(listed())),
    Form("free-include", then_touch(include(), strategy="free")),
    Form("free-import", then_touch(imported(), strategy="ansible.builtin.free")),
    Form("free-roles", by_roles(listed(), strategy="free")),
    Form("host-pinned-include", then_touch(include(), strategy="host_pinned")),
    Form("host-pinned-roles", by_roles(listed(), strategy="ansible.builtin.host_pinned")),
    Form("free-by-setting", by_roles(listed()), environment={"ANSIBLE_STRATEGY": "free"}),
    Form("free-skip", then_touch(include(_SKIP), strategy="free"), fails=False),
    Form("free-forks-1", then_touch(include(), strategy="free"), arguments=("--forks", "1")),
    Form(
        "free-any-errors-fatal",
        then_touch(include(terms(campaign_id=CANCELLED)), strategy="free", any_errors_fatal=True),
        on=NOBODY,
    ),
    Form("serial-2", then_touch(include(), serial=2)),
    Form("serial-3", by_roles(listed(), serial=3)),
    Form("serial-percent", then_touch(imported(), serial="50%")),
    Form("serial-list", then_touch(include(), serial=[1, 3])),
    # If all hosts of a batch fail, Ansible ends the play before t3 and t4.
    Form("serial-1", then_touch(include(), serial=1), on="1"),
    Form("serial-1-skip", then_touch(include(_SKIP), serial=1), fails=False),
    Form("serial-free", then_touch(include(), serial=2, strategy="free")),
    Form("serial-max-fail-percentage", then_touch(include(), serial=2, max_fail_percentage=40), on=NOBODY),
    Form("forks-1", then_touch(include()), arguments=("--forks", "1")),
    Form("forks-2", by_roles(listed()), arguments=("--forks", "2")),
    Form("forks-50", then_touch(include()), arguments=("--forks", "50")),
    Form("throttle-play", then_touch(include(), throttle=1)),
    Form("throttle-apply", then_touch(include(apply={"throttle": 1}))),
    Form("order-reverse", then_touch(include(), order="reverse_inventory")),
    Form("order-shuffle", by_roles(listed(), order="shuffle")),
]

_OTHER_TASK: Task = {"name": "before", "ansible.builtin.debug": {"msg": "before"}}

COMMAND_LINE = [
    Form("limit-one", then_touch(include()), on="1", fails=False, arguments=("--limit", "t1")),
    Form("limit-two", then_touch(include()), on="4", arguments=("--limit", "t2,t4")),
    Form("limit-not-first", by_roles(listed()), on="4", arguments=("--limit", "all:!t1")),
    Form("check", then_touch(include()), arguments=("--check",)),
    Form("check-diff-import", then_touch(imported()), arguments=("--check", "--diff")),
    Form("check-keyword", then_touch(include(apply={"check_mode": True}))),
    # This start skips the tasks that record all hosts, so each host decides by its own options.
    Form(
        "start-within-the-gate",
        then_touch(imported()),
        arguments=("--start-at-task", "*Wait for the campaigns of all hosts in one process"),
    ),
    Form(
        "start-at-the-gate",
        _tasks(_OTHER_TASK, imported(), TOUCH),
        arguments=("--start-at-task", "gate*"),
        fails=None,
        on=NOBODY,
    ),
    Form(
        "start-before-the-gate",
        _tasks(RESCUED, _OTHER_TASK, include(), TOUCH),
        arguments=("--start-at-task", "before"),
        rescued="",
    ),
    Form("flush-cache", then_touch(include()), arguments=("--flush-cache",)),
    Form("syntax-of-a-missing-entry-point", then_touch(include(args={"tasks_from": "checked"})), on=NOBODY),
    Form("entry-point-main", then_touch(include(args={"tasks_from": "main"}))),
    Form("spec-not-validated", then_touch(include(args={"rolespec_validate": False}))),
    Form("public", then_touch(include(args={"public": True}))),
    Form(
        "name-by-template", then_touch(include(args={"name": "{{ gate_role }}"}, vars={**terms(), "gate_role": ROLE}))
    ),
]

_APP: dict[str, Any] = {"roles/app/tasks/main.yml": [TOUCH]}
_NOTIFY: Task = {"ansible.builtin.command": "true", "changed_when": True, "notify": "touch"}

SECTIONS = [
    Form("pre-tasks", [{**_BARE, "pre_tasks": [include()], "roles": [], "tasks": [TOUCH]}]),
    Form("pre-tasks-before-roles", [{**_BARE, "pre_tasks": [include()], "roles": ["app"], "tasks": []}], files=_APP),
    Form("post-tasks", [{**_BARE, "tasks": [include()], "post_tasks": [TOUCH]}]),
    Form("tasks-post-tasks", [{**_BARE, "roles": [listed()], "tasks": [], "post_tasks": [TOUCH]}]),
    Form("gate-in-post-tasks", [{**_BARE, "tasks": [RESCUED], "post_tasks": [imported(), TOUCH]}], rescued=ALL),
    Form("roles-in-a-row", [{**_BARE, "roles": [listed(), "app"], "tasks": []}], files=_APP),
    Form(
        "dependency",
        [{**_BARE, "roles": ["app"], "tasks": []}],
        files={**_APP, "roles/app/meta/main.yml": {"dependencies": [listed()]}},
    ),
    Form(
        "dependency-of-a-dependency",
        [{**_BARE, "roles": ["top"], "tasks": []}],
        files={
            "roles/mid/meta/main.yml": {"dependencies": [listed()]},
            "roles/mid/tasks/main.yml": [],
            "roles/top/meta/main.yml": {"dependencies": ["mid"]},
            "roles/top/tasks/main.yml": [TOUCH],
        },
    ),
    Form(
        "dependency-of-an-included-role",
        _tasks({INCLUDE: {"name": "app"}}),
        files={**_APP, "roles/app/meta/main.yml": {"dependencies": [listed()]}},
    ),
    Form("role-in-role", by_roles("app"), files={"roles/app/tasks/main.yml": [include()]}),
    Form(
        "role-in-role-import",
        by_roles("app"),
        files={"roles/app/tasks/main.yml": [imported({})], "roles/app/defaults/main.yml": terms()},
    ),
    Form(
        "role-in-included-role",
        then_touch({INCLUDE: {"name": "app"}}),
        files={"roles/app/tasks/main.yml": [include({})], "roles/app/vars/main.yml": terms()},
    ),
    Form("include-tasks", then_touch({"ansible.builtin.include_tasks": "gate.yml"}), files={"gate.yml": [include()]}),
    Form("import-tasks", then_touch({"ansible.builtin.import_tasks": "gate.yml"}), files={"gate.yml": [imported()]}),
    Form(
        "include-tasks-loop",
        then_touch({"ansible.builtin.include_tasks": "gate.yml", "loop": [ENDED, CANCELLED]}),
        on=NOBODY,
        files={"gate.yml": [include(terms(campaign_id="{{ item }}"))]},
    ),
    Form(
        "include-tasks-free",
        then_touch({"ansible.builtin.include_tasks": "gate.yml"}, strategy="free"),
        files={"gate.yml": [imported()]},
    ),
    Form(
        "handler",
        [
            {
                **_BARE,
                "handlers": [TOUCH],
                "pre_tasks": [{**_NOTIFY, "when": "inventory_hostname in ['t1', 't2']"}],
                "tasks": [include()],
            }
        ],
        on="12",
        rescued=None,
    ),
    Form(
        "handler-after-the-gate",
        [{**_BARE, "handlers": [TOUCH], "tasks": [include(), {**_NOTIFY, "connection": "local"}]}],
    ),
    # Ansible supports no roles as handlers, not even in an included file, and ends the run.
    Form(
        "gate-as-a-handler",
        [
            {
                **_BARE,
                "handlers": [{**include(), "name": "touch-gate"}],
                "tasks": [
                    {**_OTHER_TASK, "changed_when": True, "notify": "touch-gate"},
                    {"ansible.builtin.meta": "flush_handlers"},
                    TOUCH,
                ],
            }
        ],
        on=NOBODY,
    ),
    Form(
        "facts",
        then_touch(
            include(terms(timeout="{{ ansible_facts.system_vendor | default(20) }}")),
            gather_facts=True,
            gather_subset=["!all", "!min"],
        ),
        arguments=("--limit", "t1,t2"),
        on="1",
    ),
    Form("delegated", then_touch(imported(delegate_to="localhost"))),
    Form("delegated-block", then_touch({"block": [include()], "delegate_to": "t1"})),
    Form(
        "delegated-apply", then_touch(include(apply={"delegate_to": "{{ groups['all'][0] }}", "delegate_facts": True}))
    ),
    Form("delegated-by-ssh", then_touch(imported(delegate_to="192.0.2.1"))),
    Form("in-the-background", then_touch(include(apply={"async": 30, "poll": 1})), on=NOBODY),
    # Ansible does not pass these keywords to the tasks of an imported role.
    Form("in-the-background-unwatched", then_touch({**imported(), "async": 30, "poll": 0})),
    Form(
        "background-tasks-around",
        _tasks(
            {"ansible.builtin.command": "true", "async": 20, "poll": 0, "when": "inventory_hostname == 't1'"},
            include(),
            TOUCH,
        ),
    ),
    Form("time-limit-of-tasks", then_touch(include(apply={"timeout": 60}))),
    Form("time-limit-is-over", then_touch(include(apply={"timeout": 2})), on=NOBODY, own=_RUNNING),
]

_ON_LOCALHOST: Any = {
    "hosts": "localhost",
    "gather_facts": False,
    "tasks": [include(terms(device_id=None, campaign_id=CANCELLED))],
    "vars": {"api_url": "{{ hostvars['t1'].api_url }}"},
}
_ADDED: Task = {
    "ansible.builtin.add_host": {"name": "{{ item }}", "imei": "{{ hostvars[item].imei }}"},
    "loop": list(HOSTS),
}

PLAYS = [
    Form("next-play", [*_tasks(include()), *then_touch()]),
    Form(
        "next-play-by-result",
        [*_tasks(include(_SKIP)), *_tasks({**TOUCH, "when": "campaign_wait_result.decision == 'continue'"})],
        fails=False,
    ),
    Form("gate-on-localhost-then-fleet", [_ON_LOCALHOST, *then_touch()], on=NOBODY),
    Form("two-gates-in-two-plays", [*_tasks(include()), *then_touch(include(terms(campaign_id=CANCELLED)))], on=NOBODY),
    Form("second-play-other-order", [*_tasks(include(_SKIP)), *then_touch(include(), order="reverse_inventory")]),
    Form("hosts-that-were-added", [play([_ADDED], hosts="localhost"), *then_touch(include())]),
    Form("skip", then_touch(include(_SKIP)), fails=False),
    Form("skip-import", then_touch(imported(_SKIP)), fails=False),
    Form("skip-block", then_touch({"block": [include(_SKIP), TOUCH], "rescue": [RESCUED]}), fails=False, rescued=""),
    Form("continue", then_touch(include(terms(on_device_failure="continue"))), on=ALL, fails=False),
    Form("timed-out", then_touch(include(terms(timeout=0))), on=NOBODY, own=_RUNNING),
    Form(
        "timed-out-skip", then_touch(include(terms(timeout=0, on_timeout="skip"))), on=NOBODY, fails=False, own=_RUNNING
    ),
    Form("timed-out-continue", then_touch(include(terms(timeout=0, on_timeout="continue"))), own=_RUNNING),
    Form("timed-out-one", then_touch(include(terms(timeout=1))), on="4", own={"t1": {"campaign": RUNNING}}),
    Form("cancelled", by_roles(listed(terms(campaign_id=CANCELLED))), on=NOBODY),
    Form("past-target", then_touch(include(terms(state="scheduled", device_id=None))), on=ALL, fails=False),
    Form(
        "host-failed-before",
        _tasks({"ansible.builtin.fail": {}, "when": "inventory_hostname == 't1'"}, include(), TOUCH),
        on="4",
    ),
    Form(
        "host-ended-before",
        _tasks({"ansible.builtin.meta": "end_host", "when": "inventory_hostname == 't1'"}, include(), TOUCH),
        on="4",
    ),
]

# What no role can prevent. They are tested so that docs/fleet.md describes them correctly.
BYPASSES = [
    Form("skip-tags-always", then_touch(include()), on=ALL, fails=False, arguments=("--skip-tags", "always")),
    Form("start-at-task-behind", then_touch(include()), on=ALL, fails=False, arguments=("--start-at-task", "touch")),
    Form(
        "include-left-out-by-tags",
        _tasks(include(), {**TOUCH, "tags": ["deploy"]}),
        on=ALL,
        fails=False,
        arguments=("--tags", "deploy"),
    ),
    Form(
        "include-in-a-file-left-out-by-tags",
        _tasks({"ansible.builtin.include_tasks": "gate.yml", "tags": ["always"]}, {**TOUCH, "tags": ["deploy"]}),
        on=ALL,
        fails=False,
        arguments=("--tags", "deploy"),
        files={"gate.yml": [include()]},
    ),
    Form(
        "limit-on-a-gate-of-its-own", [_ON_LOCALHOST, *then_touch()], on="1", fails=False, arguments=("--limit", "t1")
    ),
    Form("left-out-hosts-in-the-next-play", [*_tasks(include(_SKIP)), *then_touch()], on=ALL, fails=False),
    Form(
        "handlers-that-are-forced",
        [
            {
                **_BARE,
                "force_handlers": True,
                "handlers": [TOUCH],
                "pre_tasks": [_NOTIFY],
                "tasks": [include(), {"ansible.builtin.debug": {}}],
            }
        ],
        on=ALL,
    ),
]

RUNS = [*STRATEGIES, *COMMAND_LINE, *SECTIONS, *PLAYS]
