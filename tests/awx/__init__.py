# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX's own code, ansible-runner and the modules of awx.awx, run with what the collection ships for AWX."""

from __future__ import annotations

import pytest

# Before anything imports them: then a failed assertion shows what it compared.
pytest.register_assert_rewrite("integration.playbooks", "awx.chain", "awx.jobs")
