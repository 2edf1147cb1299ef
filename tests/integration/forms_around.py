# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms with different surroundings of the gate: run_once, conditions, tags, blocks, ignored errors, repeated use."""

from __future__ import annotations

from integration.fleets import ROLE, TOUCH
from integration.forms import (
    ALL,
    CANCELLED,
    ENDED,
    GOOD,
    INCLUDE,
    LEFT_OUT,
    NOBODY,
    RESCUED,
    RUNNING,
    WAYS,
    Form,
    by_roles,
    each_way,
    imported,
    include,
    listed,
    terms,
    then_touch,
)
from integration.tasks import Task

_TASK_WAYS = tuple(name for name in WAYS if not name.startswith("play"))
_IN_SUBSET = {"when": "inventory_hostname in subset"}
_DEPLOY = ("--tags", "deploy")
_TOUCH_DEPLOY: Task = {**TOUCH, "tags": ["deploy"]}


def _refused(name: str, *tasks: Task, says: bool = True, **more: object) -> Form:
    return Form(name, then_touch(*tasks), on=NOBODY, says={"t1": "run_once"} if says else {}, **more)  # type: ignore[arg-type]


RUN_ONCE = [
    *each_way(WAYS, "run-once", {"run_once": True}, on=NOBODY, says={"t1": "run_once"}),
    Form("run-once-free", then_touch(include(run_once=True), strategy="free"), on=NOBODY),
    Form("run-once-host-pinned", then_touch(imported(run_once=True), strategy="host_pinned"), on=NOBODY),
    Form("run-once-serial", then_touch(include(run_once=True), serial=2), on=NOBODY),
    _refused("run-once-template", include(run_once="{{ 4 > 3 }}")),
    _refused("run-once-template-import", imported(run_once="{{ once }}", vars={**terms(), "once": "yes"})),
    _refused("run-once-template-host", include(run_once="{{ once | default(false) }}"), own={"t1": {"once": True}}),
    Form("run-once-template-false", then_touch(include(run_once="{{ 4 < 3 }}"))),
    Form("run-once-false-in-block", then_touch({"block": [include()], "run_once": False})),
    Form(
        "run-once-play-template",
        then_touch(include(), run_once="{{ once }}", vars={"once": True}),
        on=NOBODY,
    ),
    Form("run-once-skip", then_touch(include(terms(on_device_failure="skip"), run_once=True)), on=NOBODY),
    Form("run-once-continue", then_touch(imported(terms(on_device_failure="continue"), run_once=True)), on=NOBODY),
    _refused("run-once-nested-blocks", {"block": [{"block": [include()]}], "run_once": True}),
    _refused("run-once-ignored", include(run_once=True, ignore_errors=True)),
    _refused("run-once-block-ignored", {"block": [imported()], "run_once": True, "ignore_errors": True}),
    _refused("run-once-delegated", imported(run_once=True, delegate_to="localhost")),
    _refused(
        "run-once-nested-files",
        {"ansible.builtin.include_tasks": "outer.yml", "run_once": True},
        files={"outer.yml": [{"ansible.builtin.include_tasks": "gate.yml"}], "gate.yml": [include()]},
    ),
    _refused(
        "run-once-file-apply",
        {"ansible.builtin.include_tasks": {"file": "gate.yml", "apply": {"run_once": True}}},
        files={"gate.yml": [include()]},
    ),
    _refused(
        "run-once-inner-role",
        {INCLUDE: {"name": "app"}},
        files={"roles/app/tasks/main.yml": [include(run_once=True)]},
    ),
    _refused("run-once-in-rescue", {"block": [{"ansible.builtin.fail": {}}], "rescue": [include(run_once=True)]}),
    _refused("run-once-in-always", {"block": [RESCUED], "always": [include(run_once=True)]}),
    Form(
        "run-once-rescued",
        [{**then_touch()[0], "tasks": [{"block": [include(run_once=True), TOUCH], "rescue": [RESCUED]}]}],
        on=NOBODY,
        fails=None,
    ),
    Form(
        "run-once-import-rescued",
        [{**then_touch()[0], "tasks": [{"block": [imported(run_once=True), TOUCH], "rescue": [RESCUED]}]}],
        on=NOBODY,
        fails=None,
    ),
    _refused("run-once-loop", include(run_once=True, loop=["a", "b"])),
]

