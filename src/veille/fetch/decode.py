"""Bodies as they come off the wire, decoded piece by piece and never beyond a limit.

httpx decodes a whole piece at once: 64 kB of gzip can be 64 MB of zeros. Here the output is bounded, and a body
that grows beyond SMALL waits until it is let: what bodies hold together is then bounded too (`http.py`).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import brotli

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    # Takes a piece, gives at most so many bytes; what did not fit comes with the next piece.
    Decode = Callable[[bytes, int], bytes]

ACCEPTED = "gzip, deflate, br"
SMALL = 262_144  # more than nine feeds in ten
_LONGEST_NAME = 50
_GZIP_MAGIC = b"\x1f\x8b"
_TELLING = 2  # this many bytes tell gzip from plain text, and the two forms of deflate apart


class TooLargeError(Exception):
    """The decoded body is larger than allowed."""


class GarbledError(Exception):
    """The body is not what its Content-Encoding says."""


async def read_body(
    pieces: AsyncIterator[bytes], *, encoding: str, limit: int, admit: Callable[[], Awaitable[None]] | None = None
) -> bytes:
    """The decoded body; `admit` is awaited once before it takes more than SMALL bytes.

    Raises TooLargeError past `limit` bytes, GarbledError when it cannot be decoded. Servers that say gzip and
    send plain text, or send gzip and say nothing, are understood all the same.
    """
    names = [name.strip().lower() for name in encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")] or ["identity"]
    if len(names) > 1 or names[0] not in _DECODERS:
        raise GarbledError(f"unknown Content-Encoding {encoding if len(encoding) <= _LONGEST_NAME else ''}".strip())
    decode: Decode | None = None
    start, body = b"", bytearray()
    allowed = min(SMALL, limit)
    async for piece in pieces:
        if decode is None:
            start += piece
            if len(start) < _TELLING:
                continue
            decode, piece = _DECODERS[names[0]](start), start  # noqa: PLW2901 - what was held back goes first
        body += decode(piece, allowed + 1 - len(body))
        while len(body) > allowed:
            if allowed == limit:
                raise TooLargeError
            if admit:
                await admit()
            allowed = limit
            body += decode(b"", allowed + 1 - len(body))
    return start if decode is None else bytes(body)


class _Plain:
    def __init__(self) -> None:
        self._held = b""

    def decode(self, piece: bytes, room: int) -> bytes:
        held = self._held + piece if self._held else piece
        self._held = held[room:]
        return held[:room]


class _Zlib:
    """gzip, in one member or several (RFC 1952, 2.2), and deflate with or without its header."""

    def __init__(self, window_bits: int) -> None:
        self._window_bits = window_bits
        self._inflate = zlib.decompressobj(window_bits)
        self._held = b""
        self._is_full = False  # there may be more output without more input

    def decode(self, piece: bytes, room: int) -> bytes:
        out, left = b"", self._held + piece
        self._held = b""
        while (left or self._is_full) and len(out) < room:
            if self._inflate.eof:
                self._is_full = False
                if len(left) < _TELLING:
                    break
                if not left.startswith(_GZIP_MAGIC):
                    return out  # padding after the end
                self._inflate = zlib.decompressobj(self._window_bits)
            try:
                out += self._inflate.decompress(left, room - len(out))
            except zlib.error as error:
                raise GarbledError(str(error)) from None
            self._is_full = len(out) == room
            left = self._inflate.unconsumed_tail or self._inflate.unused_data
        self._held = left
        return out


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()
        self._held = b""
        self._is_full = False

    def decode(self, piece: bytes, room: int) -> bytes:
        out, left = b"", self._held + piece
        try:
            while len(out) < room and (left or self._is_full):
                # Full of output, it may say that it takes more input, or not: either way there is more to come.
                ready = self._decompressor.can_accept_more_data()
                more = self._decompressor.process(left if ready else b"", output_buffer_limit=room - len(out))
                left = b"" if ready else left
                out += more
                self._is_full = len(out) >= room
                if not ready and not more:
                    break
        except brotli.error as error:
            raise GarbledError(str(error)) from None
        self._held = left
        return out


def _gzip(start: bytes) -> Decode:
    return _Zlib(zlib.MAX_WBITS | 16).decode if start.startswith(_GZIP_MAGIC) else _Plain().decode


def _deflate(start: bytes) -> Decode:
    has_header = start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0  # noqa: PLR2004 - RFC 1950
    return _Zlib(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS).decode


def _br(start: bytes) -> Decode:
    """No brotli stream begins with "<": it would set a bit that RFC 7932 (9.2) reserves."""
    return _Plain().decode if start.startswith(b"<") else _Brotli().decode


# By name in Content-Encoding; each looks at the first bytes, which servers' headers belie.
_DECODERS: dict[str, Callable[[bytes], Decode]] = {
    "identity": _gzip,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _br,
}
