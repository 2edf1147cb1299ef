# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything in backticks exists."""

from __future__ import annotations

import re

import pytest

from docs.pages import Block, Page, blocks, pages
from docs.vocabulary import is_known, role_options


def titled(one: Page) -> str:
    """Return the name of a page for pytest."""
    return one.name


@pytest.mark.parametrize("one", pages(), ids=titled)
def test_what_is_in_backticks_exists(one: Page) -> None:
    assert one.code
    files = {block.title for block in one.blocks if block.title}
    assert sorted({code for code in one.code if code not in files and not is_known(code)}) == []


@pytest.mark.parametrize("block", blocks(), ids=lambda block: str(block.name))
def test_the_variables_of_the_role_exist(block: Block) -> None:
    """Ansible does not report unknown variables of a role."""
    variables = set(re.findall(r"\bcampaign_wait_\w+", block.content))
    assert variables <= {*role_options(), "campaign_wait_result"}


@pytest.mark.parametrize(
    "invented",
    ["wait_forever", "THINGSPACE_TOKEN", "campaign_wait_hosts", "make all", "docs/none.md", "CampaignLost", "--fast"]
    + [
        "wait_on_timeout: ignore",
        "campaign_wait_missing",
        "campaign_wait_gate",
        "go",
        "campaigns.colour",
        "GET /secrets",
        "no_such_file.py",
    ],
)
def test_an_invented_word_is_noticed(invented: str) -> None:
    assert not is_known(invented)