_LEAVES_T2 = {"t2": {"takes_part": False, "campaign": RUNNING}}
_TAKES_PART = {"when": "takes_part | default(true)"}
_NOT_YET = {"when": "campaign_wait_result is not defined"}

CONDITIONS = [
    *each_way(_TASK_WAYS, "when", _TAKES_PART, on="124", own=_LEAVES_T2, unread=(RUNNING,)),
    *each_way(
        ("include", "import", "roles", "block"),
        "when-first-left-out",
        _TAKES_PART,
        own={"t1": {"takes_part": False, "campaign": LEFT_OUT}},
        unread=(RUNNING,),
    ),
    *each_way(
        ("include", "import", "include-tasks"),
        "when-campaign-is-defined",
        {"when": "campaign is defined"},
        on="124",
        own={"t2": {"campaign": LEFT_OUT}},
    ),
    *each_way(
        ("include", "import", "roles", "block", "apply"),
        "when-broken",
        {"when": "parts.gate"},
        on="4",
        own={
            "t1": {},
            "t2": {"parts": {"gate": True}},
            "t3": {"parts": {"gate": True}},
            "t4": {"parts": {"gate": True}},
        },
    ),
    # This condition is true for the first tasks of the role, and false after the task that sets its result.
    *each_way(("include", "import", "roles", "block-import", "apply"), "when-not-yet", _NOT_YET),
    # It cannot be known whether a host would reach the task that holds it.
    *each_way(
        ("import", "apply"),
        "when-broken-by-the-result",
        {"when": "campaign_wait_result is not defined or campaign_wait_result.nothing.at_all"},
        on=NOBODY,
        says={"t2": "[UpgradeFailed]", "t3": "[UpgradePending]"},
    ),
    Form("when-false", then_touch(include(when=False)), on=ALL, fails=False, unread=(ENDED,)),
    Form(
        "when-nested",
        then_touch({"block": [include(when="inventory_hostname != 't4'")], "when": "inventory_hostname != 't2'"}),
        on="124",
    ),
    Form("when-list", then_touch(include(when=["imei is defined", "inventory_hostname in ['t1', 't2']"])), on="134"),
    Form(
        "when-loop-item",
        then_touch(include(when="inventory_hostname in item", loop=[["t1", "t2"], ["t3", "t4"]])),
    ),
    Form(
        "when-loop-of-groups",
        then_touch(
            include(when="inventory_hostname in groups[item]", loop=["all", "ungrouped"], loop_control={"label": "x"})
        ),
    ),
    Form(
        "loop-of-campaigns",
        then_touch(include(terms(campaign_id="{{ item }}"), loop=[ENDED, CANCELLED])),
        on=NOBODY,
    ),
    Form(
        "loop-of-campaigns-bad-first",
        then_touch(include(terms(campaign_id="{{ one }}"), loop=[CANCELLED, ENDED], loop_control={"loop_var": "one"})),
        on=NOBODY,
    ),
    Form("loop-twice", then_touch(include(loop=[1, 2]))),
    Form("loop-free", then_touch(include(loop=[1, 2]), strategy="free")),
]

_FIRST, _SECOND = (
    include(when="inventory_hostname in ['t1', 't2']"),
    include(when="inventory_hostname in ['t3', 't4']"),
)
_IS_CONTINUED = {**TOUCH, "when": "campaign_wait_result.decision | default('fail') == 'continue'"}

