"""Bodies as they come off the wire, decoded piece by piece and never beyond a limit.

httpx decodes a whole piece at once: 64 kB of gzip can be 64 MB of zeros. Here the output is bounded.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import brotli

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    Decode = Callable[[bytes, int], bytes]

ACCEPTED = "gzip, deflate, br"
_GZIP_MAGIC = b"\x1f\x8b"
_TELLING = 2  # this many bytes tell gzip from plain text, and the two forms of deflate apart


class TooLargeError(Exception):
    """The decoded body is larger than allowed."""


class GarbledError(Exception):
    """The body is not what its Content-Encoding says."""


async def read_body(pieces: AsyncIterator[bytes], *, encoding: str, limit: int) -> bytes:
    """The decoded body. Raises TooLargeError past `limit` bytes, GarbledError when it cannot be decoded.

    Servers that say gzip and send plain text, or send gzip and say nothing, are understood all the same.
    """
    names = [name.strip().lower() for name in encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")] or ["identity"]
    if len(names) > 1 or names[0] not in _DECODERS:
        raise GarbledError(f"unknown Content-Encoding {encoding[:50]}")
    decode: Decode | None = None
    start, body = b"", bytearray()
    async for piece in pieces:
        if decode is None:
            start += piece
            if len(start) < _TELLING:
                continue
            decode, piece = _DECODERS[names[0]](start), start  # noqa: PLW2901 - what was held back goes first
        body += decode(piece, limit + 1 - len(body))
        if len(body) > limit:
            raise TooLargeError
    return start if decode is None else bytes(body)


class _Zlib:
    """gzip, in one member or several (RFC 1952, 2.2), and deflate with or without its header."""

    def __init__(self, window_bits: int) -> None:
        self._window_bits = window_bits
        self._inflate = zlib.decompressobj(window_bits)
        self._held = b""

    def decode(self, piece: bytes, limit: int) -> bytes:
        out, left = b"", self._held + piece
        self._held = b""
        while left and len(out) < limit:
            if self._inflate.eof:
                if len(left) < _TELLING:
                    self._held = left
                    break
                if not left.startswith(_GZIP_MAGIC):
                    break  # padding after the end
                self._inflate = zlib.decompressobj(self._window_bits)
            try:
                out += self._inflate.decompress(left, limit - len(out))
            except zlib.error as error:
                raise GarbledError(str(error)) from None
            left = self._inflate.unused_data
        return out


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def decode(self, piece: bytes, limit: int) -> bytes:
        try:
            out: bytes = self._decompressor.process(piece, output_buffer_limit=limit)
        except brotli.error as error:
            raise GarbledError(str(error)) from None
        return out


def _plain(piece: bytes, limit: int) -> bytes:
    return piece[:limit]


def _gzip(start: bytes) -> Decode:
    return _Zlib(zlib.MAX_WBITS | 16).decode if start.startswith(_GZIP_MAGIC) else _plain


def _deflate(start: bytes) -> Decode:
    has_header = start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0  # noqa: PLR2004 - RFC 1950
    return _Zlib(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS).decode


def _br(start: bytes) -> Decode:
    """No brotli stream begins with "<": it would set a bit that RFC 7932 (9.2) reserves."""
    return _plain if start.startswith(b"<") else _Brotli().decode


# By name in Content-Encoding; each looks at the first bytes, which servers' headers belie.
_DECODERS: dict[str, Callable[[bytes], Decode]] = {
    "identity": _gzip,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _br,
}
