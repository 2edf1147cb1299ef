# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pictures of the benchmark show the figures of its tables."""

from __future__ import annotations

import re

import pytest

from tools.benchmark_plot import FOLDER, PLOTS, Bar, Plot, bars_of, pictures

README = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_pictures_are_those_of_the_tables() -> None:
    stale = [path.name for path, svg in pictures().items() if path.read_text(encoding="utf-8") != svg]
    assert stale == [], "make pictures"


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.name)
def test_a_bar_is_as_long_as_its_figure(plot: Plot) -> None:
    svg = (FOLDER / "images" / f"{plot.name}.svg").read_text(encoding="utf-8")
    widths = [float(width) for width in re.findall(r'width="([\d.]+)"[^>]*class="rect', svg)]
    values = [bar.value for bar in reversed(bars_of(README, plot))]
    longest = max(widths)
    assert widths == pytest.approx([longest * value / max(values) for value in values], rel=0.01)
    assert f"images/{plot.name}.svg" in README


def test_two_figures_are_drawn_as_their_middle() -> None:
    table = "\n| a play with | CPU s |\n|---|---|\n| 100 hosts, ours | 20 to 22 |\n| 1 host, ours | 2 |\n\n"
    assert bars_of(table, PLOTS[2]) == [Bar("ours", "20 to 22", 21.0)]


def test_a_table_that_is_gone_is_named() -> None:
    with pytest.raises(LookupError, match="wait for 1 campaign"):
        bars_of("# Nothing", PLOTS[0])
