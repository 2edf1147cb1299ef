# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each described call succeeds, its answer is as described with each switch, and without credentials it is refused."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import requests
from simulator_tests.raw import RawClient

from openapi.calls import Caller
from simulator.app import API_TABLE
from simulator.behaviour import Behaviour
from simulator.control import Control
from tools.paths import ROOT

Described = dict[str, Any]


def switches() -> Iterator[tuple[str, Any]]:
    """Yield every switch with each of its values, except for numbers."""
    hints = typing.get_type_hints(Behaviour)
    for field in dataclasses.fields(Behaviour):
        values = (False, True) if hints[field.name] is bool else typing.get_args(hints[field.name])
        yield from ((field.name, value) for value in values if isinstance(value, (str, bool)))


def schema_of(described: Described, method: str, path: str, status: int) -> Any:
    """Return the schema of an answer's JSON, or None if it is described without JSON."""
    answer = described["paths"][path][method]["responses"][str(status)]
    answer = described["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer.get("content", {}).get("application/json", {}).get("schema")


def errors_in(described: Described, schema: Any, value: Any) -> list[str]:
    """Return the differences between a value and its schema."""
    whole = {**schema, "components": described["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(value)]


def test_the_paths_are_those_of_the_simulator(described: Described) -> None:
    there = {(method, path) for path, item in described["paths"].items() for method in item if method != "parameters"}
    assert there == {(method.lower(), path) for method, path, _kind, _handler in API_TABLE}


@pytest.mark.parametrize(("switch", "value"), list(switches()))
def test_every_call_succeeds_as_described(
    described: Described, client: RawClient, control: Control, switch: str, value: Any
) -> None:
    control.behaviour(**{switch: value})
    called = 0
    for method, path, answer in Caller(described, client).all_calls():
        context = f"{method} {path}: {answer.status_code} {answer.text}"
        called += 1
        assert answer.status_code == 200, context
        schema = schema_of(described, method, path, 200)
        if answer.content:
            assert errors_in(described, schema, answer.json()) == [], context
        else:
            assert schema is None or (switch, value) == ("no_callback_form", "empty"), context
    assert called == len(API_TABLE)


def test_nothing_succeeds_without_credentials(described: Described, api_url: str) -> None:
    for method, path, _kind, _handler in API_TABLE:
        answer = requests.request(method, api_url + path.replace("{", "").replace("}", ""), timeout=10)
        assert answer.status_code == 401, path
        schema = schema_of(described, method.lower(), path, 401)
        assert errors_in(described, schema, answer.json()) == []


def examples(described: Described) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, schema and value of each example in the description."""
    for name, schema in described["components"]["schemas"].items():
        if "example" in schema:
            yield name, schema, schema["example"]
    for name, answer in described["components"]["responses"].items():
        for media in answer.get("content", {}).values():
            for example in media.get("examples", {}).values():
                yield name, media["schema"], example["value"]


def test_the_examples_of_the_service_are_as_described(described: Described) -> None:
    found = list(examples(described))
    assert len(found) > 15
    for name, schema, value in found:
        assert errors_in(described, schema, value) == [], name


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_the_documented_campaigns_are_as_described(described: Described, version: str) -> None:
    body = json.loads((ROOT / "tests" / "unit" / "payloads" / f"{version}.json").read_text(encoding="utf-8"))
    assert errors_in(described, {"$ref": f"#/components/schemas/Campaign{version.upper()}"}, body) == []


def test_what_is_not_described_is_noticed(described: Described) -> None:
    schema = {"$ref": "#/components/schemas/Success"}
    assert errors_in(described, schema, {"success": True}) == []
    assert errors_in(described, schema, {"success": "true"}) != []
    assert errors_in(described, schema, {"success": True, "more": 1}) != []
