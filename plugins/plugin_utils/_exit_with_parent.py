# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task that ends when ansible-playbook is gone.

Since ansible-core 2.19 each worker process has a session of its own: what kills the process group of ansible-playbook,
as ansible-runner does at a cancel and at a time-out, does not reach it. A wait would go on asking until its limit.

Until ansible-core 2.18 Ctrl+C reaches each worker process itself, as an exception at any point of the main thread. One
that strikes within the locks of a pool of threads leaves these locked for good: the worker hangs, or polls on.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import typing as t
from collections.abc import Iterator

_WATCH_SECONDS: t.Final = 1.0


@contextlib.contextmanager
def ends_with_the_playbook() -> Iterator[None]:
    """Within, the process ends at once, without tidying up, at Ctrl+C or when the process that has forked it is gone.

    Handlers of Ansible's own, which end what a worker process has started as well, stay.
    """
    if multiprocessing.parent_process() is None:
        # This is ansible-playbook itself.
        yield
        return
    playbook, is_over = os.getppid(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_WATCH_SECONDS):
            if os.getppid() != playbook:
                os._exit(1)

    raises = _can_raise_at_any_point()
    if raises:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
        if raises:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _can_raise_at_any_point() -> bool:
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
