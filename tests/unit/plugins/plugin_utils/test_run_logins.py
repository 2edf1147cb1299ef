# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins and tokens that the processes of one run share."""

from __future__ import annotations

import errno
import fcntl
import os
import pathlib
import typing as t
from collections.abc import Callable
from functools import partial

import pytest
from cryptography.fernet import Fernet

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import argument_spec
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    ConnectionFailed,
    RunFolderUnusable,
    ThingSpaceError,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.auth import Auth
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.login_memory import LoginCount, SharedToken
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.transport import Response
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import credentials_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.plugin_utils import _run_store
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_logins import RunLogins
from ansible_collections.fleetops.thingspace.tests.unit.plugins.plugin_utils.run_processes import (
    FORK,
    SECONDS,
    in_processes,
    kill_within,
)
from ansible_collections.fleetops.thingspace.tests.unit.wait_world import FakeClock

ACCOUNT: t.Final = ("session_token", "the-user-1111")
IDENTITY: t.Final = ("session_token", "https://host/api", "key-2222", "secret-3333", "the-user-1111", "password-4444")
TOKEN: t.Final = SharedToken("a-token-5555-in-clear", 1234.5, "an-older-token-6666")
SECRETS: t.Final = (*ACCOUNT[1:], *IDENTITY[2:], TOKEN.value, str(TOKEN.replaces))


@pytest.fixture
def logins(tmp_path: pathlib.Path) -> RunLogins:
    """Return the shared logins as one process sees them."""
    return RunLogins(tmp_path)


def repeat(times: int, change: Callable[[tuple[str, ...]], None]) -> None:
    for _time in range(times):
        change(ACCOUNT)


def test_no_login_is_lost_between_processes(logins: RunLogins) -> None:
    in_processes([partial(repeat, 10, logins.login_begins)] * 5)
    assert logins.count(ACCOUNT) == LoginCount(None, 50)
    in_processes([partial(repeat, 9, logins.login_not_sent)] * 5)
    assert logins.count(ACCOUNT) == LoginCount(None, 5)
    in_processes([lambda: logins.login_refused(ACCOUNT, "No.")])
    assert logins.count(ACCOUNT) == LoginCount("No.", 4)
    logins.login_accepted(ACCOUNT)
    assert logins.count(ACCOUNT) == LoginCount("No.", 0)
    assert logins.count(("session_token", "another")) == LoginCount()


def test_who_is_killed_during_a_login_leaves_one_without_a_clear_answer(logins: RunLogins) -> None:
    def work(die: Callable[[], None]) -> None:
        with logins.locked(ACCOUNT, 1e9):
            logins.login_begins(ACCOUNT)
            die()

    kill_within(work)
    assert logins.count(ACCOUNT) == LoginCount(None, 1)
    with logins.locked(ACCOUNT, 0.0):
        pass


def test_a_token_is_passed_on(logins: RunLogins) -> None:
    assert logins.token(IDENTITY) is None
    in_processes([lambda: logins.keep_token(IDENTITY, TOKEN)])
    assert logins.token(IDENTITY) == TOKEN
    for place in range(len(IDENTITY)):
        assert logins.token((*IDENTITY[:place], "another", *IDENTITY[place + 1 :])) is None


def test_what_becomes_known_of_a_token_that_was_replaced_is_forgotten(logins: RunLogins) -> None:
    logins.keep_token(IDENTITY, TOKEN)
    logins.update_token(IDENTITY, SharedToken(TOKEN.value, 99.0))
    assert logins.token(IDENTITY) == SharedToken(TOKEN.value, 99.0)
    logins.update_token(IDENTITY, SharedToken("another-token", 100.0))
    assert logins.token(IDENTITY) == SharedToken(TOKEN.value, 99.0)


def test_after_the_time_of_a_task_other_processes_get_the_minimum(logins: RunLogins) -> None:
    logins.give_up_at(0.0)
    with logins._store.transaction() as database:
        assert database.execute("PRAGMA busy_timeout").fetchone() == (1000,)


def test_no_file_has_a_secret_in_clear(logins: RunLogins, tmp_path: pathlib.Path) -> None:
    with logins.locked(ACCOUNT, 1e9):
        logins.login_begins(ACCOUNT)
        logins.keep_token(IDENTITY, TOKEN)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    for path in files:
        content = path.read_bytes() + path.name.encode()
        assert not [secret for secret in SECRETS if secret.encode() in content]


