# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run."""

from __future__ import annotations

import re
import stat
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from integration.fleets import Fleet, gate, make_fleet, role_variables
from integration.playbooks import Playbooks, Run
from integration.tasks import CREDENTIALS, as_environment, campaign_ids, local_hosts
from simulator.control import Control
from simulator.stock import ACCOUNT, V2_ID

SUMMARY = "fleetops.thingspace.campaign_wait : Print the results of the campaigns, and the hosts that do not continue"


class _Tables(HTMLParser):
    """Parses the cells of each table, by the ID of its section's heading. End tags of cells are optional."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[list[str]]] = {}
        self._section = ""
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._section = str(dict(attrs)["aria-labelledby"])
        elif tag == "tr":
            self.rows.setdefault(self._section, []).append([])
        self._in_cell = tag in ("td", "th") or (self._in_cell and tag in ("i", "span", "svg", "g", "rect"))
        if tag in ("td", "th"):
            self.rows[self._section][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th", "tr", "tbody", "thead", "table")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[self._section][-1][-1] += data.strip()


def _rows(path: Path, section: str = "hosts") -> list[list[str]]:
    """Return the rows of a table, without its head."""
    tables = _Tables()
    tables.feed(path.read_text(encoding="utf-8"))
    return tables.rows.get(section, [[]])[1:]


def _run(playbooks: Playbooks, fleet: Fleet, variables: dict[str, Any], **more: Any) -> Run:
    arguments = more.pop("arguments", ())
    plays = [gate(variables, **more)]
    return playbooks.run(
        plays, hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=0, arguments=arguments
    )


@pytest.mark.parametrize("keywords", [{}, {"strategy": "free"}, {"serial": 2}], ids=["linear", "free", "serial"])
def test_a_report_tells_of_all_hosts(
    playbooks: Playbooks, control: Control, api_url: str, keywords: dict[str, Any]
) -> None:
    """This includes failed hosts, and those of all batches."""
    fleet = make_fleet(control, 6, campaigns=2, failed=1 / 3, ends_at_poll=2)
    path = playbooks.folder / "report.html"
    more = {**keywords, "ignore_unreachable": True, "max_fail_percentage": 100}
    run = _run(playbooks, fleet, role_variables(api_url, report=str(path)), **more)

    assert run.code == 2, run.output
    rows = _rows(path)
    assert {row[0]: row[2] for row in rows} == {
        host: "continue" if host in fleet.upgraded else "fail" for host in fleet.names
    }
    assert {row[0]: row[1] for row in rows} == {host: values["imei"] for host, values in fleet.hosts.items()}
    assert all("RovaClientDownloadFailed" in row[3] for row in rows if row[2] == "fail")
    text = path.read_text(encoding="utf-8")
    assert all(f"{campaign}" in text for campaign in fleet.campaigns)
    assert "scheduled" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert f"The report is in {path}." in run.stdout
    assert [left.name for left in playbooks.folder.glob(".*.part")] == []


def test_a_report_when_the_time_is_over(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Each host has its own term."""
    (campaign_id,) = campaign_ids(1)
    control.add_campaign(campaign_id, body={"status": "CampaignScheduled", "campaignName": "<script>alert(1)</script>"})
    path = playbooks.folder / "report.html"
    terms = ("fail", "skip", "continue")
    hosts = {host: {**own, "campaign_wait_on_timeout": host} for host, own in local_hosts(terms).items()}
    values = {"device_id": None, "campaign_id": campaign_id, "timeout": 0, "report": str(path)}
    run = playbooks.run([gate(role_variables(api_url, **values))], hosts=hosts, environment=as_environment(CREDENTIALS))

    assert run.code == 2, run.output
    assert {event.host for event in run.events if event.failed} == {"fail"}
    assert run.hosts_of("touch") == {"continue"}
    rows = {host: (device, decision) for host, device, decision, _reason in _rows(path)}
    assert rows == {term: ("", term) for term in terms}
    assert all("scheduled [CampaignScheduled]" in reason for *_others, reason in _rows(path))
    text = path.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in text


def test_two_uses_of_the_role_are_in_one_report(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 2, campaigns=1, failed=0, ends_at_poll=2)
    path = playbooks.folder / "report.md"
    begun = role_variables(api_url, report=str(path), state=["scheduled", "ended"], device_id=None)
    plays = [gate(begun), gate(role_variables(api_url, report=str(path)))]
    run = playbooks.run(plays, hosts=fleet.hosts, environment=as_environment(CREDENTIALS), verbosity=0)

    assert run.code == 0, run.output
    text = path.read_text(encoding="utf-8")
    assert [text.count(f"| `{host}` |") for host in fleet.names] == [2, 2]
    assert text.count("## Campaign ") == 1
    assert "**4** hosts continue" in text
    assert re.search(r"\| succeeded \| 2 \| 100\.00 % \| █{20} \|", text)


