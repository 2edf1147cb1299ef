# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Device reports: the meaning of each status, which of several entries counts, and counts that are never too good."""

from __future__ import annotations

import tracemalloc
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import BadResponse
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.devices import (
    DEVICE_STATES,
    FAILURES,
    DeviceReport,
    device_id_of,
    device_state,
    percent,
)

MIB: t.Final = 2**20

# All words in the service's guides and examples, by API version.
WORDS: t.Final = {
    "v1": {
        "Device Accepted": "pending",
        "Device Rejected": "rejected",
        "RequestPending": "pending",
        "Queued": "pending",
        "InProgress": "pending",
        "UpgradeFailed": "failed",
        "UpgradeSuccess": "succeeded",
    },
    "v2": {
        "Accepted": "pending",
        "DeviceRejected": "rejected",
        "UpgradedFailed for UpgradePending": "failed",
        "UpgradeFailed": "failed",
        "UpgradePending": "pending",
        "UpgradeSuccess": "succeeded",
        "DownloadInstallSucceeded": "succeeded",
        "CampaignCancelled": "cancelled",
        "CampaignCanceled": "cancelled",
        "CampaignAborted": "cancelled",
    },
    "v3": {
        "NoDeviceDataFromNetwork": "pending",
        "NoDeviceDataFromNetwork, try count 42": "pending",
        "ReceivedDeviceDataFromNetwork": "pending",
        "ReceivedDeviceDataFromNetwork, try count 42": "pending",
        "RequestToFotaServerFailed": "failed",
        "UpgradePending": "pending",
        "UpgradeScheduled": "pending",
        "UpgradeFail": "failed",
        "UpgradeSuccess": "succeeded",
    },
}
# Other accepted spellings.
MORE_WORDS: t.Final = {"UpgradeSucceeded": "succeeded", "LicenseRemoveFailed": "failed"}
KNOWN: t.Final = [(word, state) for words in (*WORDS.values(), MORE_WORDS) for word, state in words.items()]
FOREIGN: t.Final = (
    *("", " ", "Mystery", "Fail", "NotUpgradeSuccess", "Not UpgradeSuccess", "Unsuccessful", "No success"),
    *("AddDeviceSucceed", "pendingUpgradeSuccess", "Downloaded", "UpgradeUnknown"),
)


def entry(device_id: object, status: object = "UpgradeSuccess", reason: object = None) -> dict[str, t.Any]:
    return {"deviceId": device_id, "status": status, "resultReason": reason}


def report_of(*items: dict[str, t.Any]) -> DeviceReport:
    report = DeviceReport()
    report.add(list(items))
    return report


@pytest.mark.parametrize(("word", "state"), KNOWN)
def test_a_known_word(word: str, state: str) -> None:
    spellings = (word, word.upper(), word.lower(), f" {word} ", word.replace(" ", "_"), f"{word}, try count 42")

    assert {device_state(spelling) for spelling in spellings} == {state}


@pytest.mark.parametrize("word", [*FOREIGN, None, 1, True, ["UpgradeSuccess"], {"status": "UpgradeSuccess"}])
def test_what_is_not_known_is_unknown(word: object) -> None:
    assert device_state(word) == "unknown"


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12), st.sampled_from(KNOWN))
def test_what_a_word_means_depends_on_how_it_begins(before: str, known: tuple[str, str]) -> None:
    assert device_state(before + known[0]) != "succeeded"


@pytest.mark.parametrize("word", sorted({word for word, state in KNOWN if state == "succeeded"}))
@pytest.mark.parametrize("more", ["Pending", "NotVerified", " for UpgradePending", "ThenRolledBack", "2"])
def test_a_longer_word_is_no_success(word: str, more: str) -> None:
    assert device_state(word + more) != "succeeded"


@given(st.text(max_size=30))
def test_any_text_has_a_state(word: str) -> None:
    assert device_state(word) in DEVICE_STATES


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("990003425730535", "990003425730535"),
        (" 990003425730535\n", "990003425730535"),
        (990003425730535, "990003425730535"),
        (3425730535, "000003425730535"),
        ("", None),
        ("  ", None),
        (None, None),
        (True, None),
        (1.5, None),
        (["990003425730535"], None),
    ],
)
def test_the_id_of_a_device(sent: object, read: str | None) -> None:
    assert device_id_of(sent) == read