def test_with_another_key_tokens_are_unknown_and_logins_counted(
    logins: RunLogins, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins.keep_token(IDENTITY, TOKEN)
    logins.login_begins(ACCOUNT)
    logins.login_refused(ACCOUNT, "No.")
    monkeypatch.setattr(_run_store, "_CIPHER", Fernet(Fernet.generate_key()))
    assert logins.token(IDENTITY) is None
    logins.update_token(IDENTITY, TOKEN)
    assert logins.count(ACCOUNT) == LoginCount("No.", 0)


class FakeService:
    """A transport that records each login in a file, so that all processes can count them, with given answers."""

    base_url, host, request_timeout, give_up_at = "https://host/api", "host:443", 5.0, 1e12
    names = str

    def __init__(self, folder: pathlib.Path, answer: Callable[[str], Response]) -> None:
        self._folder = folder
        self._answer = answer

    def send(self, _method: str, path: t.Sequence[str], *_headers: t.Any, **_body: t.Any) -> Response:
        """Record a login, and return its answer."""
        kind = path[-1]
        with (self._folder / f"{kind}.sent").open("a") as file:
            file.write("x")
        return self._answer(kind)

    def sent(self, kind: str) -> int:
        """Return the number of logins of all processes."""
        path = self._folder / f"{kind}.sent"
        return len(path.read_text()) if path.exists() else 0


def accept(kind: str) -> Response:
    number = os.urandom(8).hex()
    body = f'{{"access_token": "access-{number}", "expires_in": 3600, "sessionToken": "session-{number}"}}'
    return Response(200, {}, body.encode())


def refuse(kind: str) -> Response:
    return accept(kind) if kind == "token" else Response(400, {}, b'{"errorCode": "X", "errorMessage": "Wrong"}')


def lose(kind: str) -> Response:
    if kind == "token":
        return accept(kind)
    raise ConnectionFailed("It broke.")


def asking(
    tmp_path: pathlib.Path,
    service: FakeService,
    folder: pathlib.Path | None = None,
    clock: Clock | None = None,
    **more: str,
) -> Callable[[], str]:
    """Return a function that gets both tokens, and returns the session token or the name of the error."""
    given = {"api_key": "key", "api_secret": "secret", "username": "user", "password": "password", **more}
    params = {**dict.fromkeys(argument_spec()), **given}

    def work() -> str:
        memory = RunLogins(folder or tmp_path, clock)
        auth = Auth(credentials_of(params), t.cast(t.Any, service), Secrets(), memory, clock or Clock())
        try:
            return str(auth.headers().headers["VZ-M2M-Token"])
        except ThingSpaceError as error:
            return type(error).__name__

    return work


def test_five_processes_log_in_once(tmp_path: pathlib.Path) -> None:
    service = FakeService(tmp_path, accept)
    tokens = in_processes([asking(tmp_path, service)] * 5)
    assert len(set(tokens)) == 1
    assert (service.sent("token"), service.sent("login")) == (1, 1)


def test_five_processes_are_refused_once_whatever_their_keys(tmp_path: pathlib.Path) -> None:
    service = FakeService(tmp_path, refuse)
    works = [asking(tmp_path, service, api_key=f"key-{number}", password=f"p-{number}") for number in range(5)]
    assert in_processes(works) == ["LoginRefused"] * 5
    assert (service.sent("token"), service.sent("login")) == (5, 1)


def test_two_logins_are_lost_and_no_more(tmp_path: pathlib.Path) -> None:
    service = FakeService(tmp_path, lose)
    ends = in_processes([asking(tmp_path, service)] * 6)
    assert sorted(ends) == ["ConnectionFailed"] * 2 + ["LoginRefused"] * 4
    assert service.sent("login") == 2


def test_two_processes_are_killed_during_their_login_and_there_is_no_third(tmp_path: pathlib.Path) -> None:
    def dying(die: Callable[[], None]) -> None:
        def answer(kind: str) -> Response:
            return accept(kind) if kind == "token" else die()  # type: ignore[func-returns-value, return-value]

        asking(tmp_path, FakeService(tmp_path, answer))()

    for _time in range(2):
        kill_within(dying)
    service = FakeService(tmp_path, accept)
    assert in_processes([asking(tmp_path, service)] * 3) == ["LoginRefused"] * 3
    assert service.sent("login") == 2


def test_who_cannot_keep_count_sends_nothing(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = FakeService(tmp_path, refuse)
    no_folder = tmp_path / "file"
    no_folder.write_text("")
    assert asking(tmp_path, service, no_folder)() == RunFolderUnusable.__name__

    def fail(*_arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    assert asking(tmp_path, service)() == RunFolderUnusable.__name__
    assert (service.sent("token"), service.sent("login")) == (0, 0)


def test_a_login_whose_end_cannot_be_kept_is_counted(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RunFolderUnusable("No space left.")

    service = FakeService(tmp_path, refuse)
    with monkeypatch.context() as patch:
        patch.setattr(RunLogins, "login_refused", fail)
        assert asking(tmp_path, service)() == RunFolderUnusable.__name__
    assert RunLogins(tmp_path).count(("session_token", "user")).unclear == 1


def test_a_queue_behind_a_hanging_login_has_a_deadline(tmp_path: pathlib.Path) -> None:
    hanging, done = FORK.Event(), FORK.Event()

    def hang(kind: str) -> Response:
        hanging.set()
        assert done.wait(SECONDS)
        return accept(kind)

    def impatient() -> tuple[str, float]:
        clock = FakeClock()
        return asking(tmp_path, service, clock=clock)(), clock.seconds

    service = FakeService(tmp_path, accept)
    first = FORK.Process(target=asking(tmp_path, FakeService(tmp_path, hang)))
    first.start()
    assert hanging.wait(SECONDS)
    ends = in_processes([impatient] * 3)
    done.set()
    first.join(SECONDS)
    assert first.exitcode == 0
    assert [end for end, _took in ends] == ["ConnectionFailed"] * 3
    assert [took for _end, took in ends] == pytest.approx([service.request_timeout] * 3, abs=0.1)
    # The token that the first process finally gets is valid for all.
    assert asking(tmp_path, service)().startswith("session-")
    assert (service.sent("token"), service.sent("login")) == (1, 1)