REPEATED = [
    Form("twice-subsets", then_touch(_FIRST, _SECOND)),
    Form(
        "twice-subsets-import",
        then_touch(*(imported(when=f"inventory_hostname in {part}") for part in (["t1", "t2"], ["t3", "t4"]))),
    ),
    Form(
        "twice-subsets-roles",
        by_roles(*(listed(when=f"inventory_hostname in {part}") for part in (["t1", "t2"], ["t3", "t4"]))),
    ),
    Form("twice-all-then-subset", then_touch(include(), include(when="inventory_hostname == 't1'"))),
    Form(
        "twice-ignored-then-subset", then_touch(include(ignore_errors=True), include(when="inventory_hostname == 't1'"))
    ),
    Form(
        "twice-skip-then-subset",
        then_touch(include(terms(on_device_failure="skip")), include(when="inventory_hostname == 't1'")),
        fails=False,
    ),
    Form("twice-the-same-roles", by_roles(listed(), listed(terms(max_interval=0.5)))),
    Form("three-times", then_touch(include(terms(state="scheduled", device_id=None)), include(), include())),
    Form("twice-first-without-device", then_touch(include(terms(device_id=None)), include())),
    Form("twice-second-without-device", then_touch(include(), include(terms(device_id=None)))),
    Form("twice-second-cancelled", then_touch(include(), include(terms(campaign_id=CANCELLED))), on=NOBODY),
    Form("twice-second-cancelled-import", then_touch(imported(), imported(terms(campaign_id=CANCELLED))), on=NOBODY),
    Form(
        "twice-second-cancelled-free",
        then_touch(include(), include(terms(campaign_id=CANCELLED)), strategy="free"),
        on=NOBODY,
    ),
    Form("twice-second-bad", then_touch(include(), include(terms(interval=-1))), on=NOBODY),
    # Rescued hosts do not run the second gate, whose decisions must not affect them.
    Form(
        "twice-rescued-then-subset",
        [
            {
                **then_touch()[0],
                "tasks": [
                    {"block": [include()], "rescue": [RESCUED]},
                    include(when="inventory_hostname == 't1'"),
                    _IS_CONTINUED,
                ],
            }
        ],
        fails=False,
        rescued="23",
    ),
    Form(
        "twice-rescued-then-subset-import",
        [
            {
                **then_touch()[0],
                "tasks": [
                    {"block": [imported()], "rescue": [RESCUED]},
                    imported(when="inventory_hostname == 't1'"),
                    _IS_CONTINUED,
                ],
            }
        ],
        # A skipped task overwrites its registered variable, so t4 runs the gate again, and loses its decision.
        on="1",
        fails=False,
        rescued="23",
    ),
    Form(
        "no-duplicates",
        then_touch(
            *(
                include(args={"allow_duplicates": False}, when=f"inventory_hostname in {part}")
                for part in (["t1", "t2"], ["t3", "t4"])
            )
        ),
    ),
]

TAGS = [
    *each_way(
        ("include", "import", "roles", "block", "dependency", "role-in-role"),
        "tags-always",
        {"tags": ["always"]},
        arguments=("--tags", "touch"),
    ),
    Form(
        "tags-always-touch",
        [{**then_touch()[0], "tasks": [include(tags=["always"]), _TOUCH_DEPLOY]}],
        arguments=_DEPLOY,
    ),
    Form("tags-deploy", [{**then_touch()[0], "tasks": [include(tags=["deploy"]), _TOUCH_DEPLOY]}], arguments=_DEPLOY),
    Form(
        "tags-deploy-import",
        [{**then_touch()[0], "tasks": [imported(tags=["deploy"]), _TOUCH_DEPLOY]}],
        arguments=_DEPLOY,
    ),
    Form("tags-import-untagged", [{**then_touch()[0], "tasks": [imported(), _TOUCH_DEPLOY]}], arguments=_DEPLOY),
    Form(
        "tags-roles-untagged", [{**then_touch()[0], "roles": [listed()], "tasks": [_TOUCH_DEPLOY]}], arguments=_DEPLOY
    ),
    Form(
        "tags-apply",
        [{**then_touch()[0], "tasks": [include(apply={"tags": ["deploy"]}, tags=["deploy"]), _TOUCH_DEPLOY]}],
        arguments=_DEPLOY,
    ),
    Form("tags-play", then_touch(include(), tags=["deploy"]), arguments=_DEPLOY),
    Form("tags-skipped-other", then_touch(include(tags=["always"]), RESCUED), arguments=("--skip-tags", "other")),
    Form("tags-skip-role", then_touch(imported(tags=["gate"])), arguments=("--tags", "all")),
]

_AFTER = {**TOUCH, "name": "touch"}


def _block(gate: Task, **sections: object) -> list[Task]:
    return [{"block": [gate, _AFTER], **sections}]


