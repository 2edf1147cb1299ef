# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of the tokens of many months, only the latest are masked. The secrets from before are always masked."""

from __future__ import annotations

from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.latest_secrets import LatestSecrets


def test_of_the_tokens_of_months_only_the_last_are_masked() -> None:
    secrets = LatestSecrets()
    secrets.add("the-password-itself")
    secrets.seal()
    for number in range(2000):
        secrets.add(f"token-{number:032}")
        secrets.add(f"token-{number:032}")
    assert secrets.mask(f"token-{1999:032} the-password-itself") == "******** ********"
    assert len(secrets._values) <= 50
    assert secrets.mask(f"token-{0:032}") == f"token-{0:032}"
