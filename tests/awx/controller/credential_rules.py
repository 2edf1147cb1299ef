# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for custom credential types and for the inputs of credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from awx_plugins.interfaces._temporary_private_inject_api import ENV_BLOCKLIST
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jsonschema import Draft4Validator

Definition = Mapping[str, Any]

_NAME = "^[a-zA-Z_]+[a-zA-Z0-9_]*$"
_TEXT = {"type": "string"}
_SWITCH = {"type": "boolean"}
_FIELD = {
    "type": "object",
    "required": ["id", "label"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": _NAME},
        "label": _TEXT,
        "help_text": _TEXT,
        "type": {"enum": ["string", "boolean"]},
        "format": {"enum": ["ssh_private_key", "url"]},
        "choices": {"type": "array", "minItems": 1, "uniqueItems": True, "items": _TEXT},
        "multiline": _SWITCH,
        "secret": _SWITCH,
        "ask_at_runtime": _SWITCH,
        "default": {},
    },
}
_INPUTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"required": {"type": "array", "items": _TEXT}, "fields": {"type": "array", "items": _FIELD}},
}
_INJECTORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "object",
            "patternProperties": {r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$": _TEXT},
            "additionalProperties": False,
        },
        "env": {
            "type": "object",
            "patternProperties": {_NAME: {"type": "string", "pattern": "^[\\x00-\\x7F]*$"}},
            "additionalProperties": False,
        },
        "extra_vars": {"type": "object"},
    },
}
_ONLY_FOR_TEXT = ("choices", "multiline", "format", "secret")


def complaints(credential_type: Definition) -> list[str]:
    """Return the API's errors for a credential type: for its kind, its ``inputs`` and its ``injectors``."""
    inputs, injectors = credential_type.get("inputs", {}), credential_type.get("injectors", {})
    found = list(_by_schema(_INPUTS, inputs)) + list(_by_schema(_INJECTORS, injectors))
    if credential_type.get("kind") not in ("cloud", "net"):
        found.append(f"Must be 'cloud' or 'net', not {credential_type.get('kind')}")
    if found:
        return found
    return [*_in_fields(inputs.get("fields", [])), *_in_environment(injectors), *_in_templates(inputs, injectors)]


def _by_schema(schema: Definition, value: Any) -> Iterator[str]:
    for error in Draft4Validator(schema).iter_errors(value):
        if error.validator == "additionalProperties":
            yield f"Schema validation error in relative path {list(error.path)} ({error.message})"
        else:
            yield error.message


def _in_fields(fields: list[Definition]) -> Iterator[str]:
    ids = [field["id"] for field in fields]
    for number, field in enumerate(fields):
        kind = field.get("type", "string")
        if field["id"] == "tower":
            yield '"tower" is a reserved field name'
        if field["id"] in ids[:number]:
            yield f"field IDs must be unique ({field['id']})"
        for key in _ONLY_FOR_TEXT:
            if key in field and kind != "string":
                yield f"{key} not allowed for {kind} type ({field['id']})"
        if "default" in field and not isinstance(field["default"], {"string": str, "boolean": bool}[kind]):
            yield f"{field['default']} is not a {kind}"
        if field.get("ask_at_runtime"):
            yield "'ask_at_runtime' is not supported for custom credentials."


def _in_environment(injectors: Definition) -> Iterator[str]:
    for name in injectors.get("env", {}):
        if name.startswith("ANSIBLE_"):
            why = "may affect Ansible configuration so its use is not allowed in credentials."
            yield f"Environment variable {name} {why}"
        if name in ENV_BLOCKLIST:
            yield f"Environment variable {name} is not allowed to be used in credentials."


def _in_templates(inputs: Definition, injectors: Definition) -> Iterator[str]:
    files = list(injectors.get("file", {}))
    if "template" in files and len(files) > 1:
        yield "Must use multi-file syntax when injecting multiple files"
    names: dict[str, Any] = {field["id"]: "EXAMPLE" for field in inputs.get("fields", [])}
    labels = {label.partition(".")[2]: "FILE" for label in files}
    names["tower"] = {"filename": labels if "" not in labels else "FILE"} if files else {}
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for kind, templates in injectors.items():
        for key, template in templates.items():
            try:
                sandbox.from_string(str(template)).render(names)
            except UndefinedError as error:
                yield f"{key} uses an undefined field ({error})"
            except SecurityError as error:
                yield f"Encountered unsafe code execution: {error}"
            except TemplateSyntaxError as error:
                yield f"Syntax error rendering template for {key} inside of {kind} ({error})"


def secret_fields(credential_type: Definition) -> set[str]:
    """Return the IDs of the secret fields."""
    return {field["id"] for field in credential_type.get("inputs", {}).get("fields", []) if field.get("secret")}


def input_complaints(credential_type: Definition, inputs: Mapping[str, Any]) -> list[str]:
    """Return the API's errors for the inputs of a credential of this type."""
    known = {field["id"] for field in credential_type.get("inputs", {}).get("fields", [])}
    found = [f"Additional properties are not allowed ('{name}' was unexpected)" for name in inputs if name not in known]
    found += [f"{value!r} is not of type 'string'" for value in inputs.values() if not isinstance(value, (str, bool))]
    return found
