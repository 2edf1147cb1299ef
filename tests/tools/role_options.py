# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the options of the role from those of the module, so that they are typed once.

Usage: ``python -m tools.role_options`` (with PyYAML); ``--check`` only tells whether the files are as they should be.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from tools.paths import ROOT

ROLE = ROOT / "roles" / "campaign_wait"
_PREFIX = "campaign_wait_"
_HEADER = """---
# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by "make role-options" from the options of fleetops.thingspace.campaign_info: edit them there.
# Whoever's value Ansible refuses by this file gets the whole file printed. So it refuses none: what a value must be is
# said in words, and the second task of the role holds it against that, for each host, with one sentence.
"""
_TABLE = re.compile(r"(?<=<!-- options -->\n).*(?=<!-- end of options -->)", re.DOTALL)
# What the role decides itself: it always waits, and on a time-out it has more choices than a task.
_LEFT_OUT = ("wait", "wait_on_timeout", "log_in", "options_from")


# The types to which Ansible cannot convert each value.
_KINDS = {"int": "A whole number.", "bool": "Either V(true) or V(false).", "list": "One text, or a list of texts."}


def _own_options() -> dict[str, dict[str, Any]]:
    """What the role has beyond the module: documented here, and held against the code by a unit test."""
    return {
        "campaign_wait_on_device_failure": {
            "description": [
                "What happens to a host whose device (O(campaign_wait_device_id)) was not upgraded, or is in no device "
                "report of its campaigns.",
                "With V(fail) the host fails. With V(skip) it takes no further part in the play, without a failure. "
                "With V(continue) it continues, and C(campaign_wait_result.device) tells.",
            ],
            "type": "str",
            "choices": ["fail", "skip", "continue"],
            "default": "fail",
        },
        "campaign_wait_on_timeout": {
            "description": [
                "What happens to a host when the time is over and its campaigns have not reached their target.",
                "With V(fail) the host fails. With V(skip) it takes no further part in the play, without a failure.",
                "With V(continue) it continues, and C(campaign_wait_result.reached) is false. If it names its device, "
                "the device must have been upgraded all the same, see O(campaign_wait_on_device_failure).",
            ],
            "type": "str",
            "choices": ["fail", "skip", "continue"],
            "default": "fail",
        },
        "campaign_wait_stats": {
            "description": [
                "Under this key the role leaves a small dict for each campaign, as M(ansible.builtin.set_stats) would, "
                "for workflows and for C(show_custom_stats). An empty text for none.",
            ],
            "type": "str",
            "default": "thingspace_campaigns",
        },
        "campaign_wait_stats_devices": {
            "description": [
                "Whether the dicts of O(campaign_wait_stats) also list the device IDs (IMEIs), by what came of the "
                "devices. Only if their device report is read.",
            ],
            "type": "bool",
            "default": False,
        },
    }


def documented_options() -> dict[str, dict[str, Any]]:
    """The module's options as documented, those of its documentation fragments included."""
    own = _documentation(ROOT / "plugins" / "modules" / "campaign_info.py")
    options = dict(own["options"])
    for fragment in own["extends_documentation_fragment"]:
        name = fragment.rpartition(".")[2]
        options.update(_documentation(ROOT / "plugins" / "doc_fragments" / f"{name}.py")["options"])
    return options


def role_name(option: str) -> str:
    """The role's name for an option: ``wait_timeout`` is ``campaign_wait_timeout``."""
    return _PREFIX + option.removeprefix("wait_")


def role_options() -> dict[str, dict[str, Any]]:
    """The role's options, as ``meta/argument_specs.yml`` has them."""
    options = {}
    for name, option in documented_options().items():
        if name not in _LEFT_OUT:
            text = [_in_role(paragraph) for paragraph in _paragraphs(option["description"])]
            options[role_name(name)] = _without_hiding_the_environment({**option, "description": text})
    return {**options, **_own_options()}


