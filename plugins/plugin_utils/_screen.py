# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Lines on the screen from a process that works for a task."""

from __future__ import annotations

import signal
import threading
import typing as t
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible.utils.display import Display

_ENDING: t.Final = (signal.SIGINT, signal.SIGTERM)


def say(display: Display, text: str) -> None:
    """One line on the standard output of Ansible.

    In a process for a task, Ansible sends the line to its main process. The callback of ansible-runner until 2.4.0,
    which AWX 24.6.1 brings into its jobs, has wrapped that in writing marks to the process's own output; ansible-core
    2.19 and newer warn of those. So there the method is called as Ansible has made it; the main process has the marks
    around the line all the same.
    """
    method = type(display).display
    if _is_for_a_task(display):
        method = _as_ansible_made_it(method)
    with _uninterrupted(display):
        method(display, text)


def warn(display: Display, text: str) -> None:
    """One warning on the standard error of Ansible."""
    with _uninterrupted(display):
        display.warning(text)


def _is_for_a_task(display: Display) -> bool:
    """True in a process for a task, whose lines go to the main process."""
    return bool(getattr(display, "_final_q", None))


@contextmanager
def _uninterrupted(display: Display) -> Iterator[None]:
    """Signals that end a process for a task wait until the block is over.

    One that dies while it sends a line keeps the lock of Ansible's queue for good, and then ansible-playbook hangs at
    its own end (seen with ansible-core 2.21, at one Ctrl+C in thirty that met the first line of a wait).
    """
    if not _is_for_a_task(display) or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _frame: came.append(number)) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        for late in came:
            signal.raise_signal(late)


def _as_ansible_made_it(method: Callable[..., None]) -> Callable[..., None]:
    own, found = Display.__module__, t.cast(t.Any, method)
    while found.__globals__.get("__name__") != own and hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    return t.cast(Callable[..., None], found)
