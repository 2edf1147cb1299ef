# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: each contest has contenders, each of which runs once and gives its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmark import long_campaign, plays
from benchmark.results import Figures
from benchmark.runner import Run, Runner, Unclear
from benchmark.service import ACCESS_TOKEN, LATENCY, SESSION_TOKEN, campaign_ids

Contender = Callable[[Runner, int], Figures]

# Tasks beyond the first one in a play, by which the price of one is found.
MORE_TASKS = 10
MORE_URI_TASKS = 3
WAITS = 20
SDK_THREADS = 8
_ENDED = {"status": "CampaignEnded"}
_SCHEDULED = [{"after": 0, "status": "CampaignScheduled"}]
# A state that the report by status is not asked for, so that each campaign is read on its own.
_UNLISTED = [{"after": 0, "status": "CampaignPreScheduled"}]
# Before and after a round, for the work before its first and after its last request.
_MARGIN = 0.15


@dataclass(frozen=True)
class Contest:
    """``once``: a single run is enough, because it is long and what it shows does not vary with the load."""

    name: str
    title: str
    contenders: Mapping[str, Contender]
    once: bool = False


def task() -> Contest:
    """What one more task costs, from plays with one and with more of them."""
    (campaign_id,) = campaign_ids(1)
    tokens = {"access_token": ACCESS_TOKEN, "session_token": SESSION_TOKEN}
    ours, ours_with_tokens = plays.info([campaign_id]), plays.info([campaign_id], **tokens)
    uri = plays.uri_get(campaign_id, ACCESS_TOKEN, SESSION_TOKEN)

    def contender(one: plays.Task, times: int) -> Contender:
        def run(runner: Runner, _number: int) -> Figures:
            runner.service.load([campaign_id], _SCHEDULED)
            return runner.play([one] * times).basics()

        return run

    return Contest(
        "task",
        "One read in a task",
        {
            "empty play": contender(ours, 0),
            "empty task": contender(plays.nothing(), 1),
            "empty tasks": contender(plays.nothing(), 1 + MORE_TASKS),
            "ours": contender(ours, 1),
            "ours, more tasks": contender(ours, 1 + MORE_TASKS),
            "ours with tokens": contender(ours_with_tokens, 1),
            "ours with tokens, more tasks": contender(ours_with_tokens, 1 + MORE_TASKS),
            "uri": contender(uri, 1),
            "uri, more tasks": contender(uri, 1 + MORE_URI_TASKS),
        },
    )


def wait_for_one(looks: int) -> Contest:
    """One campaign that has ended at the look number ``looks``, at one look a second."""
    (campaign_id,) = ids = campaign_ids(1)
    seconds = looks - 1

    def floor(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _SCHEDULED)
        return runner.play([plays.nothing(seconds)]).basics()

    def ours(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _ending_at(looks))
        run = runner.play([plays.wait(ids, 1), plays.nothing()])
        return {**_figures_of_wait(run, looks), "looks": looks + 1}

    def often(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _SCHEDULED)
        run = runner.play([plays.wait(ids, 0.005, wait_timeout=seconds, wait_on_timeout="return"), plays.nothing()])
        return {**run.basics(), "looks": len(run.looks)}

    def uri(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _ending_at(looks))
        run = runner.play([*plays.uri_wait(campaign_id, 1), plays.nothing()])
        return {**_figures_of_wait(run, looks), "looks": looks}

    def sdk(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _ending_at(looks))
        run = runner.sdk(ids=ids, interval=1, rounds=1000, threads=1)
        return {**_figures_of_wait(run, looks), "looks": looks}

    contenders = {"empty wait": floor, "ours": ours, "ours, 200 looks a second": often, "uri + until": uri, "SDK": sdk}
    return Contest("wait", f"A wait for 1 campaign, {looks} looks, one a second", contenders)


def reaction() -> Contest:
    """Many short waits in a row, each of which sees the end at its second look."""
    ids = campaign_ids(WAITS)

    def ours(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _ending_at(2))
        run = runner.play([*(plays.wait([campaign_id], 0.1) for campaign_id in ids), plays.nothing()])
        seen = {campaign_id: 0 for campaign_id in ids}
        reactions = []
        starts = [at for at, _name in run.stamps[1:]]
        for entry in run.counters["log"]:
            if entry["kind"] == "campaign_read":
                campaign_id = entry["path"].rsplit("/", 1)[1]
                seen[campaign_id] += 1
                if seen[campaign_id] == 2:
                    reactions.append(min(at for at in starts if at > entry["real"]) - entry["real"])
        return {**run.basics(), "reaction": reactions}

    return Contest("reaction", "From the answer that shows the end to the next task", {"ours": ours})


