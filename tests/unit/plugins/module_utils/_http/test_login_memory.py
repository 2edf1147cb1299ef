# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The logins that a process counts, and the tokens that it stores."""

from __future__ import annotations

import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import (
    LoginCount,
    LoginMemory,
    SharedToken,
)

USER: t.Final = ("session_token", "user-1111")
OTHER: t.Final = ("session_token", "user-2222")


def test_how_logins_count() -> None:
    memory = LoginMemory()
    for change, count in (
        (memory.login_begins, LoginCount(None, 1)),
        (memory.login_begins, LoginCount(None, 2)),
        (memory.login_not_sent, LoginCount(None, 1)),
        (memory.login_begins, LoginCount(None, 2)),
        (memory.login_accepted, LoginCount(None, 0)),
        (memory.login_begins, LoginCount(None, 1)),
        (memory.login_begins, LoginCount(None, 2)),
        (lambda account: memory.login_refused(account, "No."), LoginCount("No.", 1)),
        # A login that did not check for a refusal first was accepted. The refusal remains.
        (memory.login_accepted, LoginCount("No.", 0)),
    ):
        change(USER)
        assert memory.count(USER) == count
    assert memory.count(OTHER) == LoginCount()


def test_what_becomes_known_of_a_token_that_was_replaced_is_forgotten() -> None:
    memory = LoginMemory()
    memory.update_token(USER, SharedToken("first", 1.0))
    assert memory.token(USER) is None
    memory.keep_token(USER, SharedToken("first", 1.0))
    memory.update_token(USER, SharedToken("first", 2.0))
    assert memory.token(USER) == SharedToken("first", 2.0)
    memory.keep_token(USER, SharedToken("second", None))
    memory.update_token(USER, SharedToken("first", 3.0))
    assert memory.token(USER) == SharedToken("second", None)
    assert memory.token(OTHER) is None
