# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's special types of values become plain ones."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleError

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.plugin_utils import _plain_values
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._plain_values import plain


class Tagged(str):
    """A string with Ansible's mark."""


class Encrypted:
    """A value with C(!vault), as Ansible stores it."""

    def __init__(self, text: Tagged | None) -> None:
        self._text = text

    def __str__(self) -> str:
        if self._text is None:
            raise AnsibleError("no vault secrets found that could decrypt: group_vars/all.yml")
        return self._text


@pytest.fixture(autouse=True)
def _encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_plain_values, "_Encrypted", Encrypted)


def test_texts_are_nothing_but_texts_at_any_depth() -> None:
    value = plain(
        {
            Tagged("a"): [Tagged("b"), (Encrypted(Tagged("c")), 1)],
            "d": {"e": Encrypted(Tagged("f"))},
            "g": None,
            "h": True,
        }
    )
    assert value == {"a": ["b", ["c", 1]], "d": {"e": "f"}, "g": None, "h": True}
    texts: list[t.Any] = [*value, value["a"][0], value["a"][1][0], value["d"]["e"]]
    assert {text.__class__ for text in texts} == {str}


@pytest.mark.parametrize(
    ("value", "name", "named"),
    [
        (Encrypted(None), "password", "password"),
        (Encrypted(None), "", "A value"),
        ({"api_secret": Encrypted(None)}, "", "api_secret"),
        ({"api_secret": [Encrypted(None)]}, "all", "all"),
    ],
)
def test_what_cannot_be_decrypted_is_named_without_ansibles_words(value: t.Any, name: str, named: str) -> None:
    with pytest.raises(OptionError) as caught:
        plain(value, name)
    assert caught.value.message == f"{named} cannot be decrypted: check the vault password."
