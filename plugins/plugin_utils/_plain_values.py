# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Converts Ansible's value types to plain Python types, which every library accepts."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleError

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError

try:
    from ansible.parsing.vault import EncryptedString as _Encrypted  # ansible-core 2.19
except ImportError:
    from ansible.parsing.yaml.objects import AnsibleVaultEncryptedUnicode as _Encrypted  # until ansible-core 2.18


def plain(value: t.Any, name: str = "") -> t.Any:
    """Return C(value) with plain strings, also for strings that were encrypted inline with C(!vault).

    Raises OptionError, which begins with C(name), for a string that cannot be decrypted.
    """
    if isinstance(value, _Encrypted):
        try:
            return str.__str__(str(value))
        except AnsibleError:
            # Without the message of Ansible, which quotes the file.
            sentence = "cannot be decrypted: check the vault password."
            raise OptionError(f"{name or 'A value'} {sentence}") from None
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {plain(key): plain(item, str(name or key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, name) for item in value]
    return value
