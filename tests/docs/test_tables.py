# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables and diagrams match the code."""

from __future__ import annotations

import dataclasses
import datetime
import random
import re
import typing
from pathlib import Path

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import AUTH_OPTIONS, WAIT_OPTIONS
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import DeviceReport
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.outcome import OUTCOMES, outcome_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.states import STATES, UNKNOWN, state_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import DeviceSummary, Facts
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.schedule import Pace, next_delay
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.verdict import verdict_on
from docs.kinds import Kind, of_kind
from docs.pages import codes, page
from docs.vocabulary import admin_calls, environment_variables, simulator_options
from simulator import behaviour, errors, faults, life_cycle, scenario, stock
from simulator.examples import example_names, found_scenario
from tools import simulator_tables, state_diagram
from tools.environments import CORE_LANES, OLDEST, TARGET
from tools.paths import ROOT

ARCHITECTURE, WAITING = page("docs/architecture.md"), page("docs/waiting.md")
README, SIMULATOR = page("README.md"), page("docs/simulator.md")
DEFAULTS = {option.name: option.default for option in WAIT_OPTIONS}
SECONDS = {"days": 86400, "hours": 3600, "minutes": 60}


def seconds(text: str) -> float:
    """Convert a text such as ``40 minutes`` to seconds."""
    number, unit = text.split()
    return float(number) * SECONDS[unit]


def test_the_states_are_those_of_the_code() -> None:
    rows = ARCHITECTURE.table("`state`", "Words of the service", "Terminal", "Rank")
    shown = [(codes(name)[0], terminal == "yes", int(rank) if rank else None) for name, _words, terminal, rank in rows]
    assert shown == [(state.name, state.terminal, state.rank) for state in STATES.values()]


def test_the_words_of_the_states_are_those_of_the_code() -> None:
    for name, words, *_rest in ARCHITECTURE.table("`state`", "Words of the service"):
        state = STATES[codes(name)[0]]
        assert [word.lower() for word in codes(words)] == list(state.words)
        assert all(state_of(f"Campaign{word}") == state.name for word in codes(words))


def test_the_state_diagram_is_drawn_from_the_state_table() -> None:
    assert state_diagram.main(["--check"]) == 0


def test_the_state_diagram_has_every_state_and_its_ends() -> None:
    (diagram,) = of_kind(Kind.STATE_DIAGRAM)
    arrows = re.findall(r"(\S+) --> (\S+)", diagram.content)
    assert {name for arrow in arrows for name in arrow} - {"[*]", "open"} == set(STATES) - {UNKNOWN}
    assert {source for source, target in arrows if target == "[*]"} == {s.name for s in STATES.values() if s.terminal}
    assert {target for source, target in arrows if source == "open"} == {
        s.name for s in STATES.values() if s.terminal and s.rank is None
    }
    steps = [[STATES[name].rank for name in arrow] for arrow in arrows if set(arrow).isdisjoint({"[*]", "open"})]
    assert sorted(steps) == [[rank, rank + 1] for rank in range(1, 6)]


@pytest.mark.parametrize(
    ("head", "folder"),
    [
        ("File", "plugins/module_utils"),
        ("File there", "plugins/plugin_utils"),
        ("File for event sources and filters", "extensions/eda/plugins/plugin_utils"),
    ],
)
def test_every_module_is_listed(head: str, folder: str) -> None:
    tables = [table for table in ARCHITECTURE.tables if table.head[0] == head]
    listed = [codes(name)[0] for table in tables for name, _concern in table.rows]
    there = [path.name for path in (ROOT / folder).rglob("*.py") if path.name != "__init__.py"]
    assert sorted(listed) == sorted(there)


def test_every_module_in_the_flow_chart_exists() -> None:
    charts = of_kind(Kind.FLOW_CHART)
    files = [name for chart in charts for name in re.findall(r'\["([\w/]+\.py)', chart.content)]
    assert files
    for name in files:
        assert [path for folder in ("plugins", "extensions") for path in (ROOT / folder).rglob(name)], name


