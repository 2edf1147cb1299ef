# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation site has every page; ``make docs`` builds it."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from docs.pages import page
from tools import site_links
from tools.paths import ROOT

SECTIONS = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
# These two are generated from the README and from the documentation of the event sources.
MADE = ("quick_start", "event_sources")


def test_the_site_has_every_page_once() -> None:
    listed = [name for section in SECTIONS for name in section["toctree"]]
    assert sorted(listed) == sorted([*MADE, *(path.stem for path in (ROOT / "docs").glob("*.md"))])


def test_the_first_chapters_of_the_readme_are_the_quick_start() -> None:
    chapters = page("README.md").chapters
    first, following = chapters.index("install-the-collection"), chapters.index("what-the-collection-contains")
    assert chapters[first:following] == [
        "install-the-collection",
        "use-the-gate",
        "try-it-without-an-account",
        "credentials",
    ]


def test_no_copy_of_a_page_is_kept() -> None:
    assert not (ROOT / "docs" / "docsite" / "rst").exists()


def _use(status: str, uri: str = "https://example.com/", info: str = "") -> str:
    return json.dumps({"filename": "fleet.rst", "lineno": 7, "status": status, "code": 0, "uri": uri, "info": info})


@pytest.mark.parametrize("status", ["broken", "timeout", "rate-limited", "a status of tomorrow"])
def test_a_link_that_does_not_work_is_reported(status: str) -> None:
    report = site_links.read("\n".join([_use("working", "https://example.com/other"), _use(status, info="gone")]))
    assert report == site_links.Report(2, (f"fleet.rst:7: https://example.com/: {status}: gone",))


def test_a_link_that_was_not_requested_is_not_counted() -> None:
    lines = [_use("working"), _use("working"), _use("redirected", "https://example.com/old"), _use("ignored", "#here")]
    assert site_links.read("\n".join(lines)) == site_links.Report(2, ())


class _OnePage(http.server.BaseHTTPRequestHandler):
    """A site with one page."""

    def do_GET(self) -> None:
        """Answer 200 for the page, and 404 for everything else."""
        self.send_response(200 if self.path == "/there" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.mark.slow
def test_the_report_is_read_as_sphinx_writes_it(tmp_path: Path) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _OnePage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        (tmp_path / "index.rst").write_text(f"Links\n=====\n\n{base}/there\n\n`here <{base}/gone>`_\n")
        sphinx = str(Path(sys.executable).parent / "sphinx-build")
        options = ["-C", "-q", "-b", "linkcheck", str(tmp_path), str(tmp_path / "links")]
        done = subprocess.run([sphinx, *options], capture_output=True, timeout=60, check=False)
        server.shutdown()
    report = site_links.read((tmp_path / "links" / "output.json").read_text())
    assert done.returncode != 0
    assert report.checked == 2
    (broken,) = report.broken
    assert broken.startswith(f"index.rst:6: {base}/gone: broken: 404")