def test_each_host_may_have_a_report_of_its_own(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 2, campaigns=1, failed=0, ends_at_poll=1)
    path = f"{playbooks.folder}/{{{{ inventory_hostname }}}}.html"
    run = _run(playbooks, fleet, role_variables(api_url, report=path))

    assert run.code == 0, run.output
    for host in fleet.names:
        assert [row[0] for row in _rows(playbooks.folder / f"{host}.html")] == [host]


def test_check_mode_writes_nothing(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 2, campaigns=1, failed=0, ends_at_poll=1)
    path = playbooks.folder / "report.html"
    run = _run(playbooks, fleet, role_variables(api_url, report=str(path)), arguments=["--check"])

    assert run.code == 0, run.output
    assert f"In check mode no report is written to {path}." in run.stdout
    assert not path.exists()


def test_no_log_hides_the_lines_and_not_the_file(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 2, campaigns=1, failed=0.5, ends_at_poll=1)
    path = playbooks.folder / "report.html"
    run = _run(playbooks, fleet, role_variables(api_url, report=str(path)), role={"no_log": True})

    assert run.code == 2, run.output
    assert {row[0] for row in _rows(path)} == set(fleet.names)
    assert re.search(r"^Campaign |hosts continue,", run.stdout, re.MULTILINE) is None
    assert str(path) not in run.output


def test_a_report_that_cannot_be_written_holds_nobody(playbooks: Playbooks, control: Control, api_url: str) -> None:
    fleet = make_fleet(control, 2, campaigns=1, failed=0, ends_at_poll=1)
    # Longer than file names can be, which is not detected before the report is written.
    path = playbooks.folder / f"{'r' * 300}.html"
    run = _run(playbooks, fleet, role_variables(api_url, report=str(path)))

    assert run.code == 0, run.output
    assert run.hosts_of("touch") == set(fleet.names)
    assert "could not be written: File name too long" in " ".join(run.stderr.split())
    assert not run.event(SUMMARY, fleet.names[0]).result["changed"]


