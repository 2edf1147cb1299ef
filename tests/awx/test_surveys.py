# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The surveys: AWX accepts them, and the role accepts their answers."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
import yaml

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import CAMPAIGN_INFO_OPTIONS, checked
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from awx.chain import ID
from awx.controller.refusal import Refused
from awx.controller.survey_rules import answer_complaints, check_survey, choices
from awx.shipped import PLAYBOOKS, load
from tools.paths import ROOT

Question = dict[str, Any]

QUESTIONS: dict[str, Question] = load("surveys.yml")["awx_setup_questions"]
# A variable of the playbook that polls once.
OWN = {"awx_wait_days"}
# The role's names of the module's options.
ROLE_NAMES = {f"campaign_wait_{option.name.removeprefix('wait_')}": option.name for option in CAMPAIGN_INFO_OPTIONS}


def role_options() -> dict[str, Any]:
    """Return the options of all entry points of the role."""
    path = ROOT / "roles" / "campaign_wait" / "meta" / "argument_specs.yml"
    specs = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
    return {name: option for spec in specs.values() for name, option in spec["options"].items()}


def survey(*questions: Question) -> dict[str, Any]:
    """Return a survey with these questions."""
    return {"name": "A survey", "description": "", "spec": list(questions)}


def test_awx_accepts_every_question() -> None:
    check_survey(survey(*QUESTIONS.values()))


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_playbooks_know_what_is_asked(name: str) -> None:
    question = QUESTIONS[name]
    if question["variable"] in OWN:
        assert question["variable"] in (PLAYBOOKS / "vars" / "awx_wait.yml").read_text(encoding="utf-8")
        return
    option = role_options()[question["variable"]]
    if "choices" in option:
        assert set(choices(question)) <= set(option["choices"])
    if question["type"] == "integer":
        for answer in (question["min"], question["max"], question["default"]):
            read_by_the_role(question["variable"], answer)


def read_by_the_role(variable: str, answer: object) -> None:
    """Raise OptionError unless the role accepts this value. Types do not define valid durations and percentages."""
    checked({"campaign_id": [ID], ROLE_NAMES[variable]: answer})


@pytest.mark.parametrize(
    ("variable", "answer"), [("campaign_wait_timeout", -1), ("campaign_wait_min_success_percent", 101)]
)
def test_an_answer_that_the_role_does_not_take_is_noticed(variable: str, answer: int) -> None:
    with pytest.raises(OptionError):
        read_by_the_role(variable, answer)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_default_is_a_good_answer_and_makes_the_question_optional(name: str) -> None:
    """For a required question, AWX requires an answer from a schedule, even if there is a default."""
    question = QUESTIONS[name]
    assert question["required"] == ("default" not in question)
    if "default" in question:
        assert answer_complaints(survey(question), {question["variable"]: question["default"]}) == []
        assert answer_complaints(survey(question), {}) == []


def test_a_template_lives_longer_than_its_longest_wait() -> None:
    surveys = load("surveys.yml")["awx_setup_surveys"]
    timed = {name for name, survey in surveys.items() if "{{ awx_setup_questions.timeout }}" in survey["spec"]}
    assert timed == {"wait", "gate"}
    waits = [
        template
        for template in load("job_templates.yml")["controller_templates"]
        if template.get("survey_spec") in {f"{{{{ awx_setup_surveys.{name} }}}}" for name in timed}
    ]
    assert len(waits) == 3
    assert {template["timeout"] for template in waits} == {QUESTIONS["timeout"]["max"] + 600}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"question_name": None}, "'question_name' missing from survey question 0"),
        ({"required": "yes"}, "'required' missing from survey question 0"),
        ({"type": "number"}, "not one of the allowed question types"),
        ({"default": "5"}, "expected to be integer"),
        ({"min": 1.5}, "The min limit in survey question 0 expected to be integer."),
        ({"type": "multiplechoice", "choices": "a\nb", "default": "c"}, "Default choice must be answered from"),
    ],
)
def test_what_awx_refuses_is_noticed(change: dict[str, Any], says: str) -> None:
    question = {**copy.deepcopy(QUESTIONS["timeout"]), **change}
    with pytest.raises(Refused, match=says):
        check_survey(survey({name: value for name, value in question.items() if value is not None}))


@pytest.mark.parametrize(
    ("name", "answer"), [("timeout", "60"), ("timeout", 10**9), ("api_version", "v4"), ("campaign_id", ["a"])]
)
def test_a_wrong_answer_is_noticed(name: str, answer: object) -> None:
    question = QUESTIONS[name]
    assert answer_complaints(survey(question), {question["variable"]: answer})


def test_each_variable_of_the_role_is_passed_on_or_refused() -> None:
    settings = yaml.safe_load((ROOT / "playbooks" / "vars" / "awx_wait.yml").read_text(encoding="utf-8"))
    refused = {f"campaign_wait_{name}" for name in ("timeout", "on_timeout", "until_end_plus", "device_id")}
    assert all(
        re.search(rf"\b{name.removeprefix('campaign_wait_')}\b", settings["awx_wait_refused"]) for name in refused
    )
    # These are passed on in another form. The last one is useless without devices.
    others = {f"campaign_wait_{name}" for name in ("account_name", "campaign_id", "on_device_failure")}
    secrets = {f"campaign_wait_{option.name}" for option in CAMPAIGN_INFO_OPTIONS if option.secret}
    handed_on = set(settings["awx_wait_names"])
    assert handed_on & secrets == set()
    assert handed_on | refused | others | secrets == set(role_options())
