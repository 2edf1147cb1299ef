# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepares a home folder with which ansible-test uses the user's package index, and no other host.

ansible-test removes the PIP_* variables from the environment of pip, and downloads the first pip of an environment from
its own server. antsibull-nox does not change this, so neither works behind a proxy or without a network.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tools import indexes

# ansible-test makes ten environments for each lane. Unpacking pip takes 2 seconds less than letting pip install itself.
_GET_PIP = """\
import sysconfig
import zipfile

zipfile.ZipFile({wheel!r}).extractall(sysconfig.get_path("purelib"))
"""


def prepare(environment: Path, home: Path) -> None:
    """Create the home folder for the ansible-test of this environment."""
    config = home / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.touch(mode=0o600)
    lines = [f"{name} = {' '.join(value.split())}\n" for name, value in sorted(indexes.of_pip().items()) if value]
    config.write_text("[global]\n" + "".join(lines), encoding="utf-8")

    version = _wanted_pip(environment)
    wheels = home / "wheels"
    if not list(wheels.glob(f"pip-{version}-*.whl")):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels)]
        subprocess.run([*command, f"pip=={version}"], check=True)
    (wheel,) = wheels.glob(f"pip-{version}-*.whl")
    stand_in = home / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    stand_in.parent.mkdir(parents=True, exist_ok=True)
    stand_in.write_text(_GET_PIP.format(wheel=str(wheel)), encoding="utf-8")


def _wanted_pip(environment: Path) -> str:
    (sources,) = environment.glob("lib/python3*/site-packages/ansible_test/_internal/python_requirements.py")
    found = re.search(r"^ +pip='([0-9.]+)'", sources.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"{sources} no longer names the version of pip that it wants")
    return found[1]
