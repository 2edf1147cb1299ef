# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Read and decode a response body in chunks, so that its size is limited before it takes memory.

Even if no compression is requested, the service or a proxy may compress. requests and urllib3 decode without a limit (4
KB that were compressed twice became 1.9 GB), so gzip and deflate are decoded here.
"""

from __future__ import annotations

import io
import typing as t
import zlib
from collections.abc import Callable

# A version 1 campaign contains its device list: 100,000 devices are about 10 MB.
MAX_BODY_BYTES: t.Final = 32 * 1024 * 1024
_CHUNK_BYTES: t.Final = 64 * 1024
_GZIP_OR_ZLIB: t.Final = 32 + zlib.MAX_WBITS
_RAW_DEFLATE: t.Final = -zlib.MAX_WBITS
_ZLIB_HEADER_BYTES: t.Final = 2
_PLAIN: t.Final = frozenset({"", "identity"})
_ZLIB: t.Final = frozenset({"gzip", "x-gzip", "deflate"})


class UnknownCoding(Exception):
    """The body has an unsupported compression, or more than one."""


class BadCoding(Exception):
    """The body does not match its declared compression, or ends too early."""


class TooLarge(Exception):
    """The response, or its decoded body, is too large."""


def read_body(read: Callable[[int], bytes], coding: str, check: Callable[[], None]) -> bytes:
    """The decoded body, at most C(MAX_BODY_BYTES) long.

    C(read) returns up to the given number of bytes as they were sent, and no bytes at the end. C(coding) is the value
    of C(Content-Encoding). C(check) is called repeatedly while decoding, and may raise. Raises UnknownCoding, BadCoding
    or TooLarge.
    """
    decode = _decoder_for(coding.strip().lower(), check)
    # getvalue avoids a second copy, and closing the buffer frees it even if an error is kept.
    with io.BytesIO() as body:
        while True:
            chunk = read(_CHUNK_BYTES)
            for piece in decode(chunk):
                body.write(piece)
                if body.tell() > MAX_BODY_BYTES:
                    raise TooLarge
            if not chunk:
                return body.getvalue()


def _decoder_for(coding: str, check: Callable[[], None]) -> Callable[[bytes], t.Iterable[bytes]]:
    if coding in _PLAIN:
        return lambda chunk: (chunk,)
    if coding in _ZLIB:
        return _Inflater(coding, check)
    raise UnknownCoding(coding)


class _Inflater:
    """Decodes chunk by chunk, and yields pieces of at most one chunk. An empty chunk marks the end."""

    def __init__(self, coding: str, check: Callable[[], None]) -> None:
        self._coding = coding
        self._check = check
        self._head = b""
        self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)

    def __call__(self, chunk: bytes) -> t.Iterator[bytes]:
        if not chunk:
            yield from self._remaining()
        while chunk:
            self._check()
            if self._decompressor.eof:
                # RFC 1952: a gzip file may have several members, one after the other.
                self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
            yield self._inflate(chunk)
            chunk = self._decompressor.unconsumed_tail or self._decompressor.unused_data

    def _remaining(self) -> t.Iterator[bytes]:
        """The data that the decompressor still holds."""
        while self._head and not self._decompressor.eof:
            piece = self._decompressor.decompress(b"", _CHUNK_BYTES)
            if not piece and not self._decompressor.eof:
                raise BadCoding
            yield piece

    def _inflate(self, chunk: bytes) -> bytes:
        head, self._head = self._head, (self._head + chunk)[:_ZLIB_HEADER_BYTES]
        try:
            return self._decompressor.decompress(chunk, _CHUNK_BYTES)
        except zlib.error as error:
            if len(head) == _ZLIB_HEADER_BYTES or self._coding != "deflate":
                raise BadCoding from error
        # Some servers leave out the zlib header, contrary to RFC 9110.
        self._decompressor = zlib.decompressobj(_RAW_DEFLATE)
        try:
            return self._decompressor.decompress(head + chunk, _CHUNK_BYTES)
        except zlib.error as error:
            raise BadCoding from error
