# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the pictures in the documentation from real runs, and those of the benchmark from its measured figures.

Usage: ``python -m tools.pictures``, after ``make setup``.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from tools import benchmark_plot
from tools.environments import DEMO
from tools.paths import ROOT

GATE = ROOT / "docs" / "images" / "gate.svg"
_COLUMNS = 120
# The tasks that show what the gate does. With the other tasks, the picture would be too high to read.
_SHOWN = (
    "PLAY [",
    "Wait for the campaigns of all hosts",
    "Print the results of the campaigns",
    "TASK [Configure the device]",
)


def run_of_the_demo() -> str:
    """Return the output of ``make demo``, with colors. Raises CalledProcessError if it fails."""
    command = [str(DEMO.folder / "bin" / "python"), str(ROOT / "tests" / "demo" / "run.py")]
    variables = {**os.environ, "ANSIBLE_FORCE_COLOR": "1", "COLUMNS": str(_COLUMNS)}
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def extract(output: str) -> str:
    """Return the parts of the output that the picture shows, without the path of the checkout."""
    output = output.replace(f"{ROOT}/", "")
    return "\n\n".join(part.strip("\n") for part in output.split("\n\n") if any(text in part for text in _SHOWN))


def terminal(output: str, title: str) -> str:
    """Return a picture of a terminal with this output. Displaying it downloads no font."""
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(output))
    head, _fonts, rest = CONSOLE_SVG_FORMAT.partition("    @font-face")
    style = rest[rest.index("    .{unique_id}-matrix") :]
    svg = console.export_svg(title=title, code_format=head + style, unique_id="terminal")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> int:
    """Write the pictures."""
    GATE.parent.mkdir(exist_ok=True)
    GATE.write_text(terminal(extract(run_of_the_demo()), "ansible-playbook rollout.yml"), encoding="utf-8")
    for path, svg in benchmark_plot.pictures().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(svg, encoding="utf-8")
    for path in (GATE, *benchmark_plot.pictures()):
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
