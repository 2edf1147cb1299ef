# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wait as a user of the official SDK would write it: log in once, read every campaign, sleep, repeat.

Usage: ``python -m benchmark.sdk_wait``, with the options as JSON in BENCHMARK_SDK: ``url``, ``account``, ``ids``,
``interval`` (seconds between the end of a round and the next), ``rounds`` (at most), ``threads``.
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

from official_sdk.clients import logged_in_client


def main() -> None:
    """Wait until every campaign has ended, or for the maximum number of rounds."""
    options = json.loads(os.environ["BENCHMARK_SDK"])
    client = logged_in_client(options["url"])

    def status(campaign_id: str) -> str:
        return str(client.campaigns_v2.get_campaign_information(options["account"], campaign_id).body.status)

    with ThreadPoolExecutor(max_workers=options["threads"]) as pool:
        for number in range(options["rounds"]):
            if number:
                time.sleep(options["interval"])
            if all(word == "CampaignEnded" for word in list(pool.map(status, options["ids"]))):
                break
    with open(os.environ["BENCHMARK_STAMPS"], "a", encoding="utf-8") as stamps:
        stamps.write(f"{time.monotonic()} next\n")


if __name__ == "__main__":
    main()
