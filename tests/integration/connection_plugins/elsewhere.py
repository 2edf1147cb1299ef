# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulates a remote host: the same machine, but another home folder and an empty environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Any

from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: elsewhere
short_description: Another host, for tests
description:
  - Runs commands and copies files, as C(local) does, under a name that Ansible does not take for the controller.
  - Commands see a home folder of their own, and no variable of the controller's environment.
  - Every command is noted in the file C(commands) in that home folder.
"""


class Connection(ConnectionBase):  # type: ignore[misc]
    """Runs everything in ``$HOME/elsewhere``."""

    transport = "elsewhere"
    has_pipelining = True

    def _connect(self) -> Connection:
        self._home = os.path.join(os.environ["HOME"], "elsewhere")
        os.makedirs(self._home, exist_ok=True)
        self._connected = True
        return self

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """Run a command, and return its exit code, output and errors."""
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        self._display.vvv(f"EXEC ELSEWHERE {cmd}", host=self._play_context.remote_addr)
        with open(os.path.join(self._home, "commands"), "a", encoding="utf-8") as commands:
            commands.write(f"{self._play_context.remote_addr}: {cmd}\n")
        done = subprocess.run(
            ["/bin/sh", "-c", cmd],
            cwd=self._home,
            env={"HOME": self._home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            input=in_data or b"",
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def put_file(self, in_path: str, out_path: str) -> None:
        """Copy a file to the host."""
        super().put_file(in_path, out_path)
        shutil.copyfile(in_path, self._absolute(out_path))

    def fetch_file(self, in_path: str, out_path: str) -> None:
        """Copy a file from the host."""
        super().fetch_file(in_path, out_path)
        shutil.copyfile(self._absolute(in_path), out_path)

    def close(self) -> None:
        """Do nothing."""
        self._connected = False

    def _absolute(self, path: Any) -> str:
        return os.path.join(self._home, str(path))
