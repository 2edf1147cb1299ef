# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets an event source or event filter import its own collection.

ansible-rulebook runs it as a file, and C(sys.path) does not contain the parent directory of C(ansible_collections).
"""

from __future__ import annotations

import importlib
import pathlib
import sys

_COLLECTION = ("ansible_collections", "fleetops", "thingspace")
# The file is in extensions/eda/plugins/event_source or event_filter, below the collection.
_DEPTH = 4


def find(source: str) -> None:
    """Make the collection that contains the file C(source) importable. Raises ImportError, with one sentence.

    Symbolic links are not resolved, because C(ansible_collections/fleetops/thingspace) can be a link to a checkout.
    """
    folder = pathlib.Path(source).absolute().parents[_DEPTH]
    if folder.parts[-len(_COLLECTION) :] == _COLLECTION:
        root = str(folder.parents[len(_COLLECTION) - 1])
        if root not in sys.path:
            sys.path.insert(0, root)
            importlib.invalidate_caches()
    try:
        importlib.import_module(".".join((*_COLLECTION, "plugins", "module_utils", "_errors")))
    except ImportError as error:
        raise ImportError(
            f"{'.'.join(_COLLECTION[1:])} cannot be imported ({error}): install the collection, or run "
            "ansible-rulebook with -S and the directory "
            f"{'/'.join(_COLLECTION)}/extensions/eda/plugins/event_source of a checkout, or add the directory that "
            f"contains {_COLLECTION[0]} to PYTHONPATH."
        ) from None
