# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The version of the collection, for the C(User-Agent) header. A test checks that it matches galaxy.yml."""

from __future__ import annotations

VERSION = "0.2.0"
