# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In real runs, each outcome of a wait is as described in docs/waiting.md."""

from __future__ import annotations

import errno
import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.poller import HttpPoller
from docs import quick
from docs.pages import page
from docs.sandbox import Sandbox
from docs.tasks import result_of
from docs.troubles import TROUBLES, certificate_refused, library_missing
from docs.vocabulary import documented_reasons, result_keys
from simulator.control import Control, SimulatorProcess
from simulator.stock import V2_ID

PAGE = page("docs/waiting.md")
ROWS = PAGE.table("Ending", "`reason`", "Task failed", "`reached`", "`timed_out`")
WORDS = {"yes": True, "no": False, "true": True, "false": False, "-": None}
BUILT_IN = {"failed", "changed", "msg"}
OUTSIDE_OF_A_WAIT = {"connection_failed", "service_trouble", "bad_answer"}
# These have separate tests.
SPECIAL = {"interrupted", "tls_failed", "library_missing", "run_folder_unusable", "unexpected_error"}


def shown(reason: str) -> set[tuple[Any, ...]]:
    """Return the rows of the table for this reason, each as: task failed, reached, timed out."""
    rows = [tuple(WORDS[cell] for cell in row[2:]) for row in ROWS if row[1] == f"`{reason}`"]
    assert rows
    return set(rows)


def seen(result: dict[str, Any]) -> tuple[Any, ...]:
    """Return the same values of a result."""
    return result["failed"], result.get("reached"), result.get("timed_out")


def good_endings(api_url: str, control: Control) -> dict[str, list[dict[str, Any]]]:
    """Return results of waits that do not fail."""
    patient = {"wait": True, "wait_timeout": 864000}
    results = {
        "reached": [result_of(api_url, **patient)],
        "past_target": [result_of(api_url, wait_state=["scheduled"], **patient)],
    }
    control.set_status(V2_ID, "CampaignScheduled")
    return {**results, "timed_out": [result_of(api_url, wait=True, wait_timeout=0, wait_on_timeout="return")]}


def test_the_table_has_every_reason_of_a_wait() -> None:
    assert {row[1].strip("`") for row in ROWS} == documented_reasons() - OUTSIDE_OF_A_WAIT


@pytest.mark.parametrize("reason", sorted(documented_reasons() - OUTSIDE_OF_A_WAIT - SPECIAL))
def test_the_ending_is_as_the_table_says(reason: str, simulator: SimulatorProcess, control: Control) -> None:
    results = good_endings(simulator.url, control).get(reason, [])
    for trouble in [trouble for trouble in TROUBLES.values() if trouble.reason == reason]:
        waiting = {"options": {**trouble.options, "wait": True}}
        results.append(type(trouble)(**{**vars(trouble), **waiting}).result(simulator, control))
    assert results
    assert {result["reason"] for result in results} == {reason}
    assert {seen(result) for result in results} == shown(reason)


def test_a_refused_certificate_ends_as_the_table_says(tmp_path: Path) -> None:
    reason, _sentence = certificate_refused(tmp_path)
    assert shown(reason) == {(True, False, False)}


def test_a_missing_library_ends_as_the_table_says() -> None:
    reason, _sentence = library_missing()
    assert shown(reason) == {(True, None, None)}


def test_an_interrupted_wait_ends_as_the_pages_say(sandbox: Sandbox, control: Control) -> None:
    control.set_status(V2_ID, "CampaignScheduled")
    done = sandbox.play(quick.playbook(INTERRUPTED))
    assert done.returncode == 0, done.stdout
    ((heading, sentence),) = [quote for quote in page("docs/troubleshooting.md").quotes if quote[0] == "interrupted"]
    assert f'"msg": "{heading} True False False {sentence}"' in done.stdout, done.stdout
    assert shown(heading) == {(True, False, False)}


def test_a_folder_of_the_run_that_cannot_be_used_ends_as_the_pages_say(sandbox: Sandbox, control: Control) -> None:
    done = sandbox.play(quick.playbook(WITHOUT_FOLDER))
    assert done.returncode == 0, done.stdout
    quotes = [quote for quote in page("docs/troubleshooting.md").quotes if quote[0] == "run_folder_unusable"]
    ((heading, sentence),) = quotes
    said = re.sub(r"in /\S+/ansible-local-\w+", "in /home/you/.ansible/tmp/ansible-local-4711", done.stdout)
    assert f'"msg": "{heading} True - - {sentence}"' in said, said
    assert shown(heading) == {(True, None, None)}
    assert control.counters()["total"] == 0


def test_an_unexpected_error_ends_as_the_pages_say(
    simulator: SimulatorProcess, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> None:
        raise OSError(errno.ENOSPC, "a text with a secret")

    monkeypatch.setattr(HttpPoller, "__call__", fail)
    result = result_of(simulator.url, wait=True)
    ((heading, sentence),) = [
        quote for quote in page("docs/troubleshooting.md").quotes if quote[0] == "unexpected_error"
    ]
    places = re.compile(r"at [^ ]+.py:\d+(, [^ ]+.py:\d+){3}[.] ")
    assert places.sub("at PLACES. ", result["msg"]) == places.sub("at PLACES. ", sentence)
    assert {seen(result)} == shown(heading) and result["reason"] == heading


WITHOUT_FOLDER = f"""
- name: Take the name of the folder
  ansible.builtin.copy:
    content: ""
    dest: "{{{{ lookup('ansible.builtin.pipe', 'ls -d $ANSIBLE_HOME/tmp/ansible-local-*') }}}}/fleetops.thingspace"
    mode: "0600"

- name: Wait
  fleetops.thingspace.campaign_info:
    account_name: "0402196254-00001"
    campaign_id: {V2_ID}
    wait: true
  register: upgrade
  ignore_errors: true

- name: Show how it ended
  ansible.builtin.debug:
    msg: "{{{{ upgrade.reason }}}} {{{{ upgrade is failed }}}} {{{{ upgrade.reached | default('-') }}}}
      {{{{ upgrade.timed_out | default('-') }}}} {{{{ upgrade.msg }}}}"
"""
INTERRUPTED = f"""
- name: Wait, but not long
  fleetops.thingspace.campaign_info:
    account_name: "0402196254-00001"
    campaign_id: {V2_ID}
    wait: true
  timeout: 1
  register: upgrade
  ignore_errors: true

- name: Show how it ended
  ansible.builtin.debug:
    msg: "{{{{ upgrade.reason }}}} {{{{ upgrade is failed }}}} {{{{ upgrade.reached }}}} {{{{ upgrade.timed_out }}}}
      {{{{ upgrade.msg }}}}"
"""


def test_the_keys_of_a_wait_are_those_that_the_page_names(simulator: SimulatorProcess, control: Control) -> None:
    (chapter,) = [text for text in PAGE.paragraphs if text.startswith("The same keys in every ending")]
    named = {word for word in result_keys() if f"`{word}`" in chapter}
    result = result_of(simulator.url, wait=True)
    assert set(result) - BUILT_IN == named
