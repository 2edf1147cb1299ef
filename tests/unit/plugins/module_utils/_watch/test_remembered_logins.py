# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A refused login is known to the next process, until the credentials change."""

from __future__ import annotations

import os
import pathlib
import stat
import typing as t
from unittest import mock

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._options import Credentials
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch import remembered_logins
from ansible_collections.fleetops.thingspace.plugins.module_utils._watch.remembered_logins import RememberedLogins

USER: t.Final = ("session_token", "user-1111")


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A digest that costs nothing."""
    monkeypatch.setattr(remembered_logins, "_ROUNDS", 1)


def logins(path: pathlib.Path, password: str = "password-4444") -> RememberedLogins:
    """The memory of one process."""
    credentials = Credentials("key-2222", "secret-3333", "user-1111", password, None, None)
    return RememberedLogins(str(path), credentials, lambda text: text.replace(password, "********"))


def test_a_refusal_outlives_the_process(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "state.refused"
    first = logins(path)
    assert first.count(USER).refusal is None and not first.may_repeat_refusal()
    first.login_begins(USER)
    assert first.may_repeat_refusal()
    first.login_refused(USER, "The login was refused: password-4444 is wrong.")
    assert not first.may_repeat_refusal()
    said = logins(path).count(USER).refusal
    assert said is not None and said.startswith("The login was refused: ******** is wrong. That was in an earlier run.")
    assert str(path) in said


def test_other_credentials_are_tried(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "state.refused"
    logins(path).login_refused(USER, "Refused.")
    assert logins(path, "another").count(USER).refusal is None
    assert logins(path).count(("session_token", "user-2")).refusal is None
    path.unlink()
    assert logins(path).count(USER).refusal is None


def test_the_file_holds_no_secret_and_is_for_its_owner_only(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "state.refused"
    logins(path).login_refused(USER, "Refused for password-4444.")
    text = path.read_text(encoding="utf-8")
    assert not [one for one in ("password-4444", "user-1111", "secret-3333", "key-2222") if one in text]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_cannot_be_written_is_not_remembered(tmp_path: pathlib.Path) -> None:
    memory = logins(tmp_path / "nowhere" / "state.refused")
    memory.login_refused(USER, "Refused.")
    assert memory.count(USER).refusal == "Refused."
    assert memory.may_repeat_refusal()


def test_an_older_refusal_in_the_file_does_not_stand_for_a_newer_one(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.refused"
    logins(path).login_refused(USER, "Refused.")
    memory = logins(path, "another")
    monkeypatch.setattr(os, "replace", mock.Mock(side_effect=OSError(28, "No space left on device")))
    memory.login_begins(USER)
    memory.login_refused(USER, "Refused again.")
    assert memory.may_repeat_refusal()


@pytest.mark.parametrize(
    "text", ["", "[]", "nonsense", "null", "{}", '{"salt": 5}', '{"salt": "no digits"}', '{"salt": "00", "digest": 5}']
)
def test_no_login_is_sent_if_the_file_cannot_be_read(tmp_path: pathlib.Path, text: str) -> None:
    """The file exists only after a refusal, which could have been one of these credentials."""
    path = tmp_path / "state.refused"
    path.write_text(text, encoding="utf-8")
    said = logins(path).count(USER).refusal
    assert said is not None and "cannot be read" in said and f"delete {path}" in said
    assert not logins(path).may_repeat_refusal()


def test_no_login_is_sent_if_the_file_cannot_be_opened(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "state.refused"
    path.mkdir()
    said = logins(path).count(USER).refusal
    assert said is not None and "cannot be read" in said


@pytest.mark.parametrize("text", ['{"salt": "00"}', '{"salt": "00", "digest": "Refused."}'])
def test_a_file_without_this_refusal_does_not_remember_it(tmp_path: pathlib.Path, text: str) -> None:
    path = tmp_path / "state.refused"
    memory = logins(path)
    memory.login_refused(USER, "Refused.")
    path.write_text(text, encoding="utf-8")
    assert memory.may_repeat_refusal()
