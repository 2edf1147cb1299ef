# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tools behind the Makefile: they must not report success for something that was not tested."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from repository.sessions import sessions
from tools import chromium, indexes, nginx, pythons, summary, worktree
from tools.environments import ALL, CORE_LANES
from tools.paths import ROOT


def script(path: Path, text: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_interpreters_of_version_managers_are_looked_for_in_place_of_their_shims(tmp_path: Path) -> None:
    old, new = (tmp_path / "pyenv" / "versions" / version / "bin" for version in ("3.9.18", "3.13.0"))
    mise = tmp_path / "mise" / "installs" / "python" / "3.12.1" / "bin"
    for folder in (old, new, mise):
        folder.mkdir(parents=True)
    shims = [str(tmp_path / name / "shims") for name in ("pyenv", "mise")]
    found = pythons.search_path({"PATH": os.pathsep.join([*shims, "/usr/bin"]), "PYENV_ROOT": str(tmp_path / "pyenv")})
    assert found.split(os.pathsep) == ["/usr/bin", str(new), str(mise), str(old)]


def test_a_path_without_version_managers_stays() -> None:
    assert pythons.search_path({"PATH": "/a:/b"}) == "/a:/b"


def test_pip_settings_reach_uv() -> None:
    listing = "\n".join(
        (
            ":env:.find-links='/a /b'",
            "global.find-links='/c'",
            "global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'",
            "install.index-url='https://three.example/simple'",
            "global.index-url='https://four.example/simple'",
        )
    )
    assert indexes.for_uv(indexes.parse_pip_config(listing), {}) == {
        "UV_FIND_LINKS": "/a,/b",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_DEFAULT_INDEX": "https://three.example/simple",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_CERTS": "1",
    }


def test_what_the_user_set_for_uv_wins() -> None:
    set_by_user = {"UV_INDEX_URL": "https://five.example/simple", "UV_SYSTEM_CERTS": "0"}
    added = indexes.for_uv({"index-url": "https://three.example/simple"}, set_by_user)
    assert added == {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "0"}


GOOD = '<testsuites><testsuite tests="5" failures="0" errors="0" skipped="2"/></testsuites>'
BAD = '<testsuites><testsuite tests="5" failures="1" errors="1" skipped="0"/></testsuites>'
ONE_SUITE = '<testsuite tests="3" failures="0" errors="0" skipped="0"/>'


def entry(name: str, result: str = "success", reason: str | None = None) -> dict[str, Any]:
    """Return a session in nox's report."""
    return {"name": name, "signatures": [name], "result": result, "reason": reason, "duration": 1.0}


def closed(folder: Path, *entries: dict[str, Any], arguments: tuple[str, ...] = ()) -> int:
    """Return the exit code of the summary for a run."""
    report = folder / "nox.json"
    report.write_text(json.dumps({"result": 1, "sessions": entries}), encoding="utf-8")
    return summary.main([*arguments, str(report)])


@pytest.mark.parametrize(
    ("result", "junit", "last", "code"),
    [
        ("success", None, "1 passed, 0 failed, 0 skipped", 0),
        ("failed", None, "0 passed, 1 failed, 0 skipped", 1),
        ("aborted", None, "0 passed, 1 failed, 0 skipped", 1),
        ("success", GOOD, "3 passed, 0 failed, 2 skipped", 0),
        ("success", ONE_SUITE, "3 passed, 0 failed, 0 skipped", 0),
        ("failed", BAD, "3 passed, 2 failed, 0 skipped", 1),
        ("failed", GOOD, "2 passed, 1 failed, 2 skipped", 1),
    ],
)
def test_only_what_ran_and_ended_well_is_green(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], result: str, junit: str | None, last: str, code: int
) -> None:
    if junit:
        (tmp_path / "unit.xml").write_text(junit, encoding="utf-8")
    assert closed(tmp_path, entry("unit", result)) == code
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_a_session_with_many_reports_counts_them_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sanity").mkdir()
    for name in ("one", "two"):
        (tmp_path / "sanity" / f"{name}.xml").write_text(ONE_SUITE, encoding="utf-8")
    assert closed(tmp_path, entry("sanity")) == 0
    assert capsys.readouterr().out.endswith("6 passed, 0 failed, 0 skipped\n")


