# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each folder of the tests is named in tests/README.md, and tests/unit mirrors the code."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest

from tools.paths import ROOT

UNIT: t.Final = ROOT / "tests" / "unit"
# Files without a unit test of the same name: where they are tested, or why there is nothing to test.
ELSEWHERE: t.Final = {
    "plugins/module_utils/_version.py": "tests/unit/meta/test_agreement.py",
    # Thin wrappers.
    "plugins/module_utils/_clock.py": "it calls the system's clocks",
    "plugins/module_utils/_module_warnings.py": "tests/integration/test_module_way.py",
    "plugins/module_utils/_wait/wait_outcome.py": "it decides nothing",
    "plugins/module_utils/_watch/memory.py": "it decides nothing; tests/unit/plugins/module_utils/_watch/test_watch.py",
    # They depend on the behavior of real sockets, requests and urllib3, also in the oldest versions.
    "plugins/module_utils/_http/adapter.py": "tests/client/test_connections.py",
    "plugins/module_utils/_http/local_settings.py": "tests/client/test_proxies.py, tests/client/test_tls.py",
    "plugins/module_utils/_http/network_errors.py": "tests/client/test_transport.py, tests/client/test_tls.py",
    "plugins/module_utils/_http/request_limit.py": "tests/client/test_time_limits.py",
    "plugins/module_utils/_http/transport.py": "tests/client/test_transport.py",
    # They only connect other parts, which are tested together.
    "plugins/module_utils/_callback.py": "tests/task/test_callback.py",
    "plugins/module_utils/_watch/background.py": "tests/task/test_event_source.py",
    # They depend on Ansible's own objects and processes, which differ between lanes.
    "plugins/action/callback.py": "tests/integration/test_callback.py",
    "plugins/action/callback_info.py": "tests/integration/test_callback.py",
    "plugins/action/campaign_gate.py": "tests/integration/test_gate_forms.py",
    "plugins/action/campaign_info.py": "tests/integration/test_module_way.py, tests/integration/test_role.py",
    "plugins/plugin_utils/_exit_with_parent.py": "tests/integration/test_interruptions.py",
    "plugins/plugin_utils/_module_elsewhere.py": "tests/integration/test_module_way.py",
    "plugins/plugin_utils/_service_task.py": "tests/integration/test_callback.py",
    "plugins/plugin_utils/_task_identity.py": "tests/integration/test_gate_forms.py",
    "plugins/plugin_utils/_task_options.py": "tests/integration/test_bad_input.py",
    "plugins/plugin_utils/_task_runtime.py": "tests/integration/test_way_to_the_service.py",
    # Documentation.
    "plugins/modules/callback_info.py": "tests/unit/plugins/modules/test_callback.py",
    "plugins/modules/campaign_gate.py": "it is the documentation of an action",
    # They need aiohttp, or are loaded by ansible-rulebook.
    "extensions/eda/plugins/event_filter/callback_hint.py": "tests/eda/test_event_stream.py",
    "extensions/eda/plugins/event_source/callback.py": "tests/eda/test_callback_source.py",
    "extensions/eda/plugins/event_source/campaign.py": "tests/task/test_event_source.py, tests/eda/test_campaigns.py",
    "extensions/eda/plugins/plugin_utils/callback_server.py": "tests/eda/test_callback_listener.py",
    "extensions/eda/plugins/plugin_utils/collection_path.py": "tests/task/test_event_source.py",
    "extensions/eda/plugins/plugin_utils/embedded_listener.py": "tests/eda/test_callback_embedded.py",
}
# Unit tests that do not belong to a single file, and their topics.
TOPICS: t.Final = {
    "test_return_docs.py": "a tool of these tests",
    "meta/test_agreement.py": "files of the collection that must agree",
    "meta/test_role_agreement.py": "files of the collection that must agree",
    "plugins/module_utils/_facts/test_any_json.py": "from bytes to facts, through _http",
    "plugins/module_utils/_facts/test_one_wrong_value.py": "from answers to verdicts, through _http and _wait",
    "plugins/module_utils/_watch/test_restarts.py": "watch and its state file, with processes that die",
    "plugins/plugin_utils/test_run_properties.py": "logins, polls and waits of several processes",
    "plugins/plugin_utils/test_typical_mistakes.py": "a sentence for each mistake, as module and as role",
    "plugins/plugin_utils/test_wait_sharing.py": "waits, poller and polls of a run",
}


def test_each_folder_of_the_tests_is_named() -> None:
    text = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    others = set(re.findall(r"`(\w+)`", text.split("These directories contain no tests:")[1].split("|")[0]))
    there = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert rows | others == there


def sources() -> list[Path]:
    """Return the files of the collection that contain code."""
    found = [path.relative_to(ROOT) for folder in ("plugins", "extensions") for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if path.name != "__init__.py" and "doc_fragments" not in path.parts]


def mirrored(source: Path) -> Path:
    """Return the path of a file's unit test."""
    return source.with_name(f"test_{source.name.lstrip('_')}")


def is_of(test: Path, source: Path) -> bool:
    """Whether a unit test belongs to a file. A file can have several: C(test_loop.py), C(test_loop_long.py)."""
    place = mirrored(source)
    return test.parent == place.parent and (test == place or test.name.startswith(f"{place.stem}_"))


def test_each_file_has_a_unit_test_of_its_name() -> None:
    untested = {str(source) for source in sources() if not (UNIT / mirrored(source)).exists()}
    assert untested == set(ELSEWHERE)


def test_each_unit_test_has_a_file_of_its_name() -> None:
    tests = [path.relative_to(UNIT) for path in UNIT.rglob("test_*.py")]
    tested = [source for source in sources() if (UNIT / mirrored(source)).exists()]
    assert {str(test) for test in tests if not any(is_of(test, source) for source in tested)} == set(TOPICS)


@pytest.mark.parametrize("source", ELSEWHERE)
def test_what_is_tested_elsewhere_is_tested_there(source: str) -> None:
    for place in re.findall(r"tests/[\w/]+\.py", ELSEWHERE[source]):
        assert (ROOT / place).exists()
