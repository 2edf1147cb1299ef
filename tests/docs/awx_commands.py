# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands of the pages about AWX and Event-Driven Ansible.

tests/awx runs the setup itself, with a stand-in for a controller.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import yaml

from docs.sandbox import Sandbox
from tools.paths import ROOT

SETUP = "fleetops.thingspace.awx_setup"
# The variables that the modules of awx.awx read.
CONNECTION = ("CONTROLLER_HOST", "CONTROLLER_OAUTH_TOKEN")
# From Ansible Galaxy. The version is that of tests/awx.
MODULES = "awx.awx:24.6.1"
# The folder in which a checkout is tried with ansible-rulebook.
CHECKOUT = "try/ansible_collections/fleetops/thingspace"
_INSTALLED = "~/.ansible/collections/ansible_collections/fleetops/thingspace/"


def is_typed(sandbox: Sandbox, words: list[str]) -> bool:
    """Run or check one of these commands. Returns False for any other command."""
    if words[:2] == ["ansible-playbook", SETUP]:
        check_setup(words[2:])
    elif words[0] == "cp":
        copy_from_collection(sandbox, words[1:])
    elif words[:2] == ["ansible-builder", "build"]:
        make_build_context(sandbox, words[2:])
    elif words[0] == "ansible-rulebook":
        check_rulebook(words[1:])
    else:
        return False
    return True


def settings() -> set[str]:
    """Return the variables of the setup."""
    return set(yaml.safe_load((ROOT / "extensions" / "awx" / "settings.yml").read_text(encoding="utf-8")))


def check_setup(arguments: list[str]) -> None:
    """Check that all variables passed to the setup exist."""
    assert len(arguments) % 2 == 0
    for option, value in zip(arguments[::2], arguments[1::2]):
        assert option == "-e"
        assert value.startswith("@") or value.partition("=")[0] in settings(), value


def copy_from_collection(sandbox: Sandbox, arguments: list[str]) -> None:
    """Copy a file or folder from the installed collection, which is the checkout here."""
    source, target = arguments[-2:]
    assert source.startswith(_INSTALLED)
    original = ROOT / source.removeprefix(_INSTALLED)
    goal = sandbox.folder / (target if target != "." else Path(source).name)
    if original.is_dir():
        assert arguments[0] == "-r"
        shutil.copytree(original, goal)
    else:
        shutil.copy(original, goal)


def make_build_context(sandbox: Sandbox, arguments: list[str]) -> None:
    """Run the part of "ansible-builder build" that needs no container images."""
    file = arguments[:2] if arguments[0] == "--file" else []
    done = sandbox.run(shlex.join(["ansible-builder", "create", *file]))
    assert done.returncode == 0, done.stdout


def check_rulebook(arguments: list[str]) -> None:
    """Check that the collection has the rulebook, or a checkout the sources. tests/eda runs such rulebooks."""
    option, name = arguments[:2]
    assert option == "--rulebook"
    if arguments[2:3] == ["-S"]:
        assert arguments[3].startswith(f"{CHECKOUT}/")
        assert (ROOT / arguments[3].removeprefix(f"{CHECKOUT}/") / "campaign.py").is_file()
        return
    assert (ROOT / "extensions" / "eda" / "rulebooks" / f"{name.rpartition('.')[2]}.yml").is_file()
