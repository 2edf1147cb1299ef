# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Makefile runs: environments, locked requirements, the built collection and the checks.

Standard library only, and Python 3.9: these run before anything has been installed.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 9):  # noqa: UP036
    sys.exit("This needs Python 3.9 or newer. Name one with: make PYTHON=/path/to/python3")
