# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write requirements/NAME.txt from requirements/NAME.in, transitive versions too.

Usage: ``python3 -m tools.lock``, or ``python3 -m tools.lock NAME ...`` for some of them.
"""

from __future__ import annotations

import sys

from tools import installer
from tools.environments import ALL, BY_NAME
from tools.paths import REQUIREMENTS


def main(names: list[str]) -> int:
    """Lock the named environments, or every one, to the newest versions that their .in files allow."""
    uv = installer.find_uv()
    if uv is None:
        print("Locking needs uv.", file=sys.stderr)
        return 1
    for environment in [BY_NAME[name] for name in names] or ALL:
        source = REQUIREMENTS / f"{environment.name}.in"
        command = ["pip", "compile", "--quiet", "--upgrade", "--no-emit-index-url", "--no-emit-find-links"]
        command += ["--custom-compile-command", "make lock", "--output-file", str(environment.requirements)]
        command += ["--universal", "--python-version", environment.lock_python]
        try:
            installer.uv_run(uv, [*command, str(source.relative_to(REQUIREMENTS.parent))], for_lock=True)
        except installer.SetupError as error:
            print(error, file=sys.stderr)
            return 1
        print(f"locked {environment.requirements.relative_to(REQUIREMENTS.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
