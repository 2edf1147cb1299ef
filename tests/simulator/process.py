# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as a child process, for tests and demos."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

START_SECONDS = 30.0
STOP_SECONDS = 10.0
_POLL_SECONDS = 0.02
_TESTS_FOLDER = Path(__file__).resolve().parent.parent


class SimulatorProcess:
    """A context manager that runs ``python -m simulator`` on a free port of 127.0.0.1.

    After the start, ``url`` is the ``api_url`` for clients, and ``admin_url`` the URL for
    :class:`simulator.control.Control`. A restart, after :meth:`kill` or :meth:`stop`, uses the same port and starts
    with empty state.

    :param options: more options of the command line, such as ``["--speed", "60"]``.
    :param python: the interpreter; it needs starlette, uvicorn, pydantic, jinja2 and PyYAML.
    """

    def __init__(self, options: Sequence[str] = (), python: str = sys.executable) -> None:
        self._options = list(options)
        self._python = python
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.url = ""
        self.admin_url = ""

    def __enter__(self) -> SimulatorProcess:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process ID, or None if it does not run."""
        return self._process.pid if self._process else None

    @property
    def output(self) -> str:
        """Return everything that the process has printed since its last start."""
        return self._output_path.read_text(encoding="utf-8", errors="replace") if self._folder else ""

    def start(self) -> None:
        """Start it and wait until it listens. Raises RuntimeError with its output if that fails."""
        if self._process is not None:
            raise RuntimeError("the simulator is already running")
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="simulator-")
        ready_file = Path(self._folder.name) / "ready.json"
        ready_file.unlink(missing_ok=True)
        command = [self._python, "-m", "simulator", "--port", str(self._port), "--ready-file", str(ready_file)]
        paths = [str(_TESTS_FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        with self._output_path.open("wb") as output:
            # A file instead of a pipe: the child cannot block if nobody reads its output.
            self._process = subprocess.Popen(
                [*command, *self._options], stdout=output, stderr=subprocess.STDOUT, env=environment
            )
        ready = self._wait_until_ready(self._process, ready_file)
        self.url, self.admin_url = ready["url"], ready["admin_url"]
        self._port = int(self.url.rsplit(":", 1)[1].split("/", 1)[0])

    def stop(self) -> int | None:
        """Stop it with a signal, and wait. Returns its exit code, or None if it did not run."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.terminate()
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait(STOP_SECONDS)

    def wait(self, seconds: float = STOP_SECONDS) -> int | None:
        """Wait until it exits by itself, and return its exit code. Raises subprocess.TimeoutExpired."""
        if self._process is None:
            return None
        code = self._process.wait(seconds)
        self._process = None
        return code

    def kill(self) -> None:
        """Kill it, like a crash."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(STOP_SECONDS)

    def restart(self) -> None:
        """Stop it if it runs, and start it again on the same port."""
        self.stop()
        self.start()

    @property
    def _output_path(self) -> Path:
        if self._folder is None:
            raise RuntimeError("the simulator has not been started")
        return Path(self._folder.name) / "output.txt"

    def _wait_until_ready(self, process: subprocess.Popen[bytes], ready_file: Path) -> dict[str, Any]:
        deadline = time.monotonic() + START_SECONDS
        while not ready_file.exists():
            if process.poll() is not None:
                self._process = None
                raise RuntimeError(f"the simulator ended with exit code {process.returncode}: {self.output}")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the simulator was not ready after {START_SECONDS:g} seconds: {self.output}")
            time.sleep(_POLL_SECONDS)
        ready: dict[str, Any] = json.loads(ready_file.read_text(encoding="utf-8"))
        return ready
