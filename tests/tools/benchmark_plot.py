# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the measured figures of the benchmark, from the tables of its README: they are written down nowhere else."""

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
    """A picture of one column: of the table whose first heading begins so, and of the rows that begin so."""

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
    """What was measured, as it is written, and as a number: the middle if it is written as two."""

    label: str
    text: str
    value: float

    @property
    def is_ours(self) -> bool:
        """Whether this collection does the work."""
        return self.label.startswith(("this collection", "the gate", "by group"))


def bars_of(readme: str, plot: Plot) -> list[Bar]:
    """The first column of figures. Raises LookupError if there is no such table."""
    _before, found, rest = readme.partition(f"\n| {plot.table}")
    if not found:
        raise LookupError(f"no table begins with {plot.table!r}")
    # Without the rest of the heading, and the line below it.
    rows = [_cells(line) for line in rest.partition("\n\n")[0].splitlines()[2:]]
    return [_bar(name.removeprefix(plot.rows), text) for name, text, *_rest in rows if name.startswith(plot.rows)]


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]


def _bar(label: str, text: str) -> Bar:
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    return Bar(label, text, sum(numbers) / len(numbers))


def drawn(plot: Plot, bars: Sequence[Bar]) -> str:
    """The picture as SVG: no script, nothing to fetch, and the same each time."""
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
    # pygal begins at the bottom.
    shown = list(reversed(bars))
    chart.x_labels = [f"{bar.label}: {bar.text}" for bar in shown]
    chart.add("", [{"value": bar.value, "color": _OURS if bar.is_ours else _OTHERS} for bar in shown])
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
    """All pictures, and where they belong."""
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    return {FOLDER / "images" / f"{plot.name}.svg": drawn(plot, bars_of(readme, plot)) for plot in PLOTS}
