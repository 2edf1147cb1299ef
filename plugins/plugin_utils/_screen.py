# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Prints lines from a worker process."""

from __future__ import annotations

import signal
import threading
import typing as t
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible.utils.display import Display

_SIGNALS: t.Final = (signal.SIGINT, signal.SIGTERM)


def print_line(display: Display, text: str) -> None:
    """Print one line on the standard output of Ansible.

    In a worker process, Ansible sends the line to its main process. The callback of ansible-runner until 2.4.0, which
    AWX 24.6.1 uses for its jobs, wraps this method and writes markers to the output of the worker. ansible-core 2.19
    and newer warn about these markers. Therefore, a worker calls the unwrapped method. The main process adds the
    markers to the line anyway.
    """
    method = type(display).display
    if _is_worker(display):
        method = _unwrapped(method)
    with _uninterrupted(display):
        method(display, text)


def warn(display: Display, text: str) -> None:
    """Print one warning on the standard error of Ansible."""
    with _uninterrupted(display):
        display.warning(text)


def _is_worker(display: Display) -> bool:
    """Return whether this is a worker process, which sends its lines to the main process."""
    return bool(getattr(display, "_final_q", None))


@contextmanager
def _uninterrupted(display: Display) -> Iterator[None]:
    """Delay the signals that end a worker process until the block is over.

    A worker that dies while it sends a line never releases the lock of Ansible's queue, and ansible-playbook then hangs
    at its end (seen with ansible-core 2.21, at one of thirty Ctrl+C during the first line of a wait).
    """
    if not _is_worker(display) or threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    before = {number: signal.signal(number, lambda number, _frame: received.append(number)) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        for signal_number in received:
            signal.raise_signal(signal_number)


def _unwrapped(method: Callable[..., None]) -> Callable[..., None]:
    own, found = Display.__module__, t.cast(t.Any, method)
    while found.__globals__.get("__name__") != own and hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    return t.cast(Callable[..., None], found)
