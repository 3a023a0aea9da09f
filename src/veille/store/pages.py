"""The rows on the pages of a damaged file whose schema is lost: every record that can be read, of whatever table.

Reads bytes, knows no SQL. The format is that of https://www.sqlite.org/fileformat2.html; what does not follow it costs
its record and no other.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from veille.store.header import HEADER_BYTES, read_page_size

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 13, 10, 2
_NUMBERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_REAL, _ZERO, _ONE, _FIRST_BYTES = 7, 8, 9, 12
_LONGEST = 50_000_000


class Record(NamedTuple):
    """A record: its number, None when it is of an index or of a table without numbers, and its values."""

    number: int | None
    values: tuple[Any, ...]


def read_records(content: bytes) -> Iterator[Record]:
    """Every record of every page but those that are free, in the order of the file."""
    size = read_page_size(content[:HEADER_BYTES])
    if not size:
        return
    free = _list_free(content, size)
    for number in range(1, len(content) // size + 1):
        if number not in free:
            yield from _read_page(content, size, number)


def _read_page(content: bytes, size: int, number: int) -> Iterator[Record]:
    start = (number - 1) * size
    page = content[start : start + size]
    head = HEADER_BYTES if number == 1 else 0
    kind = page[head]
    if kind not in {_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER}:
        return
    (cells,) = struct.unpack(">H", page[head + 3 : head + 5])
    first = head + (12 if kind == _INDEX_INNER else 8)
    for place in range(first, min(first + 2 * cells, size - 1), 2):
        (at,) = struct.unpack(">H", page[place : place + 2])
        try:
            yield _read_cell(content, page, at + (4 if kind == _INDEX_INNER else 0), numbered=kind == _TABLE_LEAF)
        except (IndexError, ValueError, struct.error, OverflowError):
            continue


def _read_cell(content: bytes, page: bytes, at: int, *, numbered: bool) -> Record:
    length, at = _read_varint(page, at)
    number = None
    if numbered:
        number, at = _read_varint(page, at)
        number -= (number >> 63) << 64
    if length > _LONGEST:
        raise ValueError
    local = _count_local(len(page), length, numbered=numbered)
    payload = page[at : at + local]
    if local < length:
        (following,) = struct.unpack(">I", page[at + local : at + local + 4])
        payload += _read_overflow(content, len(page), following, length - local)
    if len(payload) != length:
        raise ValueError
    return Record(number, _read_values(payload))


def _count_local(size: int, length: int, *, numbered: bool) -> int:
    """How much of a payload is on its own page."""
    most = size - 35 if numbered else (size - 12) * 64 // 255 - 23
    if length <= most:
        return length
    least = (size - 12) * 32 // 255 - 23
    wanted = least + (length - least) % (size - 4)
    return wanted if wanted <= most else least


def _read_overflow(content: bytes, size: int, number: int, length: int) -> bytes:
    pieces = []
    while length > 0:
        start = (number - 1) * size
        if number < 1 or start + size > len(content):
            raise ValueError
        (number,) = struct.unpack(">I", content[start : start + 4])
        piece = content[start + 4 : start + size][:length]
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _read_values(payload: bytes) -> tuple[Any, ...]:
    length, at = _read_varint(payload, 0)
    body, values = length, []
    while at < length:
        kind, at = _read_varint(payload, at)
        value, body = _read_value(payload, kind, body)
        values.append(value)
    if at != length or body != len(payload):
        raise ValueError
    return tuple(values)


def _read_value(payload: bytes, kind: int, at: int) -> tuple[Any, int]:
    if kind == 0:
        return None, at
    if kind in {_ZERO, _ONE}:
        return kind - _ZERO, at
    if kind in _NUMBERS:
        end = at + _NUMBERS[kind]
        return int.from_bytes(payload[at:end], "big", signed=True), end
    if kind == _REAL:
        return struct.unpack(">d", payload[at : at + 8])[0], at + 8
    if kind < _FIRST_BYTES:
        raise ValueError
    end = at + (kind - _FIRST_BYTES) // 2
    if end > len(payload):
        raise ValueError
    return (payload[at:end].decode("utf-8", "replace") if kind % 2 else payload[at:end]), end


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | data[place] & 0x7F
        if not data[place] & 0x80:
            return value, place + 1
    return value << 8 | data[at + 8], at + 9


def _list_free(content: bytes, size: int) -> set[int]:
    """The pages that are in no table any more: what is on them was deleted."""
    free: set[int] = set()
    (trunk,) = struct.unpack(">I", content[32:36])
    while 0 < trunk <= len(content) // size and trunk not in free:
        free.add(trunk)
        start = (trunk - 1) * size
        following, leaves = struct.unpack(">II", content[start : start + 8])
        leaves = min(leaves, size // 4 - 2)
        free.update(struct.unpack(f">{leaves}I", content[start + 8 : start + 8 + 4 * leaves]))
        trunk = following
    return free
