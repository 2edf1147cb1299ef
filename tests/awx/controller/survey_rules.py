# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for surveys, and for the variables of launches and schedules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from awx.controller.refusal import Refused

_TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": (int, float),
}


def check_survey(survey: Mapping[str, Any]) -> None:
    """Raise Refused unless the API accepts this survey."""
    for field, wanted in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(survey.get(field), wanted):
            raise Refused({"error": f"Field '{field}' is missing from survey spec."})
    if not survey["spec"]:
        raise Refused({"error": "'spec' doesn't contain any items."})
    seen: set[str] = set()
    for number, question in enumerate(survey["spec"]):
        _check_question(number, question)
        if question["variable"] in seen:
            raise Refused({"error": f"'variable' '{question['variable']}' duplicated in survey question {number}."})
        seen.add(question["variable"])


def _check_question(number: int, question: Mapping[str, Any]) -> None:
    for field, wanted in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(field), wanted):
            raise Refused({"error": f"'{field}' missing from survey question {number}"})
    kind = question["type"]
    if kind not in _TYPES:
        raise Refused({"error": f"'{kind}' in survey question {number} is not one of the allowed question types."})
    default = question.get("default", "")
    if default != "" and not isinstance(default, _TYPES[kind]):
        raise Refused({"error": f"Default value {default} in survey question {number} expected to be {kind}."})
    for limit in ("min", "max"):
        if question.get(limit) is not None and not isinstance(question[limit], int):
            raise Refused({"error": f"The {limit} limit in survey question {number} expected to be integer."})
    if kind in ("multiplechoice", "multiselect") and default not in ["", *choices(question)]:
        raise Refused({"error": "Default choice must be answered from the choices listed."})


def choices(question: Mapping[str, Any]) -> list[str]:
    """Return the choices of a question, which are one per line."""
    return [line for line in str(question.get("choices", "")).splitlines() if line.strip()]


def answer_complaints(survey: Mapping[str, Any], answers: Mapping[str, Any]) -> list[str]:
    """Return the API's errors for answers. A default does not count as an answer to a required question."""
    found = []
    for question in survey.get("spec", []):
        name = question["variable"]
        if name not in answers:
            found += [f"'{name}' value missing"] if question["required"] else []
            continue
        found += _about(question, answers[name])
    return found


def _about(question: Mapping[str, Any], value: Any) -> list[str]:
    name, kind = question["variable"], question["type"]
    if kind == "multiplechoice":
        allowed = choices(question)
        return [] if value in allowed else [f"Value {value} for '{name}' expected to be one of {allowed}."]
    wanted = _TYPES[kind]
    if not isinstance(value, wanted) or isinstance(value, bool):
        return [f"Value {value} for '{name}' expected to be a {kind}."]
    size = len(value) if isinstance(value, str) else value
    if question.get("min") is not None and size < question["min"]:
        return [f"'{name}' value {value} is too small (must be at least {question['min']})."]
    if question.get("max") is not None and size > question["max"]:
        return [f"'{name}' value {value} is too large (must be no more than {question['max']})."]
    return []


def accepted_variables(template: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables that a job gets. Raises Refused for wrong answers, and for variables not asked for."""
    survey = template["survey_spec"] if template["survey_enabled"] else {}
    complaints = answer_complaints(survey, given)
    if complaints:
        raise Refused({"variables_needed_to_start": complaints})
    asked = {question["variable"] for question in survey.get("spec", [])}
    strangers = [] if template["ask_variables_on_launch"] else sorted(set(given) - asked)
    if strangers:
        raise Refused({"extra_data": [f"Variables {', '.join(strangers)} are not allowed on launch."]})
    return dict(given)
