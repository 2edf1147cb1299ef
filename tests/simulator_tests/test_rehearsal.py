# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command with its own simulator."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from simulator.stock import ACCOUNT, DEMO_CREDENTIALS

PROGRAM = [sys.executable, "-m", "simulator"]
# Prints its environment as JSON, requests a token, and exits with its own code.
SCRIPT = """
import json, os, sys, urllib.request
urllib.request.urlopen(os.environ["THINGSPACE_API_URL"].removesuffix("api"), timeout=10).close()
print(json.dumps({name: value for name, value in os.environ.items() if name.startswith(("THINGSPACE_", "SIMULATOR_"))}))
urllib.request.urlopen(os.environ["SIMULATOR_ADMIN_URL"] + "/state", timeout=10).close()
sys.exit(7)
"""


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with these environment variables."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_finds_the_simulator_in_its_environment() -> None:
    done = run(
        "--scenario",
        "happy_path",
        "--access-log",
        "--",
        sys.executable,
        "-c",
        SCRIPT,
        THINGSPACE_SESSION_TOKEN="my own",
    )
    assert done.returncode == 7, done.stderr
    seen = json.loads(done.stdout)
    expected = {f"THINGSPACE_{name.upper()}": value for name, value in DEMO_CREDENTIALS.items()}
    assert expected.items() <= seen.items()
    assert seen["THINGSPACE_ACCOUNT_NAME"] == ACCOUNT
    # In the collection, an empty variable counts as not set.
    assert (seen["THINGSPACE_SESSION_TOKEN"], seen["THINGSPACE_ACCESS_TOKEN"]) == ("", "")
    assert f"simulator: {seen['THINGSPACE_API_URL'].removesuffix('api')} shows what happens" in done.stderr
    assert "GET /_simulator/state" in done.stderr
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(seen["THINGSPACE_API_URL"], timeout=5)


def _heed_ctrl_c() -> None:
    """Enable SIGINT, as in a terminal. Background processes of a shell and their children ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_ends_both_without_a_traceback() -> None:
    wait_settings = "import os, time; print(os.environ['THINGSPACE_API_URL'], flush=True); time.sleep(60)"
    process = subprocess.Popen(
        [*PROGRAM, "--", sys.executable, "-c", wait_settings],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Creates a process group, to which a terminal would send the signal.
        start_new_session=True,
        preexec_fn=_heed_ctrl_c,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    os.killpg(process.pid, signal.SIGINT)
    _output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    # The command itself can have a traceback.
    assert "simulator/rehearsal.py" not in errors
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(url, timeout=5)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--scenario", "happy_trail", "--", "true"),
            "there is no scenario file happy_trail; the examples are",
        ),
        (("--speed", "-1", "--", "true"), "the speed of the clock must be 0 or more"),
        (("--", "no-such-command-anywhere"), "No such file or directory: 'no-such-command-anywhere'"),
        (("--ready-file", "x", "--", "true"), "--ready-file is for a simulator without a command"),
    ],
)
def test_what_cannot_start_is_one_sentence_and_exit_code_2(arguments: tuple[str, ...], sentence: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
