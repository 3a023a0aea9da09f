"""Conditional requests: what is asked for, and what an answer gives to ask with the next time. Byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.feed import Validators

if TYPE_CHECKING:
    from collections.abc import Iterable

    Fields = Iterable[tuple[bytes, bytes]]

_LONGEST = 2048  # longer ones would make requests that servers refuse


def write_conditions(validators: Validators) -> list[tuple[bytes, bytes]]:
    """Header fields: validators go back as they came."""
    pairs = ((b"If-None-Match", validators.etag), (b"If-Modified-Since", validators.last_modified))
    return [(name, value.encode("latin-1")) for name, value in pairs if value]


def read_validators(fields: Fields) -> Validators:
    """The validators of an answer; those too long to be sent back are none."""
    found = {name.lower(): value for name, value in fields}
    etag, last_modified = (found.get(name, b"").decode("latin-1") for name in (b"etag", b"last-modified"))
    return Validators(
        etag=etag if len(etag) <= _LONGEST else "",
        last_modified=last_modified if len(last_modified) <= _LONGEST else "",
    )


def is_conditional(fields: Fields) -> bool:
    """Whether these header fields ask for what has changed only."""
    return any(name.lower() in (b"if-none-match", b"if-modified-since") for name, _ in fields)
