"""Changes of an input that bytes at random do not make: tokens put in, parts repeated, cut or taken from another.

An input and a source of chance in, another input out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_LARGEST = 60_000
# Values that JSON may hold where others are awaited.
_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        1000,
        1001,
        2**53 - 1,
        2**53,
        2**63,
        1.5,
        -0.0,
        1e300,
        "",
        "x",
        "é\x1b[31m",
        "\u202e",
    ),
    *(
        "\ud800",
        "\x00",
        "2026-11-20T08:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2026-11-20",
        "a\nb",
        [],
        {},
    ),
    *(
        ["a"],
        [[]],
        [None],
        {"a": 1},
        "https://x.example/1",
        "javascript:x",
        "<p>x</p>",
        "&lt;/p>",
        "todo",
        "read",
        "1" * 5000,
    ),
)


def mutate(data: bytes, draw: Random, *, tokens: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    """One change of `data`, of a kind drawn by chance."""
    if not data:
        return draw.choice(tokens)
    change = draw.choice(_CHANGES)
    return change(data, draw, tokens, others)[:_LARGEST]


def _put_token(data: bytes, draw: Random, tokens: Sequence[bytes], _: Sequence[bytes]) -> bytes:
    at = draw.randint(0, len(data))
    return data[:at] + draw.choice(tokens) + data[at + draw.choice((0, 0, 1, 4)) :]


def _take_token_for_another(data: bytes, draw: Random, tokens: Sequence[bytes], _: Sequence[bytes]) -> bytes:
    found = [token for token in tokens if token in data]
    if not found:
        return _put_token(data, draw, tokens, _)
    return data.replace(draw.choice(found), draw.choice(tokens), draw.choice((1, 1, -1)))


def _change_byte(data: bytes, draw: Random, _: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    at = draw.randrange(len(data))
    return data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]


def _cut(data: bytes, draw: Random, _: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    start, end = sorted((draw.randint(0, len(data)), draw.randint(0, len(data))))
    return data[:start] + data[end:] if draw.random() < 2 / 3 else data[:end]


def _repeat(data: bytes, draw: Random, _: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    start = draw.randrange(len(data))
    part = data[start : start + draw.choice((1, 2, 8, 40, 200))]
    times = min(draw.choice((2, 2, 2, 3, 3, 20, 20, 300, 5000)), _LARGEST // len(part))
    return data[:start] + part * times + data[start + len(part) :]


def _join(data: bytes, draw: Random, _: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    other = draw.choice(others)
    start = draw.randint(0, len(other))
    at = draw.randint(0, len(data))
    return data[:at] + other[start : start + draw.choice((10, 50, 300, 5000))] + data[at:]


def _change_json(data: bytes, draw: Random, tokens: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    """A line that is an object with one value changed, taken away or doubled."""
    lines = data.split(b"\n")
    at = draw.randrange(len(lines))
    try:
        values = json.loads(lines[at])
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or not values:
        return _put_token(data, draw, tokens, others)
    key = draw.choice(list(values))
    match draw.randrange(6):
        case 0:
            del values[key]
        case 1:
            values[key] = values[draw.choice(list(values))]
        case 2:
            values[draw.choice(tokens).decode("utf-8", "replace").strip('"')] = draw.choice(_VALUES)
        case _:
            values[key] = draw.choice(_VALUES)
    changed = [json.dumps(values).encode()]
    if draw.random() < 1 / 6:
        changed.append(draw.choice(lines))
    return b"\n".join([*lines[:at], *changed, *lines[at + 1 :]])


_CHANGES = (
    _put_token,
    _put_token,
    _take_token_for_another,
    _change_byte,
    _cut,
    _repeat,
    _join,
    _change_json,
    _change_json,
)
