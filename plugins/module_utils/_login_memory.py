# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""What several users of one set of credentials must know of each other: has a login with it been refused?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


class LoginMemory:
    """Remembers refused logins beyond one process. This one remembers nothing: for a process that is alone."""

    @contextlib.contextmanager
    def alone(self, identity: tuple[str, ...]) -> Iterator[str | None]:
        """Hold off everybody else who would log in with these credentials, and give the remembered refusal or None.

        C(identity) is the address of the service and the credentials themselves: treat it as a secret.
        """
        yield None

    def remember_refusal(self, identity: tuple[str, ...], message: str) -> None:
        """Keep the sentence with which a login was refused."""