def as_specified(option: dict[str, Any]) -> dict[str, Any]:
    """An option of which Ansible refuses no value, with words for what it leaves open."""
    kind, choices = option["type"], option.get("choices")
    words = ["Required."] if option.get("required") else []
    words += [_KINDS[kind]] if kind in _KINDS else []
    words += [f"One of {', '.join(f'V({choice})' for choice in choices)}."] if choices else []
    kept = {name: value for name, value in option.items() if name not in ("required", "choices", "elements")}
    return {
        **kept,
        "description": [*_paragraphs(option["description"]), *([" ".join(words)] if words else [])],
        "type": "raw" if kind in _KINDS else kind,
    }


def _without_hiding_the_environment(option: dict[str, Any]) -> dict[str, Any]:
    """What has its default in the environment has none of its own."""
    if "default" in option and any("E(THINGSPACE_" in paragraph for paragraph in option["description"]):
        option["description"].append(f"If neither is set it is V({option.pop('default')}).")
    return option


def _documentation(path: Path) -> dict[str, Any]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION":
            documentation: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))
            return documentation
    raise LookupError(f"{path} has no DOCUMENTATION")


def _paragraphs(description: str | list[str]) -> list[str]:
    return [description] if isinstance(description, str) else description


def _in_role(text: str) -> str:
    # The role always waits.
    text = text.replace("With O(wait=true) the task also fails", "The host fails")
    text = re.sub(r"\bO\((\w+)", lambda found: f"O({role_name(found.group(1))}", text)
    return re.sub(r"\bRV\((\w+)(=[^)]*)?\)", r"C(campaign_wait_result.\1\2)", text)


def argument_specs() -> str:
    """The text of ``meta/argument_specs.yml``."""
    main = {
        "short_description": "Let hosts continue when their ThingSpace firmware campaigns have reached a target state",
        "description": [
            "The role waits on the controller, in one process for all hosts of the batch, until the campaigns of each "
            "host have reached a target state. It fails the hosts whose campaigns no longer can.",
            "A host that names its device continues only if that device was upgraded.",
            "Afterwards C(campaign_wait_result) of each host holds the result of M(fleetops.thingspace.campaign_info) "
            "for its campaigns, with C(device) and C(decision).",
        ],
        "version_added": "0.1.0",
        "author": ["The fleetops.thingspace authors"],
        "options": {name: as_specified(option) for name, option in role_options().items()},
    }
    return _HEADER + _yaml({"argument_specs": {"main": main}})


class _Indented(yaml.SafeDumper):
    """Lists indented below their keys, as yamllint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never without indentation."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        return True


def _yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=_Indented, sort_keys=False, width=110, allow_unicode=False)


def table() -> str:
    """The options as a Markdown table."""
    rows = ["| Option | Type | Default | What it does |", "| --- | --- | --- | --- |"]
    for name, option in role_options().items():
        default = _cell(option)
        kind = option["type"] + (f" of {option['elements']}" if "elements" in option else "")
        text = " ".join(_markdown(paragraph) for paragraph in _paragraphs(option["description"]))
        rows.append(f"| `{name}` | {kind} | {default} | {text} |")
    return "\n" + "\n".join(rows) + "\n\n"


def _cell(option: dict[str, Any]) -> str:
    if option.get("required"):
        return "(required)"
    if "default" not in option:
        return ""
    value = option["default"]
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return f"`{text.lower() if isinstance(value, bool) else text}`"


def _markdown(text: str) -> str:
    text = re.sub(r"\b(?:[OVCEM]|RV)\(([^)]*)\)", r"`\1`", text)
    return re.sub(r"\bI\(([^)]*)\)", r"*\1*", text).replace("|", "\\|")


def files() -> dict[Path, str]:
    """What each generated file should hold."""
    readme = ROLE / "README.md"
    return {
        ROLE / "meta" / "argument_specs.yml": argument_specs(),
        readme: _TABLE.sub(lambda _found: table(), readme.read_text(encoding="utf-8")),
    }


def main(arguments: list[str]) -> int:
    """Write the files, or only compare; 1 if a file is not as it should be."""
    stale = {path: text for path, text in files().items() if not path.exists() or path.read_text("utf-8") != text}
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run make role-options")
        return int(bool(stale))
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
