# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms with different options of the gate: device IDs, misspelled and invalid options, and sources of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.forms import (
    CANCELLED,
    ENDED,
    HOSTS,
    IMEIS,
    LEFT_OUT,
    NOBODY,
    Form,
    imported,
    include,
    terms,
    then_touch,
)
from integration.tasks import GROUP, MODULE
from simulator.stock import ACCOUNT

_WITH_DEVICE = terms()
_WITHOUT_DEVICE = terms(device_id=None)
_NO_REQUEST = {"interval": None, "max_interval": None}


def _by_host(name: str, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {host: {name: value} for host, value in values.items()}


# All kinds of empty values, each on its own host, in addition to the four usual hosts.
_NOTHINGS: dict[str, Any] = {
    "text": "",
    "null": None,
    "blanks": "   ",
    "tab": "\t",
    "list": [],
    "dict": {},
    "no": False,
    "template-text": "{{ '' }}",
    "template-none": "{{ none }}",
    "template-default": "{{ nowhere | default('') }}",
    "template-default-none": "{{ nowhere | default(none) }}",
    "template-blanks": "{{ '  ' }}",
    "word-none": "None",
    "word-null": "null",
    "not-available": "N/A",
    "zero": "0",
}

DEVICE_IDS = [
    Form("device-empty-by-template", then_touch(include()), own=_by_host("imei", _NOTHINGS)),
    Form(
        "device-empty-by-host",
        then_touch(include(_WITHOUT_DEVICE)),
        on=NOBODY,
        own={
            **_by_host("campaign_wait_device_id", {host: "" for host in HOSTS}),
            **_by_host("campaign_wait_device_id", _NOTHINGS),
        },
    ),
    Form(
        "device-empty-skip",
        then_touch(include(terms(on_device_failure="skip"))),
        fails=None,
        own=_by_host("imei", _NOTHINGS),
    ),
    *(
        Form(
            f"device-empty-in-the-role-{name}",
            then_touch(include({**_WITH_DEVICE, "campaign_wait_device_id": value})),
            on=NOBODY,
            says={"t1": "campaign_wait_device_id"},
        )
        for name, value in {"text": "", "null": None, "blanks": " ", "template": "{{ imeis | default('') }}"}.items()
    ),
    Form("device-empty-free", then_touch(include(), strategy="free"), on="4", own={"t1": {"imei": ""}}),
    Form(
        "device-undefined",
        then_touch(include()),
        on="4",
        own={"t1": {"imei": LEFT_OUT}},
        # The message is that of Ansible's own validation of the argument spec, which runs before the role.
        says={"t1": "imei"},
    ),
    Form(
        "device-empty-by-defaults",
        then_touch(include(_WITHOUT_DEVICE), module_defaults={MODULE: {"device_id": "{{ imei }}"}}),
        on=NOBODY,
        own={"t1": {"imei": ""}, "t4": {"imei": None}},
    ),
    Form("device-of-another", then_touch(include()), on="4", own={"t1": {"imei": IMEIS["t2"]}}),
    Form(
        "device-as-a-number",
        then_touch(include()),
        own=_by_host("imei", {h: int(i) for h, i in IMEIS.items()}),
        fails=None,
    ),
]
# A number of 15 digits can be accepted like a string, or refused. Both are safe if t2 and t3 do not continue.

_MISSPELT = {
    "campaign_wait_imei": "{{ imei }}",
    "campaign_wait_min_sucess_percent": 95,
    "campaign_wait_missing": "pass",
    "campaign_wait_devise_id": "{{ imei }}",
    "campaign_wait_on_device_faliure": "fail",
    "campaign_wait_": "x",
    "campaign_wait_wait_timeout": 5,
    "campaign_wait_wait": False,
    "campaign_wait_options_from": "other_",
}
_TYPO = {"campaign_wait_min_sucess_percent": 95}

_ITS_OWN = {"imei": IMEIS["t1"]}

MISSPELT = [
    Form(
        "misspelt-each-on-its-host",
        then_touch(include()),
        own={f"with-{number}": {**_ITS_OWN, name: value} for number, (name, value) in enumerate(_MISSPELT.items())},
        says={f"with-{number}": name for number, name in enumerate(_MISSPELT)},
    ),
    Form(
        "misspelt-instead-of-the-device",
        then_touch(include({**_WITHOUT_DEVICE, "campaign_wait_imei": "{{ imei }}"})),
        on=NOBODY,
        says={"t1": "did you mean campaign_wait_device_id"},
    ),
    Form(
        "misspelt-hint",
        then_touch(imported({**_WITH_DEVICE, **_TYPO})),
        on=NOBODY,
        says={"t1": "did you mean campaign_wait_min_success_percent"},
    ),
    Form("misspelt-on-one-host", then_touch(include()), on="4", own={"t1": _TYPO}, says={"t1": "did you mean"}),
    Form("misspelt-in-the-play", then_touch(include(), vars=_TYPO), on=NOBODY),
    Form("misspelt-in-the-block", then_touch({"block": [include()], "vars": _TYPO}), on=NOBODY),
    Form(
        "misspelt-by-set-fact",
        then_touch({"ansible.builtin.set_fact": _TYPO, "when": "inventory_hostname == 't1'"}, include()),
        on="4",
    ),
    Form("misspelt-extra", then_touch(include()), on=NOBODY, arguments=("-e", "campaign_wait_min_sucess_percent=95")),
    Form("misspelt-group-vars", then_touch(include()), on=NOBODY, files={"group_vars/all.yml": _TYPO}),
    Form("misspelt-vars-files", then_touch(include(), vars_files=["typo.yml"]), on=NOBODY, files={"typo.yml": _TYPO}),
]

_PERCENT: tuple[tuple[str, Any], ...] = (
    ("min_success_percent", 0.98),
    ("min_success_percent", "0.5"),
    ("max_failure_percent", 0.05),
    ("min_success_percent", "{{ 19 / 20 }}"),
    ("min_success_percent", 101),
    ("max_failure_percent", -1),
)

PERCENTAGES = [
    Form(
        "percent-each-on-its-host",
        then_touch(include()),
        own={
            f"with-{number}": {**_ITS_OWN, f"campaign_wait_{option}": value}
            for number, (option, value) in enumerate(_PERCENT)
        },
        says={f"with-{number}": f"campaign_wait_{option}" for number, (option, _value) in enumerate(_PERCENT)},
    ),
    Form("percent-in-the-role", then_touch(include(terms(min_success_percent=0.98))), on=NOBODY, says={"t1": "98"}),
    Form("percent-1", then_touch(include(terms(min_success_percent=1)))),
    Form("percent-not-met", then_touch(include(terms(min_success_percent=90))), on=NOBODY),
    Form("percent-0-failures", then_touch(include(terms(max_failure_percent=0, device_id=None))), on=NOBODY),
]

# Each of these is on its own host. One run reports all of them.
_BAD: dict[str, tuple[str, Any]] = {
    "interval": ("campaign_wait_interval", -1),
    "match": ("campaign_wait_match", "some"),
    "account": ("campaign_wait_account_name", 4021962540001),
    "empty-account": ("campaign_wait_account_name", ""),
    "on-timeout": ("campaign_wait_on_timeout", "wait"),
    "on-failure": ("campaign_wait_on_device_failure", "ignore"),
    "state": ("campaign_wait_state", "upgraded"),
    "early-state": ("campaign_wait_state", "scheduled"),
    "timeout": ("campaign_wait_timeout", "soon"),
    "concurrency": ("campaign_wait_max_concurrency", 0),
    "version": ("campaign_wait_api_version", "v9"),
    "ids": ("campaign_wait_campaign_id", []),
    "id": ("campaign_wait_campaign_id", "not an id"),
    "no-id": ("campaign_wait_campaign_id", None),
    "number-id": ("campaign_wait_campaign_id", 12345678),
    "null-in-ids": ("campaign_wait_campaign_id", [ENDED, None]),
    "dict-id": ("campaign_wait_campaign_id", {"id": ENDED}),
    "count": ("campaign_wait_max_failure_count", "few"),
    "certs": ("campaign_wait_validate_certs", "perhaps"),
    "stats": ("campaign_wait_stats_devices", "some"),
    "states": ("campaign_wait_state", {"ended": True}),
    "undefined": ("campaign_wait_timeout", "{{ nowhere.seconds }}"),
    "broken-template": ("campaign_wait_timeout", "{{ 1 / 0 }}"),
    "broken-syntax": ("campaign_wait_timeout", "{{ 1 + }}"),
}
_OPEN = {
    name: value for name, value in _WITH_DEVICE.items() if name not in {option for option, _value in _BAD.values()}
}
_GOOD = {
    "campaign_wait_account_name": ACCOUNT,
    "campaign_wait_campaign_id": ENDED,
    "campaign_wait_interval": 0.1,
    "campaign_wait_timeout": 20,
}
_BAD_HOSTS = {
    **{host: _GOOD for host in HOSTS},
    **{f"bad-{name}": {**_GOOD, "imei": IMEIS["t1"], option: value} for name, (option, value) in _BAD.items()},
}
_ONE_BAD = {"t1": {"campaign_wait_timeout": "soon"}}
_NO_TIMEOUT = terms(timeout=None)

BAD_OPTIONS = [
    Form(
        "bad-options-each-on-its-host",
        then_touch(include(_OPEN)),
        own=_BAD_HOSTS,
        # Templating errors can come from Ansible itself, whose message does not name the variable.
        says={f"bad-{name}": option for name, (option, value) in _BAD.items() if "{{" not in str(value)},
    ),
    Form(
        "bad-option-first-host",
        then_touch(imported(_NO_TIMEOUT)),
        on="4",
        own=_ONE_BAD,
        says={"t1": "campaign_wait_timeout"},
    ),
    Form("bad-option-free", then_touch(include(_NO_TIMEOUT), strategy="free"), on="4", own=_ONE_BAD),
    Form("bad-option-serial", then_touch(include(_NO_TIMEOUT), serial="50%"), on=NOBODY, own={**_ONE_BAD}),
    Form("bad-option-everywhere", then_touch(include(terms(timeout="soon"))), on=NOBODY),
    Form(
        "campaign-undefined-first",
        then_touch(include()),
        on="4",
        own={"t1": {"campaign": LEFT_OUT}},
        # The message is that of Ansible, before the role starts.
        says={"t1": "'campaign' is undefined"},
    ),
    Form("campaign-undefined-last", then_touch(include()), on="1", own={"t4": {"campaign": LEFT_OUT}}),
    Form("campaign-null", then_touch(include()), on="4", own={"t1": {"campaign": None}}),
    Form("campaign-empty", then_touch(include()), on="4", own={"t1": {"campaign": ""}}),
    Form("campaign-cancelled-on-one", then_touch(include()), on="4", own={"t1": {"campaign": CANCELLED}}),
    Form("campaign-list", then_touch(include(terms(campaign_id=["{{ campaign }}", "{{ campaign }}"])))),
    Form(
        "campaign-list-one-cancelled", then_touch(include(terms(campaign_id=["{{ campaign }}", CANCELLED]))), on=NOBODY
    ),
    Form("no-campaign-anywhere", then_touch(include(terms(campaign_id=None))), on=NOBODY),
    Form("no-variables", then_touch(include({})), on=NOBODY),
]

_PLAIN = {name: value for name, value in _WITH_DEVICE.items() if name != "campaign_wait_device_id"}
_FROM_HOST = {"campaign_wait_device_id": "{{ imei }}"}

SOURCES = [
    Form("vars-of-the-play", then_touch(include({}), vars=_WITH_DEVICE)),
    Form("vars-of-a-block", then_touch({"block": [include({})], "vars": _WITH_DEVICE})),
    Form("vars-of-the-inventory", then_touch(include({})), own={host: _WITH_DEVICE for host in HOSTS}),
    Form("vars-of-group-vars", then_touch(imported({})), files={"group_vars/all.yml": _WITH_DEVICE}),
    Form(
        "vars-of-host-vars",
        then_touch(include(_PLAIN)),
        files={f"host_vars/{host}.yml": {"campaign_wait_device_id": imei} for host, imei in IMEIS.items()},
    ),
    Form("vars-of-a-file", then_touch(include({}), vars_files=["gate.yml"]), files={"gate.yml": _WITH_DEVICE}),
    Form(
        "vars-by-include-vars",
        then_touch({"ansible.builtin.include_vars": "gate.yml"}, include({})),
        files={"gate.yml": _WITH_DEVICE},
    ),
    Form("vars-by-set-fact", then_touch({"ansible.builtin.set_fact": _FROM_HOST}, include(_PLAIN))),
    Form("vars-extra", then_touch(include({})), variables=_WITH_DEVICE),
    Form(
        "vars-extra-over-the-role", then_touch(include()), on=NOBODY, variables={"campaign_wait_campaign_id": CANCELLED}
    ),
    Form(
        "vars-of-a-dict",
        then_touch(
            include(terms(device_id="{{ devices_of[inventory_hostname] }}"), args={"public": True}),
            vars={"devices_of": IMEIS},
        ),
    ),
    Form("vars-of-another-host", then_touch(include(terms(campaign_id="{{ hostvars['t3'].campaign }}")))),
    Form("vars-of-another-host-mine", then_touch(include(terms(device_id="{{ hostvars[inventory_hostname].imei }}")))),
    Form("vars-by-lookup", then_touch(include(terms(device_id="{{ lookup('ansible.builtin.vars', 'imei') }}")))),
    Form(
        "vars-ansible-host",
        then_touch(include(terms(device_id="{{ ansible_host }}"))),
        own={host: {"ansible_host": imei, "ansible_connection": "ssh"} for host, imei in IMEIS.items()},
    ),
    Form(
        "vars-ansible-user",
        then_touch(imported(terms(device_id="{{ ansible_user }}"))),
        own={host: {"ansible_user": imei} for host, imei in IMEIS.items()},
    ),
    Form(
        "vars-ansible-port",
        then_touch(include(terms(timeout="{{ ansible_port }}"))),
        own={host: {"ansible_port": 22} for host in HOSTS},
    ),
    Form("vars-ansible-connection", then_touch(include(when="ansible_connection == 'local'"))),
    Form(
        "vars-short-name",
        then_touch(include(terms(device_id="{{ imeis[inventory_hostname_short] }}")), vars={"imeis": IMEIS}),
    ),
    Form("vars-private", then_touch(include()), environment={"ANSIBLE_PRIVATE_ROLE_VARS": "1"}),
    Form("vars-native", then_touch(include()), environment={"ANSIBLE_JINJA2_NATIVE": "1"}),
    # The statistics of an earlier job of a workflow are extra variables.
    Form(
        "result-as-an-extra-variable",
        then_touch(include()),
        on=NOBODY,
        variables={"campaign_wait_result": {"decision": "continue", "reached": True}},
    ),
    Form(
        "result-as-a-variable-of-the-role",
        then_touch(include({**_WITH_DEVICE, "campaign_wait_result": {"decision": "continue"}})),
        on=NOBODY,
    ),
    Form(
        "result-as-a-variable-of-the-play",
        then_touch(include(), vars={"campaign_wait_result": {"decision": "continue"}}),
        on=NOBODY,
    ),
]

_WRONG_HOST = {"THINGSPACE_API_URL": "{{ url }}"}
_URLS = {host: {"url": "{{ api_url }}"} for host in HOSTS}
_DEAD = {"url": "http://127.0.0.1:1/api"}
_SHORT = {"timeout": 1, "api_url": None, "request_timeout": 1}
_ACCOUNTS = {host: {"account": ACCOUNT} for host in HOSTS}
_OTHER = {"account": "0642233522-00001"}
_OWN_ENVIRONMENT = {**_URLS, "t1": _DEAD}
_BY_ENVIRONMENT = terms(account_name=None)
_ACCOUNT_ENVIRONMENT = {"THINGSPACE_ACCOUNT_NAME": "{{ account }}"}

SURROUNDINGS = [
    Form(
        "environment-url-play",
        then_touch(include(terms(**_SHORT)), environment=_WRONG_HOST),
        on="4",
        own=_OWN_ENVIRONMENT,
    ),
    Form(
        "environment-url-import",
        then_touch(imported(terms(**_SHORT), environment=_WRONG_HOST)),
        on="4",
        own=_OWN_ENVIRONMENT,
    ),
    Form(
        "environment-account-first",
        then_touch(include(_BY_ENVIRONMENT), environment=_ACCOUNT_ENVIRONMENT),
        on="4",
        own={**_ACCOUNTS, "t1": _OTHER},
    ),
    Form(
        "environment-account-block",
        then_touch({"block": [include(_BY_ENVIRONMENT)], "environment": _ACCOUNT_ENVIRONMENT}),
        on="1",
        own={**_ACCOUNTS, "t4": _OTHER},
    ),
    Form(
        "environment-account-apply",
        then_touch(include(_BY_ENVIRONMENT, apply={"environment": _ACCOUNT_ENVIRONMENT})),
        on="1",
        own={**_ACCOUNTS, "t4": _OTHER},
    ),
    Form(
        "environment-undefined-on-one",
        then_touch(imported(_BY_ENVIRONMENT, environment=_ACCOUNT_ENVIRONMENT)),
        on="4",
        own={**_ACCOUNTS, "t1": {}},
        fails=True,
    ),
    Form(
        "environment-dict",
        then_touch(include(_BY_ENVIRONMENT, apply={"environment": "{{ surroundings }}"})),
        own={host: {"surroundings": {"THINGSPACE_ACCOUNT_NAME": ACCOUNT}} for host in HOSTS},
    ),
    Form(
        "defaults-account",
        then_touch(include(_BY_ENVIRONMENT), module_defaults={MODULE: {"account_name": "{{ account }}"}}),
        on="4",
        own={**_ACCOUNTS, "t1": _OTHER},
    ),
    Form(
        "defaults-group",
        then_touch(
            include(terms(account_name=None, api_url=None)),
            module_defaults={GROUP: {"account_name": "{{ account }}", "api_url": "{{ api_url }}"}},
        ),
        on="1",
        own={**_ACCOUNTS, "t4": _OTHER},
    ),
    Form(
        "defaults-group-block",
        then_touch(
            {"block": [imported(terms(api_url=None))], "module_defaults": {GROUP: {"api_url": "{{ api_url }}"}}}
        ),
    ),
    Form(
        "defaults-undefined-on-one",
        then_touch(include(_BY_ENVIRONMENT), module_defaults={MODULE: {"account_name": "{{ account }}"}}),
        on="4",
        own={**_ACCOUNTS, "t1": {}},
    ),
    Form(
        "defaults-beside-variables",
        then_touch(include(), module_defaults={MODULE: {"account_name": "0000000000-00000"}}),
    ),
    Form(
        "defaults-of-the-wait",
        then_touch(
            include(), module_defaults={MODULE: {"wait": False, "wait_state": ["scheduled"], "devices": "summary"}}
        ),
        fails=True,
        on=NOBODY,
    ),
    Form("defaults-of-no-wait", then_touch(include(), module_defaults={MODULE: {"wait": False, "devices": "all"}})),
    Form(
        "defaults-campaign",
        then_touch(include(terms(campaign_id=None)), module_defaults={MODULE: {"campaign_id": "{{ campaign }}"}}),
        on="4",
        own={"t1": {"campaign": CANCELLED}},
    ),
    Form("defaults-on-timeout", then_touch(include(), module_defaults={MODULE: {"wait_on_timeout": "return"}})),
    Form("defaults-unknown", then_touch(include(), module_defaults={MODULE: {"min_sucess_percent": 95}}), on=NOBODY),
    Form(
        "defaults-device", then_touch(include(_WITHOUT_DEVICE), module_defaults={MODULE: {"device_id": "{{ imei }}"}})
    ),
    Form("defaults-of-fail", then_touch(include(), module_defaults={"ansible.builtin.fail": {"msg": "mine"}})),
    Form(
        "connection-ssh",
        then_touch(include()),
        own={host: {"ansible_connection": "ssh", "ansible_host": "192.0.2.1"} for host in HOSTS},
    ),
    Form("connection-missing", then_touch(include()), own={"t2": {"ansible_connection": "no.such.plugin"}}),
    Form(
        "connection-winrm",
        then_touch(include()),
        own={"t2": {"ansible_connection": "winrm"}, "t3": {"ansible_connection": "winrm"}},
    ),
    Form(
        "connection-elsewhere", then_touch(include()), own={host: {"ansible_connection": "elsewhere"} for host in HOSTS}
    ),
    Form(
        "connection-by-include",
        then_touch(include({**_WITH_DEVICE, "ansible_connection": "ssh", "ansible_host": "192.0.2.1"})),
    ),
    Form("connection-extra", then_touch(include()), arguments=("-e", "ansible_connection=ssh ansible_host=192.0.2.1")),
    Form(
        "connection-keyword",
        then_touch(include(), connection="ssh"),
        own={host: {"ansible_connection": LEFT_OUT, "ansible_host": "192.0.2.1"} for host in HOSTS},
    ),
    Form("become", then_touch(include(), become=True, become_user="nobody", become_method="sudo")),
]

OPTIONS = [*DEVICE_IDS, *MISSPELT, *PERCENTAGES, *BAD_OPTIONS, *SOURCES, *SURROUNDINGS]
