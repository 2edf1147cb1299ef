# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults that are complete HTTP answers: replaced answers, and modified real ones."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable

from simulator import errors
from simulator.answer import JSON_TYPE, Answer, json_answer, json_bytes, text_answer
from simulator.call import Call
from simulator.clock import http_date
from simulator.faults import FaultRule

_HTML = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"

RealAnswer = Callable[[Call], Answer]


def faulty_answer(rule: FaultRule, call: Call, real: RealAnswer, now: dt.datetime) -> Answer:
    """Return the answer of a rule at a time of the simulated clock.

    ``real`` returns the service's own answer to a call. It is called only if it is needed.
    """
    answer = _MAKERS[rule.action](rule, call, real)
    if rule.skew is not None:
        answer = answer.with_header("Date", http_date(now + dt.timedelta(seconds=rule.skew)))
    if rule.retry_after is not None:
        moment = http_date(now + dt.timedelta(seconds=rule.retry_after))
        answer = answer.with_header("Retry-After", moment if rule.retry_after_as == "date" else str(rule.retry_after))
    for name, value in rule.headers.items():
        answer = answer.with_header(name, value)
    return answer


def _status(rule: FaultRule, _call: Call, _real: RealAnswer) -> Answer:
    status = rule.status or 200
    if rule.text is not None:
        return text_answer(rule.text, status, "text/plain; charset=utf-8")
    return Answer(status) if rule.json is None else json_answer(rule.json, status)


def _gateway(rule: FaultRule, _call: Call, _real: RealAnswer) -> Answer:
    return errors.gateway_answer(rule.name or "")


def _html(rule: FaultRule, _call: Call, _real: RealAnswer) -> Answer:
    return text_answer(_HTML, rule.status or 200, "text/html; charset=utf-8")


def _not_json(rule: FaultRule, _call: Call, _real: RealAnswer) -> Answer:
    return text_answer('{"status": CampaignEnded', rule.status or 200, JSON_TYPE)


def _empty(rule: FaultRule, _call: Call, _real: RealAnswer) -> Answer:
    return Answer(rule.status or 200, b"", (("Content-Type", JSON_TYPE),))


def _redirect(rule: FaultRule, _call: Call, _real: RealAnswer) -> Answer:
    return Answer(rule.status or 302, b"", (("Location", rule.url or ""),))


def _wrong_encoding(rule: FaultRule, call: Call, real: RealAnswer) -> Answer:
    answer = real(call)
    if rule.name == "gzip":
        return answer.with_header("Content-Encoding", "gzip")
    if rule.name == "utf-16":
        return dataclasses.replace(answer, body=answer.body.decode("utf-8").encode("utf-16"))
    broken = answer.body.rstrip(b"}") + b',"note":"caf\xe9 \xff"}'
    return dataclasses.replace(answer, body=broken).with_header("Content-Type", f"{JSON_TYPE}; charset=utf-8")


def _echo_secrets(rule: FaultRule, call: Call, _real: RealAnswer) -> Answer:
    heard = [f"{name}: {call.headers.get(name, '')}" for name in ("Authorization", "VZ-M2M-Token")]
    heard.append(f"body: {call.body.decode('utf-8', 'replace')}")
    return errors.invalid_parameter(f"Request not understood: {'; '.join(heard)}", rule.status or 400)


def _extra_fields(rule: FaultRule, call: Call, real: RealAnswer) -> Answer:
    answer = real(call)
    if ("Content-Type", JSON_TYPE) not in answer.headers:
        return answer
    return dataclasses.replace(answer, body=json_bytes({**json.loads(answer.body), **(rule.fields or {})}))


def _content_type(rule: FaultRule, call: Call, real: RealAnswer) -> Answer:
    return real(call).with_header("Content-Type", rule.value or "")


def _date(rule: FaultRule, call: Call, real: RealAnswer) -> Answer:
    return real(call) if rule.value is None else real(call).with_header("Date", rule.value)


def _cursor_stuck(_rule: FaultRule, call: Call, real: RealAnswer) -> Answer:
    answer = real(call)
    if answer.status != 200:
        return answer
    page = json.loads(answer.body)
    page["hasMoreData"] = True
    page["lastSeenDeviceId"] = call.cursor() if isinstance(page.get("lastSeenDeviceId"), int) else f"{call.cursor()}"
    return dataclasses.replace(answer, body=json_bytes(page))


def _duplicate_device(_rule: FaultRule, call: Call, real: RealAnswer) -> Answer:
    # Like a service that compares with >= instead of >.
    query = {**call.query, "lastSeenDeviceId": str((call.cursor() or 1) - 1)}
    return real(dataclasses.replace(call, query=query))


def _endless_report(_rule: FaultRule, call: Call, real: RealAnswer) -> Answer:
    answer = real(call)
    if answer.status != 200:
        return answer
    device_id = f"{(call.cursor() or 0) + 1:015d}"
    device = {"deviceId": device_id, "status": "UpgradePending"}
    return json_answer({"hasMoreData": True, "lastSeenDeviceId": device_id, "maxPageSize": 1, "deviceList": [device]})


_MAKERS: dict[str, Callable[[FaultRule, Call, RealAnswer], Answer]] = {
    "status": _status,
    "gateway": _gateway,
    "html": _html,
    "not_json": _not_json,
    "empty": _empty,
    "redirect": _redirect,
    "wrong_encoding": _wrong_encoding,
    "echo_secrets": _echo_secrets,
    "extra_fields": _extra_fields,
    "content_type": _content_type,
    "date": _date,
    "cursor_stuck": _cursor_stuck,
    "duplicate_device": _duplicate_device,
    "endless_report": _endless_report,
}
