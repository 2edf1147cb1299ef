# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A body is decoded in pieces, with limited memory."""

from __future__ import annotations

import contextlib
import gzip
import io
import typing as t
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.decoding import (
    MAX_BODY_BYTES,
    BadCoding,
    TooLarge,
    UnknownCoding,
    read_body,
)

TEXT: t.Final = b'{"id": "60b5d639"}' * 300


def raw_deflate(content: bytes) -> bytes:
    """Compress without the zlib header, as some servers do."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def decoded(content: bytes, coding: str = "", at_once: int = 1 << 20, checks: list[None] | None = None) -> bytes:
    """Return the decoded body, read in pieces of this size."""
    stream = io.BytesIO(content)
    noted: list[None] = [] if checks is None else checks
    return read_body(lambda size: stream.read(min(size, at_once)), coding, lambda: noted.append(None))


# With names, because they must be the same in each worker of pytest-xdist, but gzip writes the time to its header.
GOOD: t.Final[dict[str, tuple[str, bytes]]] = {
    "plain": ("", TEXT),
    "identity": ("identity", TEXT),
    "gzip": ("gzip", gzip.compress(TEXT)),
    "another spelling of gzip": (" X-GZIP ", gzip.compress(TEXT)),
    "gzip of two members": ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
    "deflate": ("deflate", zlib.compress(TEXT)),
    "deflate without a header": ("deflate", raw_deflate(TEXT)),
}
BAD: t.Final[dict[str, tuple[str, bytes]]] = {
    "plain": ("gzip", TEXT),
    "a byte short": ("gzip", gzip.compress(TEXT)[:-1]),
    "half": ("gzip", gzip.compress(TEXT)[:50]),
    "rubbish behind": ("gzip", gzip.compress(TEXT) + b"rubbish"),
    "deflate that says gzip": ("gzip", raw_deflate(TEXT)),
    "no deflate": ("deflate", b"\xff" * 50),
    "deflate a byte short": ("deflate", zlib.compress(TEXT)[:-1]),
    "another checksum": ("deflate", zlib.compress(TEXT)[:-4] + bytes(4)),
}


@pytest.mark.parametrize("at_once", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize("name", GOOD)
def test_what_is_decoded(name: str, at_once: int) -> None:
    coding, sent = GOOD[name]
    assert decoded(sent, coding, at_once) == TEXT


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "gzip,br", "compress", "none"])
def test_other_codings(coding: str) -> None:
    with pytest.raises(UnknownCoding):
        decoded(gzip.compress(TEXT), coding)


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_compressed_as_it_says(name: str) -> None:
    coding, sent = BAD[name]
    with pytest.raises(BadCoding):
        decoded(sent, coding)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_an_empty_body_is_empty(coding: str) -> None:
    assert decoded(b"", coding) == b""


@pytest.mark.parametrize("more", [0, 1])
def test_the_limit(more: int) -> None:
    content = bytes(MAX_BODY_BYTES + more)
    for coding, sent in (("", content), ("gzip", gzip.compress(content, 1))):
        if more:
            with pytest.raises(TooLarge):
                decoded(sent, coding)
        else:
            assert len(decoded(sent, coding)) == MAX_BODY_BYTES


def test_somebody_can_say_stop_while_a_bomb_is_unpacked() -> None:
    bomb = gzip.compress(bytes(MAX_BODY_BYTES + 1), 9)
    checks: list[None] = []
    with pytest.raises(TooLarge):
        decoded(bomb, "gzip", checks=checks)
    assert len(bomb) < 40_000
    # In pieces of 64 KiB.
    assert len(checks) >= MAX_BODY_BYTES // 2**16


@given(st.sampled_from(["gzip", "deflate", "br", ""]), st.binary(max_size=60))
def test_no_bytes_bring_another_exception(coding: str, sent: bytes) -> None:
    with contextlib.suppress(BadCoding, UnknownCoding):
        assert isinstance(decoded(sent, coding), bytes)
