# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a worker process when ansible-playbook has ended.

Since ansible-core 2.19, each worker process has its own session. A signal to the process group of ansible-playbook, as
ansible-runner sends it at a cancel or a timeout, does not reach the worker. A wait would poll until its deadline.

Until ansible-core 2.18, Ctrl+C raises KeyboardInterrupt in each worker process, at any point of the main thread. If
that happens while a thread pool holds a lock, the lock is never released, and the worker hangs or keeps polling.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import typing as t
from collections.abc import Iterator

_CHECK_SECONDS: t.Final = 1.0


@contextlib.contextmanager
def exit_with_parent() -> Iterator[None]:
    """In this context, exit the worker process without cleanup at Ctrl+C or when its parent process has ended.

    Signal handlers of Ansible stay in place, because they also end the child processes of the worker.
    """
    if multiprocessing.parent_process() is None:
        # Not a worker, but ansible-playbook itself.
        yield
        return
    parent, is_over = os.getppid(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_CHECK_SECONDS):
            if os.getppid() != parent:
                os._exit(1)

    raises = _sigint_raises()
    if raises:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
        if raises:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _sigint_raises() -> bool:
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
