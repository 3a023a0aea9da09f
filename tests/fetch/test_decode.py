"""Bodies decoded within bounds, whatever the server calls them and however they are cut into pieces."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import brotli
import pytest

from veille.fetch.decode import SMALL, GarbledError, TooLargeError, read_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

TEXT = "<rss>É " * 500 + "</rss>"
BODY = TEXT.encode()
NOISE = hashlib.shake_256(b"noise").digest(20_000)

ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "none": ("", bytes),
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "gzip in capitals": (" GZIP ", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "gzip and identity": ("gzip, identity", gzip.compress),
    "deflate with its header": ("deflate", zlib.compress),
    "deflate without": ("deflate", lambda body: zlib.compress(body, wbits=-15)),
    "brotli": ("br", brotli.compress),
    "plain, said to be gzip": ("gzip", bytes),
    "plain, said to be brotli": ("br", bytes),
    "gzip, said to be plain": ("", gzip.compress),
    "two members of gzip": ("gzip", lambda body: gzip.compress(body[:99]) + gzip.compress(body[99:])),
    "gzip and padding": ("gzip", lambda body: gzip.compress(body) + b"\0" * 100),
}


def decode(sent: bytes, encoding: str, *, limit: int = 10_000_000, piece: int = 65536) -> bytes:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(sent), piece):
            yield sent[start : start + piece]

    return asyncio.run(read_body(pieces(), encoding=encoding, limit=limit))


@pytest.mark.parametrize("piece", [1, 7, 65536])
@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoding_gives_the_body_back(name: str, piece: int) -> None:
    encoding, encode = ENCODERS[name]
    assert decode(encode(BODY), encoding, piece=piece) == BODY


@pytest.mark.parametrize("name", ENCODERS)
def test_a_body_of_just_the_limit_passes_and_one_byte_more_does_not(name: str) -> None:
    encoding, encode = ENCODERS[name]
    assert decode(encode(BODY), encoding, limit=len(BODY)) == BODY
    for piece in (50, 65536):
        with pytest.raises(TooLargeError):
            decode(encode(BODY), encoding, limit=len(BODY) - 1, piece=piece)


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate", "br"])
@pytest.mark.parametrize("body", [b"", b"x"])
def test_next_to_nothing_is_what_it_is(encoding: str, body: bytes) -> None:
    assert decode(body, encoding) == body


@pytest.mark.parametrize("encoding", ["zstd", "gzip, gzip", "br, gzip", "compress", "\x1b[31m" + "x" * 999])
def test_an_encoding_that_was_not_offered_is_refused_by_name(encoding: str) -> None:
    with pytest.raises(GarbledError, match="unknown Content-Encoding") as caught:
        decode(BODY, encoding)
    assert len(str(caught.value)) < 80


@pytest.mark.parametrize("encoding", ["deflate", "br"])
def test_what_cannot_be_decoded_is_garbled(encoding: str) -> None:
    with pytest.raises(GarbledError):
        decode(NOISE, encoding)


def test_gzip_with_a_wrong_checksum_is_garbled() -> None:
    with pytest.raises(GarbledError):
        decode(gzip.compress(BODY)[:-8] + b"\xff" * 8, "gzip")


@pytest.mark.parametrize(("encoding", "encode"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_a_stream_cut_short_gives_what_was_received(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    noise = NOISE.hex().encode()
    received = decode(encode(noise)[:-3000], encoding)
    assert noise.startswith(received)
    assert len(received) > 1000


def bomb_gzip(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    block = bytes(1_000_000)
    return b"".join([*(packer.compress(block) for _ in range(size // 1_000_000)), packer.flush()])


def bomb_brotli(size: int) -> bytes:
    packer = brotli.Compressor(quality=5)
    block = bytes(1_000_000)
    return b"".join([*(packer.process(block) for _ in range(size // 1_000_000)), packer.finish()])


@pytest.mark.parametrize(("encoding", "make"), [("gzip", bomb_gzip), ("br", bomb_brotli)])
@pytest.mark.parametrize("piece", [1000, 1_000_000])
def test_a_bomb_of_200_megabytes_costs_no_more_than_the_limit(
    encoding: str, make: Callable[[int], bytes], piece: int
) -> None:
    sent = make(200_000_000)
    assert len(sent) < 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            decode(sent, encoding, piece=piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000


def test_a_bomb_of_members_stops_at_the_limit() -> None:
    with pytest.raises(TooLargeError):
        decode(gzip.compress(bytes(100_000)) * 200, "gzip", limit=10_000_000)


@pytest.mark.parametrize("piece", [997, 10_000_000])
@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("size", [SMALL, SMALL + 1, 2 * SMALL])
def test_a_large_body_waits_to_be_admitted_once_and_loses_nothing(name: str, piece: int, size: int) -> None:
    body = b"<" + (NOISE * (size // len(NOISE) + 1))[: size - 1001] + bytes(1000)
    encoding, encode = ENCODERS[name]
    sent, admitted = encode(body), []

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(sent), piece):
            yield sent[start : start + piece]

    async def admit() -> None:
        admitted.append(size)

    async def run() -> bytes:
        return await read_body(pieces(), encoding=encoding, limit=10_000_000, admit=admit)

    assert asyncio.run(run()) == body
    assert admitted == ([size] if size > SMALL else [])


@pytest.mark.parametrize(("encoding", "make"), [("gzip", bomb_gzip), ("br", bomb_brotli)])
def test_a_bomb_that_waits_to_be_admitted_takes_next_to_nothing(encoding: str, make: Callable[[int], bytes]) -> None:
    sent = make(50_000_000)

    async def pieces() -> AsyncIterator[bytes]:
        yield sent

    async def refuse() -> None:
        raise TimeoutError

    tracemalloc.start()
    try:
        with pytest.raises(TimeoutError):
            asyncio.run(read_body(pieces(), encoding=encoding, limit=10_000_000, admit=refuse))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * SMALL
