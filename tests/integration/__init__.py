# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real ansible-playbook, with the collection installed from its tarball, talks to the running simulator."""

from __future__ import annotations

import pytest

# Before anything imports them: then a failed assertion shows what it compared.
pytest.register_assert_rewrite("integration.cases", "integration.playbooks")
