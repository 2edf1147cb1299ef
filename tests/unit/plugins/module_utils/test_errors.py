# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors have the values that they were created with, and cannot be modified."""

from __future__ import annotations

import ast
import pathlib
import re
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils import _errors as errors

PLUGINS: t.Final = pathlib.Path(errors.__file__).resolve().parents[1]
ONE_OF_EACH: t.Final = (
    errors.OptionError("No.", option="campaign_id"),
    errors.LoginRefused("No.", {"logins": 1}),
    errors.TransientError("Later.", 5.0, maybe_processed=False, facts={"logins": 1}, during_login=True),
    errors.ConnectionFailed("Gone.", during_login=True),
    errors.ServiceTrouble("Busy.", 429, 60.0),
    errors.WaitFailed("Over.", {"polls": 1}, {"reason": "reached"}),
)


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: error.__class__.__name__)
def test_a_changed_error_is_another_one_of_its_kind(error: errors.ThingSpaceError) -> None:
    before = dict(vars(error))
    other = error.with_changes(message="Masked.", facts={"requests": 3}, during_login=True)
    assert other is not error and other.__class__ is error.__class__
    assert vars(error) == before
    assert vars(other) == {**before, "message": "Masked.", "facts": {"requests": 3}, "during_login": True}
    assert str(other) == "Masked." and other.__cause__ is None and other.__context__ is None


def test_an_expected_error_stays_as_it_is() -> None:
    error = errors.BadResponse("HTML")
    assert errors.expected(error) is error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KeyError("a-secret"), "KeyError"),
        (RecursionError("a-secret"), "RecursionError"),
        (OSError(28, "a-secret"), "OSError (No space left on device)"),
        (OSError("a-secret"), "OSError"),
        (SystemExit("a-secret"), "SystemExit"),
    ],
    ids=str,
)
def test_an_unexpected_error_has_its_kind_and_its_places_but_not_its_text(error: BaseException, kind: str) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        fail()
    made = errors.expected(caught.value)
    assert made.reason == "unexpected_error" and made.__cause__ is None
    assert re.fullmatch(
        rf"An unexpected error: {re.escape(kind)}, at test_errors\.py:\d+, test_errors\.py:\d+\. Unless .*",
        made.message,
    )
    assert "a-secret" not in made.message


def test_an_error_has_nothing_but_what_its_class_knows() -> None:
    with pytest.raises(AttributeError):
        errors.BadResponse("HTML").with_changes(colour="red")


def test_nobody_writes_into_an_error() -> None:
    """Exceptions must not be used to transport other values, as with C(error.facts = ...)."""
    carried = {name for error in ONE_OF_EACH for name in vars(error)}
    assert {"message", "facts", "during_login", "status", "option"} <= carried
    written = [
        f"{path.relative_to(PLUGINS)}:{target.lineno} {ast.unparse(target)}"
        for path in PLUGINS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr in carried and ast.unparse(target.value) != "self"
    ]
    # A limit of a request is no error; it keeps the status of the answer that it has seen the head of.
    assert [place for place in written if "request_limit.status" not in place] == []
