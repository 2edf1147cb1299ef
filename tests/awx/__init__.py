# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the content for AWX, with AWX's own code, ansible-runner and the modules of awx.awx."""

from __future__ import annotations

import pytest

# Registered before the first import, so that failed assertions in them show the compared values.
pytest.register_assert_rewrite("integration.playbooks", "awx.chain", "awx.jobs")
