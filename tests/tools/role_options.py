# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the options of the role from those of the module, so that they have a single source.

Usage: ``python -m tools.role_options`` (requires PyYAML). With ``--check``, it only checks the files.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from tools.generated import write_or_check
from tools.paths import ROOT

ROLE = ROOT / "roles" / "campaign_wait"
_PREFIX = "campaign_wait_"
_HEADER = """---
# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by "make tables" from the options of fleetops.thingspace.campaign_info: edit them there.
# When Ansible refuses a value by this file, it prints the whole file. So the types here accept every value. The
# descriptions say what a value must be, and the second task of the role validates it with one sentence for each host.
"""
_TABLE = re.compile(r"(?<=<!-- options -->\n).*(?=<!-- end of options -->)", re.DOTALL)
# Options that the role sets or replaces: it always waits, and has more choices for a timeout than a task.
_LEFT_OUT = ("wait", "wait_on_timeout", "log_in", "options_from")


# The types to which Ansible cannot convert all values.
_KINDS = {"int": "An integer.", "bool": "V(true) or V(false).", "list": "A string or a list of strings."}


def _own_options() -> dict[str, dict[str, Any]]:
    """Return the additional options of the role. They are documented here. A unit test compares them with the code."""
    return {
        "campaign_wait_on_device_failure": {
            "description": [
                "What to do with a host whose device (O(campaign_wait_device_id)) was not upgraded, or is not in any "
                "device report of its campaigns.",
                "V(fail) fails the host. V(skip) ends the play for the host without a failure. V(continue) lets the "
                "host continue, and C(campaign_wait_result.device) returns the state of the device.",
            ],
            "type": "str",
            "choices": ["fail", "skip", "continue"],
            "default": "fail",
        },
        "campaign_wait_on_timeout": {
            "description": [
                "What to do with a host when the timeout is over before its campaigns have reached a target state.",
                "V(fail) fails the host. V(skip) ends the play for the host without a failure.",
                "V(continue) lets the host continue, and C(campaign_wait_result.reached) is false. If the host sets "
                "O(campaign_wait_device_id), its device must be upgraded, see O(campaign_wait_on_device_failure).",
            ],
            "type": "str",
            "choices": ["fail", "skip", "continue"],
            "default": "fail",
        },
        "campaign_wait_stats": {
            "description": [
                "The key under which the role sets custom stats with a small dict for each campaign, as "
                "M(ansible.builtin.set_stats) does. Workflows and C(show_custom_stats) use them. Set an empty string "
                "for no custom stats.",
            ],
            "type": "str",
            "default": "thingspace_campaigns",
        },
        "campaign_wait_report": {
            "description": [
                "A path on the controller that ends with C(.html) or C(.md). The role writes a report to this file, "
                "with the timeline of each campaign, the results of its devices, and the decision for each host. "
                "With an empty string, the role writes no report.",
                "The role also writes the report if hosts fail or the wait times out. The report contains all hosts, "
                "batches and uses of the role in a run with the same path. To write it, the role reads the device "
                "reports of the campaigns.",
                "A relative path is relative to the directory in which you start C(ansible-playbook). The directory "
                "must exist. Only the owner can read a new file. An existing file keeps its mode. In check mode, the "
                "role does not write a report.",
                "If the role cannot write the report, it warns, but does not change a decision. HTML requires the "
                "Python library C(pygal) on the controller.",
            ],
            "type": "path",
        },
        "campaign_wait_stats_devices": {
            "description": [
                "Whether the custom stats also list the device IDs (IMEIs) by state. Requires that the device report "
                "is read.",
            ],
            "type": "bool",
            "default": False,
        },
    }


def documented_options() -> dict[str, dict[str, Any]]:
    """Return the documented options of the module, including those of its documentation fragments."""
    own = _documentation(ROOT / "plugins" / "modules" / "campaign_info.py")
    options = dict(own["options"])
    for fragment in own["extends_documentation_fragment"]:
        name = fragment.rpartition(".")[2]
        options.update(_documentation(ROOT / "plugins" / "doc_fragments" / f"{name}.py")["options"])
    return options


def role_name(option: str) -> str:
    """Return the role's name of an option: ``campaign_wait_timeout`` for ``wait_timeout``."""
    return _PREFIX + option.removeprefix("wait_")


def role_options() -> dict[str, dict[str, Any]]:
    """Return the role's options, as in ``meta/argument_specs.yml``."""
    options = {}
    for name, option in documented_options().items():
        if name not in _LEFT_OUT:
            text = [_in_role(paragraph) for paragraph in _paragraphs(option["description"])]
            options[role_name(name)] = _without_hiding_the_environment({**option, "description": text})
    return {**options, **_own_options()}


def as_specified(option: dict[str, Any]) -> dict[str, Any]:
    """Return an option for which Ansible accepts all values, with its type described in words instead."""
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
    """Remove the default of an option whose default is an environment variable."""
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
    """Return the text of ``meta/argument_specs.yml``."""
    main = {
        "short_description": "Wait for ThingSpace firmware campaigns and decide which hosts continue",
        "description": [
            "Waits on the controller, in one process for all hosts of the batch, until the campaigns of each host have "
            "reached a target state. Fails a host as soon as its campaigns can no longer reach it.",
            "A host that sets O(campaign_wait_device_id) continues only if that device was upgraded.",
            "Sets C(campaign_wait_result) on each host. It contains the result of M(fleetops.thingspace.campaign_info) "
            "for the campaigns of the host, with C(device) and C(decision).",
        ],
        "version_added": "0.1.0",
        "author": ["The fleetops.thingspace authors"],
        "options": {name: as_specified(option) for name, option in role_options().items()},
    }
    return _HEADER + _yaml({"argument_specs": {"main": main}})


class _Indented(yaml.SafeDumper):
    """Indents lists below their keys, as yamllint requires."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Always indent."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Use no aliases."""
        return True


def _yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=_Indented, sort_keys=False, width=110, allow_unicode=False)


def table() -> str:
    """Return the options as a Markdown table."""
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
    """Return the generated files, with their contents."""
    readme = ROLE / "README.md"
    return {
        ROLE / "meta" / "argument_specs.yml": argument_specs(),
        readme: _TABLE.sub(lambda _found: table(), readme.read_text(encoding="utf-8")),
    }


def main(arguments: list[str]) -> int:
    """Write the files, or only compare them. Returns 1 if a file is out of date."""
    return write_or_check(files(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
