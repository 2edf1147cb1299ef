# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the figures of the benchmark from the tables in its README, which are their only source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pygal
from pygal.style import Style

from tools.paths import ROOT

FOLDER = ROOT / "tests" / "benchmark"
_SVG = "http://www.w3.org/2000/svg"
_WIDTH, _BAR_HEIGHT, _REST_HEIGHT = 760, 38, 90
_OURS, _OTHERS = "#2f6fb7", "#97a1ab"
_FONT = "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
_STYLE = Style(
    **{"background": "#ffffff", "plot_background": "#ffffff", "foreground": "#1c2128", "foreground_strong": "#1c2128"},
    **{"foreground_subtle": "#d5dbe1", "opacity": "1", "opacity_hover": "1", "colors": (_OTHERS,)},
    **{"font_family": _FONT, "title_font_family": _FONT, "label_font_family": _FONT, "value_font_family": _FONT},
    **{"title_font_size": 17, "label_font_size": 13, "major_label_font_size": 13, "value_font_size": 13},
    value_colors=("#1c2128",),
)


@dataclass(frozen=True)
class Plot:
    """A picture of one column. ``table`` and ``rows`` are the beginnings of the first heading and of the rows."""

    name: str
    title: str
    table: str
    rows: str = ""


PLOTS = (
    Plot("wait", "A wait for one campaign, five polls: CPU seconds", "wait for 1 campaign"),
    Plot("round", "A round of 1,000 campaigns: CPU seconds", "a round of 1,000 campaigns"),
    Plot("fleet", "A play with 100 hosts: CPU seconds", "a play with", "100 hosts, "),
)


@dataclass(frozen=True)
class Bar:
    """A measured value, as text and as a number. If the text is a range, the number is its middle."""

    label: str
    text: str
    value: float

    @property
    def is_ours(self) -> bool:
        """Whether this is a value of this collection."""
        return self.label.startswith(("this collection", "the gate", "by group"))


def bars_of(readme: str, plot: Plot) -> list[Bar]:
    """Return the first column of figures. Raises LookupError if there is no such table."""
    _before, found, rest = readme.partition(f"\n| {plot.table}")
    if not found:
        raise LookupError(f"no table begins with {plot.table!r}")
    # Skips the rest of the heading and the line below it.
    rows = [_cells(line) for line in rest.partition("\n\n")[0].splitlines()[2:]]
    return [_bar(name.removeprefix(plot.rows), text) for name, text, *_rest in rows if name.startswith(plot.rows)]


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]


def _bar(label: str, text: str) -> Bar:
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    return Bar(label, text, sum(numbers) / len(numbers))


def drawn(plot: Plot, bars: Sequence[Bar]) -> str:
    """Return the picture as SVG, without scripts and external resources. The result is reproducible."""
    chart = pygal.HorizontalBar(
        style=_STYLE,
        title=plot.title,
        width=_WIDTH,
        height=_REST_HEIGHT + _BAR_HEIGHT * len(bars),
        js=[],
        **dict.fromkeys(("no_prefix", "disable_xml_declaration"), True),
        **dict.fromkeys(("show_legend", "show_x_labels", "show_y_guides", "show_x_guides"), False),
        truncate_label=-1,
        spacing=12,
        margin_right=20,
    )
    # pygal draws the first bar at the bottom.
    shown = list(reversed(bars))
    chart.x_labels = [f"{one.label}: {one.text}" for one in shown]
    chart.add("", [{"value": one.value, "color": _OURS if one.is_ours else _OTHERS} for one in shown])
    tree = chart.render_tree()
    tree.attrib.update({"role": "img", "aria-label": plot.title, "width": str(_WIDTH)})
    del tree.attrib["id"]
    for parent in list(tree.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] == "script":
                parent.remove(child)
    text = ElementTree.tostring(tree, encoding="unicode")
    return re.sub(r"\s*\n\s*", "\n", text).strip() + "\n"


def pictures() -> dict[Path, str]:
    """Return the paths of all pictures, with their contents."""
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    return {FOLDER / "images" / f"{plot.name}.svg": drawn(plot, bars_of(readme, plot)) for plot in PLOTS}