@pytest.mark.parametrize("worse", range(1, len(DEVICE_STATES)))
@pytest.mark.parametrize("turned", [False, True])
def test_of_two_entries_for_a_device_the_worse_one_counts(worse: int, turned: bool) -> None:
    words = {
        **dict(zip(("succeeded", "pending", "cancelled"), ("UpgradeSuccess", "Accepted", "CampaignAborted"))),
        **dict(zip(("rejected", "failed", "unknown"), ("DeviceRejected", "UpgradeFailed", "Mystery"))),
    }
    better, bad = words[DEVICE_STATES[worse - 1]], words[DEVICE_STATES[worse]]
    # The service can send the same ID as a string and as a number.
    items = [entry("000000000000007", better), entry(7, bad)]

    report = report_of(*(items[::-1] if turned else items))

    assert report.total == 1
    assert report.devices() == [
        {"device_id": "000000000000007", "state": DEVICE_STATES[worse], "status": bad, "reason": None}
    ]


def test_devices_without_an_id_are_counted_one_by_one() -> None:
    report = report_of(entry(None, "UpgradeFailed"), {"status": "UpgradeFailed"}, entry("", "UpgradeSuccess"))

    assert report.total == 3
    assert [device["device_id"] for device in report.devices()] == [None] * 3
    assert report.summary()["by_state"]["failed"] == 2


def test_an_empty_object_is_a_device_of_which_nothing_is_known() -> None:
    assert report_of({}).devices() == [{"device_id": None, "state": "unknown", "status": None, "reason": None}]


@pytest.mark.parametrize("items", [None, {}, "x", [None], [entry("1"), "x"], [["x"]], 1])
def test_what_is_no_list_of_devices(items: object) -> None:
    report = DeviceReport()

    with pytest.raises(BadResponse, match="deviceList"):
        report.add(items)
    assert report.total == 0


def test_the_reason_has_two_names_and_texts_are_kept_as_they_came() -> None:
    items = [entry("1", "Odd \u00e9", "Uknown device error."), {"deviceId": "2", "status": 5, "reason": 7}]

    assert report_of(*items).devices() == [
        {"device_id": "1", "state": "unknown", "status": "Odd \u00e9", "reason": "Uknown device error."},
        {"device_id": "2", "state": "unknown", "status": "5", "reason": "7"},
    ]


def test_the_summary() -> None:
    words = ["UpgradeSuccess"] * 4 + ["Accepted", "CampaignAborted", "DeviceRejected", "UpgradeFailed", "?"]
    report = report_of(*[entry(str(number), word) for number, word in enumerate(words)])

    assert report.summary() == {
        "total": 9,
        "reported_total": None,
        "complete": True,
        "doubt": None,
        "by_state": {"succeeded": 4, "pending": 1, "cancelled": 1, "rejected": 1, "failed": 1, "unknown": 1},
        "success_percent": 44.44,
        "failure_percent": 22.22,
        "top_reasons": report.summary()["top_reasons"],
    }
    # Successful devices need no reason.
    assert report.summary()["top_reasons"][0] == {"state": "pending", "status": "Accepted", "reason": None, "count": 1}
    assert "succeeded" not in {reason["state"] for reason in report.summary()["top_reasons"]}
    assert [device["device_id"] for device in report.devices(FAILURES)] == ["5", "6", "7", "8"]


@pytest.mark.parametrize(("said", "complete"), [(None, True), (0, True), (2, True), (3, False)])
def test_whether_devices_are_missing(said: int | None, complete: bool) -> None:
    report = report_of(entry("1"), entry("2"))
    report.reported_total = said

    summary = report.summary()

    assert (summary["total"], summary["reported_total"], summary["complete"]) == (2, said, complete)


def test_an_empty_report_has_no_percentages() -> None:
    summary = DeviceReport().summary()

    assert (summary["total"], summary["success_percent"], summary["failure_percent"]) == (0, None, None)
    assert summary["top_reasons"] == []


@pytest.mark.parametrize(
    ("part", "whole", "read"),
    [(0, 7, 0.0), (7, 7, 100.0), (9_999, 10_000, 99.99), (99_999, 100_000, 99.99), (2, 3, 66.66), (1, 100_000, 0.0)],
)
def test_a_percentage(part: int, whole: int, read: float) -> None:
    assert percent(part, whole) == read


@given(st.integers(1, 10**6), st.data())
def test_a_percentage_is_never_rounded_up(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))

    shown = percent(part, whole)

    assert shown is not None
    hundredths = round(shown * 100)
    assert hundredths * whole <= part * 10_000 < (hundredths + 1) * whole
    assert (shown == 100.0) is (part == whole)


