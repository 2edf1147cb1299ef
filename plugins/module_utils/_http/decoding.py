# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The body of an answer, read and decoded bit by bit, so that its size is known before it takes room.

Asked for no compression, a service or something in between may still compress. requests and urllib3 decode without a
limit (4 KB that were compressed twice became 1.9 GB), so this is done here, for the one coding that is common.
"""

from __future__ import annotations

import io
import typing as t
import zlib
from collections.abc import Callable

# A version 1 campaign carries its device list; 100,000 devices are about 10 MB.
MAX_BODY_BYTES: t.Final = 32 * 1024 * 1024
_CHUNK_BYTES: t.Final = 64 * 1024
_GZIP_OR_ZLIB: t.Final = 32 + zlib.MAX_WBITS
_RAW_DEFLATE: t.Final = -zlib.MAX_WBITS
_PLAIN: t.Final = frozenset({"", "identity"})
_ZLIB: t.Final = frozenset({"gzip", "x-gzip", "deflate"})


class UnknownCoding(Exception):
    """The body is compressed in a way that is not known here, or more than once."""


class BadCoding(Exception):
    """The body is not compressed in the way that is said, or ends too early."""


class TooLarge(Exception):
    """The answer, or what its body is decoded to, has more bytes than it may have."""


def read_body(read: Callable[[int], bytes], coding: str, check: Callable[[], None]) -> bytes:
    """The decoded body, of C(MAX_BODY_BYTES) at most.

    C(read) gives up to so many bytes of it as it was sent, and none at its end.
    C(coding) is the value of C(Content-Encoding). C(check) is called again and again, and may raise.
    Raises UnknownCoding, BadCoding or TooLarge.
    """
    decode = _decoder_for(coding.strip().lower(), check)
    # Its value is handed out without a second copy, and an error that is kept does not keep the body.
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
    """Called with chunk after chunk, and with an empty one at the end; gives pieces of at most a chunk's size."""

    def __init__(self, coding: str, check: Callable[[], None]) -> None:
        self._coding = coding
        self._check = check
        self._is_begun = False
        self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)

    def __call__(self, chunk: bytes) -> t.Iterator[bytes]:
        if not chunk:
            yield from self._rest()
        while chunk:
            self._check()
            if self._decompressor.eof:
                # RFC 1952: a gzip file may have several members, one after the other.
                self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
            yield self._inflate(chunk)
            chunk = self._decompressor.unconsumed_tail or self._decompressor.unused_data

    def _rest(self) -> t.Iterator[bytes]:
        """What the decompressor still holds."""
        while self._is_begun and not self._decompressor.eof:
            piece = self._decompressor.decompress(b"", _CHUNK_BYTES)
            if not piece and not self._decompressor.eof:
                raise BadCoding
            yield piece

    def _inflate(self, chunk: bytes) -> bytes:
        is_first, self._is_begun = not self._is_begun, True
        try:
            return self._decompressor.decompress(chunk, _CHUNK_BYTES)
        except zlib.error as error:
            if not is_first or self._coding != "deflate":
                raise BadCoding from error
        # Some servers leave out the zlib header, contrary to RFC 9110.
        self._decompressor = zlib.decompressobj(_RAW_DEFLATE)
        try:
            return self._decompressor.decompress(chunk, _CHUNK_BYTES)
        except zlib.error as error:
            raise BadCoding from error
