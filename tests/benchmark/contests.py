# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The measurements: each contest has contenders, each of which runs once and returns its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmark import long_campaign, plays
from benchmark.results import Figures
from benchmark.runner import Run, RunError, Runner
from benchmark.service import ACCESS_TOKEN, LATENCY, SESSION_TOKEN, campaign_ids

Contender = Callable[[Runner, int], Figures]

# The number of tasks after the first one in a play, to compute the cost of one.
MORE_TASKS = 10
MORE_URI_TASKS = 3
WAITS = 20
SDK_THREADS = 8
_ENDED = {"status": "CampaignEnded"}
_SCHEDULED = [{"after": 0, "status": "CampaignScheduled"}]
# A state for which no status list is requested, so that each campaign is read individually.
_UNLISTED = [{"after": 0, "status": "CampaignPreScheduled"}]
# Seconds to add before and after a round, for the work before its first and after its last request.
_MARGIN = 0.15


@dataclass(frozen=True)
class Contest:
    """A contest. ``once``: a single run is enough, because it is long and its result does not depend on the load."""

    name: str
    title: str
    contenders: Mapping[str, Contender]
    once: bool = False


def task() -> Contest:
    """The cost of an additional task, from plays with one and with several tasks."""
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


def wait_for_one(polls: int) -> Contest:
    """A wait for one campaign with one poll per second. The poll with the number ``polls`` shows the end."""
    (campaign_id,) = ids = campaign_ids(1)
    seconds = polls - 1

    def floor(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _SCHEDULED)
        return runner.play([plays.nothing(seconds)]).basics()

    def ours(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _ending_at(polls))
        run = runner.play([plays.wait(ids, 1), plays.nothing()])
        return {**_figures_of_wait(run, polls), "looks": polls + 1}

    def often(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _SCHEDULED)
        run = runner.play([plays.wait(ids, 0.005, wait_timeout=seconds, wait_on_timeout="return"), plays.nothing()])
        return {**run.basics(), "looks": len(run.polls)}

    def uri(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _ending_at(polls))
        run = runner.play([*plays.uri_wait(campaign_id, 1), plays.nothing()])
        return {**_figures_of_wait(run, polls), "looks": polls}

    def sdk(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _ending_at(polls))
        run = runner.sdk(ids=ids, interval=1, rounds=1000, threads=1)
        return {**_figures_of_wait(run, polls), "looks": polls}

    contenders = {"empty wait": floor, "ours": ours, "ours, 200 looks a second": often, "uri + until": uri, "SDK": sdk}
    return Contest("wait", f"A wait for 1 campaign, {polls} looks, one a second", contenders)


def reaction() -> Contest:
    """Many consecutive short waits, each of which ends at its second poll."""
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
    """A round of polls of many campaigns that do not change."""
    ids = campaign_ids(count)
    latency = LATENCY if slow else 0.0

    def ours(timeline: list[dict[str, object]], polls: int, concurrency: int) -> Contender:
        def run(runner: Runner, _number: int) -> Figures:
            runner.service.load(ids, timeline)
            # The second and last poll is at the timeout, which has to leave time for the first one and a pause.
            one_poll = latency + 0.05 if polls < count else latency / concurrency + 0.003
            timeout = 3.0 + 1.2 * polls * one_poll
            task = plays.wait(ids, 1000, max_concurrency=concurrency, wait_timeout=timeout, wait_on_timeout="return")
            return _figures_of_round(runner.play([task], runner.service.slow_url if slow else None), polls, latency)

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
    """The number of requests in a longer wait, per round that its interval allows.

    Most rounds should use status lists, and only some of them single reads. The campaigns have to be polled together.
    """
    ids = campaign_ids(count)
    interval = 2.0

    def ours(runner: Runner, _number: int) -> Figures:
        runner.service.load(ids, _SCHEDULED)
        run = runner.play([plays.wait(ids, interval, wait_timeout=seconds, wait_on_timeout="return")])
        kinds = run.counters["by_kind"]
        expected = seconds / interval + 1
        polls = kinds["campaign_list"] + kinds["campaign_read"]
        return {**run.basics(), "lists": kinds["campaign_list"], "reads": kinds["campaign_read"]} | {
            "expected_rounds": expected,
            "requests_a_round": polls / expected,
        }

    title = f"{seconds:.0f} s of wait for {count:,} campaigns, a round every {interval:.0f} s"
    return Contest("in-a-row", title, {"ours, by list": ours}, once=True)


def memory(polls: int) -> Contest:
    """Whether a long wait needs more memory than a short one."""
    (campaign_id,) = ids = campaign_ids(1)

    def ours(number_of_polls: int, interval: float) -> Contender:
        def run(runner: Runner, _number: int) -> Figures:
            runner.service.load(ids, _ending_at(number_of_polls))
            run = runner.play([plays.wait(ids, interval)])
            reads = run.counters["reads_by_campaign"][campaign_id]
            return {**run.basics(), "looks": reads, "anonymous": run.usage.peak_anonymous}

        return run

    contenders = {"ours, 100 looks": ours(100, 0.02), f"ours, {polls:,} looks": ours(polls, 0.0005)}
    return Contest("memory", "Memory of a long wait", contenders, once=True)


def long_wait() -> Contest:
    """A wait for a campaign of ten days, in simulated time."""
    return Contest("long", "3 days' lead and 7 days' run, with the defaults", {"ours": long_campaign.measure_wait})


def _ending_at(polls: int) -> list[dict[str, object]]:
    return [*_SCHEDULED, {"after_looks": polls, **_ENDED}]


def _figures_of_wait(run: Run, polls: int) -> Figures:
    """Return the figures of a wait that ended at the poll number ``polls``. The next task has the last stamp."""
    if len(run.polls) < polls:
        raise RunError(f"{len(run.polls)} looks instead of {polls}")
    times = run.polls[:polls]
    intervals = [later - earlier for earlier, later in zip(times, times[1:])]
    return {**run.basics(), "intervals": intervals, "reaction": [run.stamps[-1][0] - times[-1]]}


def _figures_of_round(run: Run, polls: int, latency: float) -> Figures:
    """Return the figures of the second round, which has no logins and no requests that determine how to poll."""
    if len(run.rounds) < 2 or run.rounds[1].polls < polls:
        raise RunError(f"rounds of {[each.polls for each in run.rounds]} looks instead of {polls}")
    second = run.rounds[1]
    return {
        **run.basics(),
        "round_requests": second.polls,
        "round_seconds": second.last - second.first + latency,
        "round_cpu": run.usage.cpu_between(second.first - _MARGIN, second.last + latency + _MARGIN),
    }