def test_a_skipped_lane_is_named_and_fails_only_where_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = (entry("unit"), entry("integration-core-2.16", "skipped", "no Python 3.11 found"))
    assert closed(tmp_path, *entries) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^integration-core-2.16 +SKIPPED .* no Python 3.11 found$", shown, re.MULTILINE)
    assert shown.endswith("1 passed, 0 failed, 1 skipped\n")
    assert closed(tmp_path, *entries, arguments=("--no-skipped",)) == 1


def test_an_environment_counts_only_if_it_could_not_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert closed(tmp_path, entry("dev"), entry("unit")) == 0
    assert capsys.readouterr().out.endswith("1 passed, 0 failed, 0 skipped\n")
    assert closed(tmp_path, entry("dev", "failed"), entry("unit", "aborted")) == 1
    assert capsys.readouterr().out.endswith("0 passed, 2 failed, 0 skipped\n")


def test_a_run_without_a_session_is_not_green(tmp_path: Path) -> None:
    assert closed(tmp_path) == 1


def test_a_run_that_wrote_no_report_is_not_green(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nox"):
        summary.main([str(tmp_path / "nox.json")])


def test_the_inner_loop_needs_one_environment() -> None:
    assert {session for session, tags in sessions("--tags", "quick").items() if "environments" in tags} == {"dev"}


def test_every_environment_is_a_session() -> None:
    made = {session for session, tags in sessions().items() if "environments" in tags}
    assert made == {environment.name for environment in ALL}


def test_every_lane_has_integration_and_sanity() -> None:
    tested = {session for session, tags in sessions().items() if "test" in tags}
    assert tested >= {f"{kind}-{lane.name}" for lane in CORE_LANES for kind in ("integration", "sanity")}


def test_ignored_files_are_not_known() -> None:
    known = worktree.known_files()
    assert Path("galaxy.yml") in known
    assert not [path for path in known if path.parts[0] in (".venv", ".logs", ".git")]


def test_what_is_set_for_ansible_and_the_service_reaches_no_check() -> None:
    """nox lists the sessions in a user's environment. A check gets the remaining variables of that environment."""
    code = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    cleaning = code[code.index("_HIDDEN = (") : code.index('os.environ["PATH"]')]
    kept = {"HOME": "/home/me"}
    environment = {**kept, "ANSIBLE_CONFIG": "a", "THINGSPACE_PASSWORD": "b", "MAKEFLAGS": "c", "PYTHONPATH": "d"}
    exec(cleaning, {"os": type("os", (), {"environ": environment})})
    assert environment == kept


def test_a_stand_in_for_chromium_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLEETOPS_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.found_or_installed() is None
    snap = script(tmp_path / "snap" / "chromium", "echo 'requires the chromium snap to be installed'; exit 1")
    monkeypatch.setenv("PATH", str(snap.parent))
    assert chromium.found() is None
    real = script(tmp_path / "real" / "chromium", "echo Chromium 150.0")
    monkeypatch.setenv("PATH", f"{snap.parent}{os.pathsep}{real.parent}")
    monkeypatch.setenv("FLEETOPS_CHROMIUM", str(real))
    assert chromium.found() == str(real)


def test_nginx_is_unpacked_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLEETOPS_NGINX", raising=False)
    monkeypatch.setattr(nginx, "_SYSTEM", str(tmp_path / "system"))
    monkeypatch.setattr(nginx, "VENVS", tmp_path / "venvs")
    programs = tmp_path / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    script(programs / "nginx", "exit 127")
    assert nginx.found() is None
    # A new machine has no lists of packages until apt-get has fetched them.
    lists = tmp_path / "lists"
    script(programs / "apt-get", f"[ $1 = update ] && touch {lists} && exit; [ -e {lists} ] && touch nginx_1.deb")
    script(programs / "sudo", 'shift; exec "$@"')
    unpack = "mkdir -p $3/usr/sbin; cd $3/usr/sbin; echo '#!/bin/sh' >nginx; chmod +x nginx"
    script(programs / "dpkg-deb", unpack)
    assert nginx.found_or_unpacked() == str(tmp_path / "venvs" / "nginx" / "usr" / "sbin" / "nginx")