def test_the_verdicts_are_those_of_the_code() -> None:
    (table,) = [table for table in WAITING.tables if table.head[0] == "State seen"]
    targets = [codes(head)[0] for head in table.head[1:]]
    shown = {(codes(row[0])[0], target): codes(cell)[0] for row in table.rows for target, cell in zip(targets, row[1:])}
    assert shown == {(state, target): verdict_on(state, [target]) for state in STATES for target in targets}


def reports_like(text: str) -> list[DeviceSummary | None]:
    """Return device summaries for a cell in the table of outcomes."""
    good, bad, odd = ({"status": word} for word in ("UpgradeSuccess", "UpgradeFailed", "Mystery"))
    items: dict[str, list[list[dict[str, str]]] | None] = {
        "not read": None,
        "empty": [[]],
        "does not add up": [[good], [bad]],
        "every device succeeded": [[good], [good, good]],
        "some succeeded, others did not": [[good, bad], [good, odd], [good, {"status": "UpgradePending"}]],
        "none succeeded, the status of some is unknown": [[odd], [bad, odd]],
        "none succeeded": [[bad], [bad, {"status": "UpgradePending"}], [{"status": "DeviceRejected"}]],
    }
    if text == "any":
        return [summary for cell in items for summary in reports_like(cell)]
    summaries: list[DeviceSummary | None] = []
    for devices in items[text] or ():
        report = DeviceReport()
        report.add([{"deviceId": str(number), **device} for number, device in enumerate(devices)])
        report.reported_total = len(devices) + 1 if text == "does not add up" else None
        summaries.append(report.summary())
    return summaries or [None]


def test_the_outcomes_are_those_of_the_code() -> None:
    rows = WAITING.table("State of the campaign", "Its device report", "`outcome`")
    named = {state for states, _report, _outcome in rows for state in codes(states)}
    assert {state for state in STATES if STATES[state].terminal} == named
    assert {codes(outcome)[0] for _states, _report, outcome in rows} == set(OUTCOMES)
    for states, report, outcome in rows:
        for state in codes(states) or set(STATES) - named:
            assert {outcome_of(state, summary) for summary in reports_like(report)} == set(codes(outcome)), report


@pytest.mark.parametrize(
    ("distance", "delay"), [tuple(row) for row in WAITING.table("Distance to the nearest moment", "Next poll after")]
)
def test_the_polls_come_as_the_table_says(distance: str, delay: str) -> None:
    """Without the random part of up to 10 percent."""

    class Fair(random.Random):
        """Always returns the middle."""

        def uniform(self, a: float, b: float) -> float:
            return (a + b) / 2

    midnight = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
    now = midnight - datetime.timedelta(seconds=seconds(distance))
    pace = Pace(float(DEFAULTS["wait_interval"]), float(DEFAULTS["wait_max_interval"]))
    facts = typing.cast(Facts, {"start_date": "2026-03-01"})
    assert next_delay(facts, now, pace, Fair()) == pytest.approx(seconds(delay))


def _tested(what: str) -> list[str]:
    """Return the versions in the row with this beginning in the README's table of requirements."""
    (row,) = [row for row in README.table("", "Supported", "Tested with") if row[0].startswith(what)]
    return re.findall(r"[0-9]+(?:\.[0-9]+)+", row[2])


def test_the_tested_versions_of_ansible_core_are_the_lanes() -> None:
    assert [f"core-{version}" for version in _tested("ansible-core")] == [lane.name for lane in CORE_LANES]


def test_the_tested_versions_of_the_libraries_are_locked() -> None:
    locked = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "requirements").glob("*.txt"))
    assert set(_tested("`requests`")) == set(re.findall(r"^requests==([0-9.]+)", locked, re.MULTILINE))


def test_the_tested_versions_of_python_are_those_of_the_environments() -> None:
    said = _tested("Python")
    lanes = (*CORE_LANES, TARGET, OLDEST)
    assert set(said) <= {version for one in lanes for version in one.pythons}
    assert all(set(one.pythons) & set(said) for one in lanes)


def test_the_credentials_table_has_every_source() -> None:
    rows = README.table("For", "Options", "Environment variables")
    assert {code for row in rows for code in codes(row[1])} == {option.name for option in AUTH_OPTIONS}
    assert {code for row in rows for code in codes(row[2])} == {option.env for option in AUTH_OPTIONS}
    assert {f"THINGSPACE_{code.upper()}" for row in rows for code in codes(row[1])} <= environment_variables()