def test_the_ten_most_frequent_reasons() -> None:
    items = [
        entry(f"{kind}-{number}", "UpgradeFailed", f"reason {kind}") for kind in range(12) for number in range(kind + 1)
    ]

    top = report_of(*items).summary()["top_reasons"]

    assert [(reason["reason"], reason["count"]) for reason in top] == [(f"reason {n}", n + 1) for n in range(11, 1, -1)]
    assert {(reason["state"], reason["status"]) for reason in top} == {("failed", "UpgradeFailed")}


@pytest.mark.slow
def test_a_report_of_a_hundred_thousand_devices_is_small() -> None:
    tracemalloc.start()
    try:
        report = DeviceReport()
        for page in range(100):
            reason = "Upgrade pending, the device upgrade is estimated to be scheduled"
            report.add([entry(f"{page * 1000 + n:015}", "UpgradePending", f"{reason} {n % 9}") for n in range(1000)])
        summary = report.summary()
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert summary["total"] == 100_000
    assert peak < 30 * MIB


def test_one_device_of_a_report() -> None:
    report = report_of(entry("1", "UpgradeSuccess", "why"), entry("01", "UpgradeFailed"), {"status": "UpgradeSuccess"})

    assert report.device("1") == {
        "device_id": "1",
        "state": "succeeded",
        "status": "UpgradeSuccess",
        "reason": "why",
    }
    assert report.device("01") == {"device_id": "01", "state": "failed", "status": "UpgradeFailed", "reason": None}
    assert [report.device(name) for name in ("", "None", "001", "2")] == [None] * 4


def test_one_device_that_is_listed_twice_is_the_worse_one() -> None:
    for words in (["UpgradeSuccess", "UpgradeFailed"], ["UpgradeFailed", "UpgradeSuccess"]):
        report = report_of(*[entry("1", word) for word in words])

        assert report.device("1") == report.devices()[0]
        assert report.devices()[0]["state"] == "failed"


def test_a_device_is_found_by_the_imei_that_was_sent_as_a_number() -> None:
    report = report_of({"deviceId": 12345678901234, "status": "UpgradeSuccess"})

    found = report.device("012345678901234")

    assert found is not None and found["state"] == "succeeded"


def page(*items: dict[str, t.Any], **fields: t.Any) -> dict[str, t.Any]:
    """Return a page as the service sends it, by default the last page."""
    return {"hasMoreData": False, "deviceList": list(items), **fields}


@pytest.mark.parametrize("flag", [True, "true", "True", " TRUE ", 1, "1", 1.0])
def test_a_page_that_says_that_there_is_more(flag: object) -> None:
    report = DeviceReport()
    assert report.add_page(page(entry("1"), hasMoreData=flag, totalDevice=1))
    assert report.doubt is None


@pytest.mark.parametrize("flag", [False, "false", "False", None])
@pytest.mark.parametrize("total", [2, "2", " 2 ", 2.0])
def test_a_last_page_is_complete_if_it_adds_up(flag: object, total: object) -> None:
    report, doubts = DeviceReport(), []
    for name in ("1", "2"):
        assert not report.add_page(page(entry(name), hasMoreData=flag, totalDevice=total))
        doubts.append(report.doubt)
    assert doubts == ["lists only 1 of 2 devices", None]
    assert report.summary()["complete"] is True


@pytest.mark.parametrize(
    "flag", [0, 2, -1, 1.5, "", "0", "yes", "no", "nein", "t\u0155ue", [], [True], {}, {"a": 1}, "x" * 500]
)
@pytest.mark.parametrize("total", [None, 1])
def test_a_flag_that_nobody_knows_is_said_and_ends_no_report(flag: object, total: int | None) -> None:
    report = DeviceReport()
    assert not report.add_page(page(entry("1"), hasMoreData=flag, totalDevice=total))
    summary = report.summary()
    assert summary["complete"] is False
    doubt = summary["doubt"] or ""
    assert "does not say whether there are more pages (hasMoreData is " in doubt
    assert len(doubt) < 120 and doubt.isprintable()


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (True, "totalDevice is true"),
        (-1, "totalDevice is -1"),
        (1.5, "totalDevice is 1.5"),
        ("one", 'totalDevice is "one"'),
        ("1_0", 'totalDevice is "1_0"'),
        ("\u0661", "totalDevice is "),
        ([1], "totalDevice is [1]"),
        (10**12, "totalDevice is 1000000000000"),
    ],
)
def test_a_total_that_is_none_is_said(total: object, said: str) -> None:
    report = DeviceReport()
    report.add_page(page(entry("1"), totalDevice=total))
    assert report.reported_total is None
    assert said in (report.doubt or "")