def test_a_bad_path_is_refused_before_the_wait(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """Each host has its own."""
    bad = {"report.pdf": "must end with .html or .md", "none/report.html": "create it first", ".": "must end with"}
    fleet = make_fleet(control, 3, campaigns=1, failed=0, ends_at_poll=1)
    for host, name in zip(fleet.names, bad, strict=True):
        fleet.hosts[host]["campaign_wait_report"] = name
    run = _run(playbooks, fleet, role_variables(api_url))

    assert run.code == 2, run.output
    assert control.counters()["total"] == 0
    for host, says in zip(fleet.names, bad.values(), strict=True):
        (event,) = [event for event in run.events if event.failed and event.host == host]
        assert event.result["msg"].startswith("campaign_wait_report ")
        assert says in event.result["msg"]
        assert event.result["reason"] == "invalid_option"


@pytest.mark.parametrize(
    "keywords",
    [{}, {"strategy": "free"}, {"serial": 2}, {"any_errors_fatal": True}],
    ids=["linear", "free", "serial", "any_errors_fatal"],
)
def test_a_host_whose_options_are_refused_is_in_the_report(
    playbooks: Playbooks, control: Control, api_url: str, keywords: dict[str, Any]
) -> None:
    """It can be any host of a batch. Hosts without a decision because of it are in the report, too."""
    fleet = make_fleet(control, 4, campaigns=1, failed=0, ends_at_poll=1)
    path = playbooks.folder / "report.html"
    refused: dict[str, dict[str, Any]] = {
        fleet.names[0]: {"campaign_wait_timeout": "soon"},
        fleet.names[3]: {"campaign_wait_intervall": 3},
    }
    for host, bad in refused.items():
        fleet.hosts[host].update(bad)
    variables = role_variables(api_url, report=str(path), timeout=None)
    run = _run(playbooks, fleet, variables, **{"max_fail_percentage": 100, **keywords})

    assert run.code == 2, run.output
    rows = {row[0]: row[2:] for row in _rows(path)}
    others = "undecided" if "any_errors_fatal" in keywords else "continue"
    assert {host: decision for host, (decision, _reason) in rows.items()} == {
        host: "fail" if host in refused else others for host in fleet.names
    }
    for host, bad in refused.items():
        assert next(iter(bad)) in rows[host][1]
        assert rows[host][1] == next(event.result["msg"] for event in run.events if event.failed and event.host == host)
    assert run.hosts_of("touch") == (set() if others == "undecided" else set(fleet.names) - set(refused))
    assert f"The report is in {path}." in run.stdout


def test_a_report_when_the_options_of_all_hosts_are_refused(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    fleet = make_fleet(control, 3, campaigns=1, failed=0, ends_at_poll=1)
    path = playbooks.folder / "report.md"
    run = _run(playbooks, fleet, role_variables(api_url, report=str(path), timeout="soon"))

    assert run.code == 2, run.output
    assert control.counters()["total"] == 0
    text = path.read_text(encoding="utf-8")
    assert "**3** hosts fail" in text
    assert [text.count(f"| `{host}` |") for host in fleet.names] == [1, 1, 1]
    assert text.count("campaign_wait_timeout") == 3


def _settings(api_url: str, campaign: Any, **more: Any) -> dict[str, Any]:
    values = {"account_name": ACCOUNT, "campaign_id": campaign, "api_url": api_url, **more}
    return {f"campaign_wait_{name}": value for name, value in values.items()}


def test_the_playbook_reports_on_campaigns(playbooks: Playbooks, control: Control, api_url: str) -> None:
    """There are no decisions for hosts. The report lists each device, but the result of the task does not."""
    fleet = make_fleet(control, 3, campaigns=1, failed=1 / 3, ends_at_poll=1)
    devices = {values["imei"] for values in fleet.hosts.values()}
    path = playbooks.folder / "report.html"
    run = playbooks.run(
        "fleetops.thingspace.campaign_report",
        variables=_settings(api_url, fleet.campaigns[0], report="report.html"),
        environment=as_environment(CREDENTIALS),
        verbosity=0,
    )

    assert run.code == 0, run.output
    assert _rows(path) == []
    assert {row[0] for row in _rows(path, "devices")} == devices
    polled = run.result("Poll the campaigns")
    assert polled["campaign"]["devices"] is None
    assert polled["campaign"]["device_summary"]["total"] == len(devices)
    assert run.result("Write the report in campaign_wait_report")["changed"] is True


def test_the_playbook_reports_what_could_not_be_read(playbooks: Playbooks, control: Control, api_url: str) -> None:
    (missing,) = campaign_ids(1)
    path = playbooks.folder / "report.md"
    run = playbooks.run(
        "fleetops.thingspace.campaign_report",
        variables=_settings(api_url, [V2_ID, missing], report=str(path)),
        environment=as_environment(CREDENTIALS),
        verbosity=0,
    )

    assert run.code == 2, run.output
    text = path.read_text(encoding="utf-8")
    said = run.failure("Poll the campaigns")["msg"]
    assert f"## What could not be read\n\n* `{said}`\n" in text
    assert f"`{V2_ID}`" in text


def test_the_playbook_tells_of_a_host_whose_options_are_refused(
    playbooks: Playbooks, control: Control, api_url: str
) -> None:
    path = playbooks.folder / "report.md"
    here = {"ansible_connection": "local"}
    variables = {**_settings(api_url, V2_ID, report=str(path)), "thingspace_hosts": "all"}
    run = playbooks.run(
        "fleetops.thingspace.campaign_report",
        hosts={"good": here, "bad": {**here, "campaign_wait_intervall": 3}},
        variables=variables,
        environment=as_environment(CREDENTIALS),
        verbosity=0,
    )

    assert run.code == 2, run.output
    said = run.failure("Poll the campaigns", "bad")["msg"]
    text = path.read_text(encoding="utf-8")
    assert f"| `bad` | – | fail | `{said}` |" in text
    assert f"`{V2_ID}`" in text


def test_the_playbook_without_a_report(playbooks: Playbooks, control: Control, api_url: str) -> None:
    run = playbooks.run(
        "fleetops.thingspace.campaign_report",
        variables=_settings(api_url, V2_ID, report=""),
        environment=as_environment(CREDENTIALS),
        verbosity=0,
    )

    assert run.code == 0, run.output
    assert run.result("Write the report in campaign_wait_report")["changed"] is False
    assert not [*playbooks.folder.glob("*.html"), *playbooks.folder.glob("*.md")]