def _blocked(name: str, gate: Task, sections: dict[str, object], **more: object) -> Form:
    plays = [{**then_touch()[0], "tasks": _block(gate, **sections)}]
    return Form(name, plays, **more)  # type: ignore[arg-type]


_TELLS = {**RESCUED, "when": "ansible_failed_result.msg is search('was not upgraded')"}
_NAMES_OPTION = {**RESCUED, "when": "ansible_failed_result.msg is search('campaign_wait_max_concurrency')"}

ERRORS = [
    *each_way(WAYS, "ignore-errors", {"ignore_errors": True}),
    *each_way(
        ("include", "import", "block"),
        "ignore-errors-skip",
        {"ignore_errors": True},
        fails=False,
        terms=terms(on_device_failure="skip"),
    ),
    Form("ignore-errors-bad-option", then_touch(include(terms(interval=-1), ignore_errors=True)), on=NOBODY),
    Form("ignore-errors-bad-option-play", then_touch(imported(terms(interval=-1)), ignore_errors=True), on=NOBODY),
    Form(
        "ignore-errors-bad-host",
        then_touch(include(ignore_errors=True)),
        on="4",
        own={"t1": {"campaign_wait_max_concurrency": 0}},
    ),
    _blocked("rescue", include(), {"rescue": [_TELLS]}, fails=False, rescued="23"),
    _blocked("rescue-import", imported(), {"rescue": [_TELLS]}, fails=False, rescued="23"),
    _blocked(
        "rescue-bad-option",
        include(),
        {"rescue": [_NAMES_OPTION]},
        fails=False,
        on="4",
        rescued="1",
        own={"t1": {"campaign_wait_max_concurrency": 0}},
    ),
    _blocked("rescue-always", include(), {"rescue": [_TELLS], "always": [{"ansible.builtin.debug": {}}]}, fails=False),
    _blocked("always", include(), {"always": [RESCUED]}, rescued=ALL),
    # In ansible-core 2.16, a rescue makes hosts continue. In newer versions, no host continues nevertheless.
    _blocked(
        "rescue-any-errors-fatal",
        include(),
        {"rescue": [RESCUED], "any_errors_fatal": True},
        on=NOBODY,
        on_oldest=GOOD,
        fails=None,
    ),
    Form(
        "rescue-then-after", then_touch({"block": [include()], "rescue": [RESCUED]}), on=ALL, fails=False, rescued="23"
    ),
    Form("in-rescue", then_touch({"block": [{"ansible.builtin.fail": {}}], "rescue": [include()]})),
    Form("in-always", then_touch({"block": [{"ansible.builtin.debug": {}}], "always": [include()]})),
    Form("any-errors-fatal", then_touch(include(), any_errors_fatal=True), on=NOBODY),
    Form("any-errors-fatal-block", then_touch({"block": [include()], "any_errors_fatal": True}), on=NOBODY),
    Form("any-errors-fatal-import", then_touch(imported(any_errors_fatal=True)), on=NOBODY),
    Form(
        "any-errors-fatal-skip",
        then_touch(include(terms(on_device_failure="skip")), any_errors_fatal=True),
        fails=False,
    ),
    Form("any-errors-fatal-setting", then_touch(include()), on=NOBODY, environment={"ANSIBLE_ANY_ERRORS_FATAL": "1"}),
    Form("max-fail-percentage-0", then_touch(include(), max_fail_percentage=0), on=NOBODY),
    Form("max-fail-percentage-49", then_touch(include(), max_fail_percentage=49), on=NOBODY),
    Form("max-fail-percentage-50", then_touch(include(), max_fail_percentage=50)),
    Form("no-log", then_touch(imported(no_log=True))),
    Form("no-log-play", then_touch(include(), no_log=True)),
    Form(
        "name-of-the-role-by-collections",
        [
            {
                **then_touch()[0],
                "collections": ["fleetops.thingspace"],
                "roles": [{**listed(), "role": ROLE.rsplit(".", 1)[1]}],
            }
        ],
    ),
]

AROUND = [*RUN_ONCE, *CONDITIONS, *REPEATED, *TAGS, *ERRORS]