def test_the_greatest_total_counts() -> None:
    report = DeviceReport()
    for total in (1, 3, 0):
        report.add_page(page(entry(str(total)), hasMoreData=True, totalDevice=total))
    assert report.reported_total == 3


@pytest.mark.parametrize("total", [0, "0", 0.0])
def test_a_total_of_nothing_is_a_total(total: object) -> None:
    report = DeviceReport()
    report.add_page(page(totalDevice=total))
    assert (report.reported_total, report.doubt) == (0, None)


def test_devices_that_were_listed_before_are_missed() -> None:
    report = report_of(entry("1"), entry("2"))
    report.reported_total, report.known_total = 2, 3
    assert report.doubt == "lists only 2 of 3 devices"


def test_of_several_oddities_the_first_is_reported() -> None:
    report = DeviceReport()
    report.add_page({"hasMoreData": True})
    report.add_page(page(entry("1"), totalDevice="one"))
    assert report.doubt == "has a page without a deviceList"


@pytest.mark.parametrize("flag", [{}, {"hasMoreData": None}])
def test_a_report_that_says_neither_how_long_it_is_nor_that_it_ends(flag: dict[str, t.Any]) -> None:
    report = DeviceReport()
    report.add_page({"deviceList": [entry("1")], **flag})
    assert (
        report.doubt
        == "has no total number of devices, and does not say that it is complete (totalDevice, hasMoreData)"
    )


@pytest.mark.parametrize("fields", [{}, {"deviceList": None}])
def test_a_page_without_a_list(fields: dict[str, t.Any]) -> None:
    report = DeviceReport()
    report.add_page({"hasMoreData": False, **fields})
    assert report.doubt == "has a page without a deviceList"


@pytest.mark.parametrize("items", [{}, 0, "", False, "x", [None], [[]], {"deviceId": "1"}])
def test_a_page_whose_list_is_none(items: object) -> None:
    with pytest.raises(BadResponse, match="deviceList"):
        DeviceReport().add_page({"hasMoreData": False, "deviceList": items})


@pytest.mark.parametrize("name", [None, "", " ", True, 1.5, [], ["990003425730535"], {}])
def test_a_device_without_an_id_is_a_reason_for_doubt(name: object) -> None:
    report = DeviceReport()
    report.add_page(page(entry("1"), entry(name), totalDevice=2))
    assert report.doubt == "lists 1 of 2 devices without a valid deviceId"


@pytest.mark.parametrize("total", [None, 1])
def test_two_entries_that_contradict_each_other_are_a_reason_for_doubt(total: int | None) -> None:
    report = DeviceReport()
    report.add_page(page(entry("1"), entry("1", "UpgradePending"), totalDevice=total))
    assert report.doubt == "has contradictory entries for 1 of 1 devices"


def test_two_entries_that_say_the_same_are_harmless_only_if_all_devices_are_there() -> None:
    report = DeviceReport()
    report.add_page(page(entry("1"), entry("1"), entry("2")))
    assert report.doubt == "lists 1 of 2 devices twice, and has no total number of devices"
    doubts = []
    for total in (2, 3):
        report.add_page(page(totalDevice=total))
        doubts.append(report.doubt)
    assert doubts == [None, "lists only 2 of 3 devices"]


@pytest.mark.parametrize(
    "status",
    [
        *(["UpgradeSuccess"], {"status": "UpgradeSuccess"}, {"UpgradeSuccess": 1}, [["UpgradeSuccess"]], True, 1, 1.5),
        *("!UpgradeSuccess", "UpgradeSuccess!", "\u2260UpgradeSuccess", "Upgrade\u017fuccess", "UpgradeSucce\u00df"),
        *(
            "UpgradeSuccess\x00",
            "Upgrade.Success",
            "(UpgradeSuccess)",
            '"UpgradeSuccess"',
            "UpgradeSuccess?",
            "Success",
        ),
    ],
)
def test_a_status_that_only_resembles_success_is_unknown(status: object) -> None:
    (device,) = report_of(entry("1", status)).devices()
    assert device["state"] == "unknown"


@pytest.mark.parametrize("status", ["AcceptedButFailed", "UpgradePending?", "Queued for nothing", "CampaignAbortedNot"])
def test_what_only_begins_like_a_pending_or_a_cancelled_device_is_unknown(status: str) -> None:
    assert device_state(status) == "unknown"
