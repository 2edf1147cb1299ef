# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Libraries that send requests must not log what is in them."""

from __future__ import annotations

import logging
import typing as t

# requests, what it sends with, and what it may read an answer with.
_LIBRARIES: t.Final = ("urllib3", "requests", "charset_normalizer", "chardet", "idna", "socks", "http", "h2", "hpack")


def silence_libraries() -> None:
    """Let nothing that these libraries log reach anybody, from now on and in this process.

    urllib3 logs header lines that it cannot parse, whatever is in them, and with E(ANSIBLE_LOG_PATH) Ansible's root
    logger writes all that others log to a file.
    """
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.propagate = False
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
        # Without any, Python would write to standard error.
        logger.addHandler(logging.NullHandler())