def test_the_readme_lists_everything_that_is_in_the_collection() -> None:
    rows = README.table("Name", "Kind", "What it does")
    listed = {(codes(name)[0].rpartition(".")[2], kind) for name, kind, _text in rows}
    there = {(path.name, "role") for path in (ROOT / "roles").iterdir()}
    there |= {(path.stem, "playbook") for path in (ROOT / "playbooks").glob("*.yml")}
    there |= {(path.stem, "module") for path in (ROOT / "plugins" / "modules").glob("*.py")}
    there |= {(path.stem, "inventory plugin") for path in (ROOT / "plugins" / "inventory").glob("*.py")}
    for_rulebooks = ROOT / "extensions" / "eda" / "plugins"
    there |= {(path.stem, "event source") for path in (for_rulebooks / "event_source").glob("*.py")}
    there |= {(path.stem, "event filter") for path in (for_rulebooks / "event_filter").glob("*.py")}
    assert listed == there


def test_the_options_of_the_simulator() -> None:
    shown = {code for option, _text in SIMULATOR.table("Option", "What it does") for code in codes(option)}
    assert shown == simulator_options() - {"--help"}


def test_the_keys_of_a_scenario() -> None:
    shown = [codes(key)[0] for key, _text in SIMULATOR.table("Key", "What it holds")]
    assert set(shown) == set(scenario.Scenario.__dataclass_fields__)


def test_the_admin_calls() -> None:
    shown = {code for call, _text in SIMULATOR.table("Call", "What it does") for code in codes(call)}
    assert shown == admin_calls()


def test_the_actions_of_faults() -> None:
    shown = {code for action, _text in SIMULATOR.table("`action`", "What the client meets") for code in codes(action)}
    assert shown == set(typing.get_args(faults.Action))


def test_the_keys_of_a_rule() -> None:
    fields = {field.name for field in dataclasses.fields(faults.FaultRule) if field.init}
    (chapter,) = re.findall(r"^## Faults\n(.*?)(?=^## |\Z)", SIMULATOR.text, re.MULTILINE | re.DOTALL)
    assert {field for field in fields if f"`{field}`" not in chapter and f'"{field}"' not in chapter} == set()


def test_the_gateway_bodies() -> None:
    (row,) = [row for row in SIMULATOR.table("`action`", "What the client meets") if row[0] == "`gateway`"]
    assert set(codes(row[1])) - {"name"} == set(errors.GATEWAY_NAMES)


def test_the_demo_credentials() -> None:
    shown = {codes(name)[0]: codes(value)[0] for name, value in SIMULATOR.table("Environment variable", "Value")}
    assert shown == {f"THINGSPACE_{name.upper()}": value for name, value in stock.DEMO_CREDENTIALS.items()}


def test_the_stock_campaigns() -> None:
    shown = [[codes(cell)[0] for cell in row] for row in SIMULATOR.table("`api_version`", "`account_name`")]
    assert shown == [
        [one["api_version"], one["account_name"], one["id"], stock.BASE_BODIES[one["api_version"]]["status"]]
        for one in stock.STOCK_CAMPAIGNS
    ]


def test_the_example_scenarios() -> None:
    rows = page("docs/rehearsal.md").table("Scenario", "What happens")
    assert sorted(codes(name)[0] for name, *_rest in rows) == example_names()
    for name in example_names():
        (campaign,) = scenario.read_scenario(found_scenario(Path(name))).campaigns
        assert (campaign.id, campaign.account_name) == ("5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21", stock.ACCOUNT)


def test_the_lives_of_campaigns_are_those_of_the_code() -> None:
    day = life_cycle.DAY_SECONDS
    for version, states in page("docs/simulator_reference.md").table("Version", "States"):
        life = life_cycle.life_of(version, life_cycle.Plan(2 * day, 4 * day), behaviour.Behaviour())
        assert codes(states) == [step.status for step in life.steps]
        assert life.begins == 2 * day


def test_the_tables_of_the_simulator_are_written_from_its_code() -> None:
    assert simulator_tables.main(["--check"]) == 0
