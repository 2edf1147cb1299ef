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
"""
_TABLE = re.compile(r"(?<=<!-- options -->\n).*(?=<!-- end of options -->)", re.DOTALL)
# What the role decides itself: it always waits, and a play goes on or fails instead of returning.
_LEFT_OUT = ("wait",)
_ON_TIMEOUT = {
    "description": [
        "What happens when the time is over and the goal is not reached.",
        "With V(fail) the host fails. With V(continue) the play goes on, and C(campaign_wait_result.reached) is false.",
    ],
    "type": "str",
    "choices": ["fail", "continue"],
    "default": "fail",
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
    options[role_name("wait_on_timeout")] = _ON_TIMEOUT
    return options


def _without_hiding_the_environment(option: dict[str, Any]) -> dict[str, Any]:
    """A role's default would be an explicit value for the module, and win over the environment variable."""
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
    text = re.sub(r"\bO\((\w+)", lambda found: f"O({role_name(found.group(1))}", text)
    return re.sub(r"\bRV\((\w+)(=[^)]*)?\)", r"C(campaign_wait_result.\1\2)", text)


def argument_specs() -> str:
    """The text of ``meta/argument_specs.yml``."""
    main = {
        "short_description": "Wait until ThingSpace firmware campaigns reach a target state",
        "description": [
            "Waits on the controller, with M(fleetops.thingspace.campaign_info), until every campaign has reached a "
            "target state, and fails the host when one no longer can.",
            "Afterwards C(campaign_wait_result) holds the result of that module.",
        ],
        "version_added": "0.1.0",
        "author": ["The fleetops.thingspace authors"],
        "options": role_options(),
    }
    return _HEADER + _yaml({"argument_specs": {"main": main}})


def defaults() -> str:
    """The text of ``defaults/main.yml``."""
    values = {name: option["default"] for name, option in role_options().items() if "default" in option}
    return _HEADER + _yaml(values)


class _Indented(yaml.SafeDumper):
    """Lists indented below their keys, as yamllint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never without indentation."""
        super().increase_indent(flow, False)


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
        ROLE / "defaults" / "main.yml": defaults(),
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
