# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the REST API of AWX 24.6: what the modules of awx.awx need, with the rules of the real API.

The rules come from AWX's source, and were verified with a real AWX. The messages are those of AWX.
"""