def many(count: int, slow: bool, threads: tuple[int, ...], with_sdk: bool) -> Contest:
    """A steady round over many campaigns that do not change."""
    ids = campaign_ids(count)
    latency = LATENCY if slow else 0.0

    def ours(timeline: list[dict[str, object]], looks: int, concurrency: int) -> Contender:
        def run(runner: Runner, _number: int) -> Figures:
            runner.service.load(ids, timeline)
            # The last look, the second one, is at the time-out: leave time for the first one, and a pause.
            one_look = latency + 0.05 if looks < count else latency / concurrency + 0.003
            timeout = 3.0 + 1.2 * looks * one_look
            task = plays.wait(ids, 1000, max_concurrency=concurrency, wait_timeout=timeout, wait_on_timeout="return")
            return _figures_of_round(runner.play([task], runner.service.slow_url if slow else None), looks, latency)

        return run

    def sdk(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _UNLISTED)
        url = runner.service.slow_url if slow else None
        return _figures_of_round(runner.sdk(url, ids=ids, interval=2, rounds=2, threads=SDK_THREADS), count, latency)

    contenders = {"ours, by list": ours(_SCHEDULED, -(-count // 100), 8)}
    contenders.update({f"ours, each alone, {n} at once": ours(_UNLISTED, count, n) for n in threads})
    if with_sdk:
        contenders[f"SDK, {SDK_THREADS} at once"] = sdk
    how = f"{LATENCY * 1000:.0f} ms latency" if slow else "no latency"
    return Contest(f"many-{count}", f"A round over {count:,} campaigns, {how}", contenders)


def rounds_in_a_row(count: int, seconds: float) -> Contest:
    """How many requests there are in a longer wait, per round that its interval allows.

    Most rounds are to be read by list and only some campaign by campaign; and the campaigns must stay in step.
    """
    ids = campaign_ids(count)
    interval = 2.0

    def ours(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _SCHEDULED)
        run = runner.play([plays.wait(ids, interval, wait_timeout=seconds, wait_on_timeout="return")])
        kinds = run.counters["by_kind"]
        expected = seconds / interval + 1
        looks = kinds["campaign_list"] + kinds["campaign_read"]
        return {**run.basics(), "lists": kinds["campaign_list"], "reads": kinds["campaign_read"]} | {
            "expected_rounds": expected,
            "requests_a_round": looks / expected,
        }

    title = f"{seconds:.0f} s of wait for {count:,} campaigns, a round every {interval:.0f} s"
    return Contest("in-a-row", title, {"ours, by list": ours}, once=True)


def memory(looks: int) -> Contest:
    """Whether a long wait needs more memory than a short one."""
    (campaign_id,) = ids = campaign_ids(1)

    def ours(number_of_looks: int, interval: float) -> Contender:
        def run(runner: Runner, _number: int) -> Figures:
            runner.service.load(ids, _ending_at(number_of_looks))
            run = runner.play([plays.wait(ids, interval)])
            reads = run.counters["reads_by_campaign"][campaign_id]
            return {**run.basics(), "looks": reads, "anonymous": run.usage.peak_anonymous}

        return run

    contenders = {"ours, 100 looks": ours(100, 0.02), f"ours, {looks:,} looks": ours(looks, 0.0005)}
    return Contest("memory", "Memory of a long wait", contenders, once=True)


def long_wait() -> Contest:
    """A campaign of ten days, with simulated time."""
    return Contest("long", "3 days' lead and 7 days' run, with the defaults", {"ours": long_campaign.measure_wait})


def _ending_at(looks: int) -> list[dict[str, object]]:
    return [*_SCHEDULED, {"after_looks": looks, **_ENDED}]


def _figures_of_wait(run: Run, looks: int) -> Figures:
    """Of a wait that saw the end at the look number ``looks``; the task after it is the last stamp."""
    if len(run.looks) < looks:
        raise Unclear(f"{len(run.looks)} looks instead of {looks}")
    times = run.looks[:looks]
    intervals = [later - earlier for earlier, later in zip(times, times[1:])]
    return {**run.basics(), "intervals": intervals, "reaction": [run.stamps[-1][0] - times[-1]]}


def _figures_of_round(run: Run, looks: int, latency: float) -> Figures:
    """Of the second round, in which nobody logs in or finds out how to look."""
    if len(run.rounds) < 2 or run.rounds[1].looks < looks:
        raise Unclear(f"rounds of {[each.looks for each in run.rounds]} looks instead of {looks}")
    second = run.rounds[1]
    return {
        **run.basics(),
        "round_requests": second.looks,
        "round_seconds": second.last - second.first + latency,
        "round_cpu": run.usage.cpu_between(second.first - _MARGIN, second.last + latency + _MARGIN),
    }
