"""Which entries of a document are as they were in the last one: raw entries and stored prints in, the rest out.

A usual document has three new entries among thirty: the others need not be made safe, compared and
indexed again. A print is eight bytes of a hash of all that an entry says.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.read.normalise import RawEntry

_SIZE = 8
_KEPT = 2000  # entries of one document whose prints are kept: 16 kB
# Raise it when what is made of an entry changes: every document is then read anew once.
_EDITION = b"1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """`fresh` entries are to be read, in their order; `prints` are those of the whole document."""

    fresh: list[RawEntry]
    unchanged: int
    prints: bytes


def sort_out(raw: Sequence[RawEntry], known: bytes = b"") -> Sorted:
    """Set apart the entries whose print is among `known`, the `prints` of the document before.

    Entries that share their identity with another of the document stay: what they are called depends
    on one another.
    """
    made = [_print_entry(entry) for entry in raw]
    prints = b"".join(made[:_KEPT])
    before = frozenset(known[start : start + _SIZE] for start in range(0, len(known), _SIZE))
    if not before:
        return Sorted(fresh=list(raw), unchanged=0, prints=prints)
    names = Counter(_name(entry) for entry in raw)
    fresh = [entry for entry, mark in zip(raw, made, strict=True) if mark not in before or names[_name(entry)] > 1]
    return Sorted(fresh=fresh, unchanged=len(raw) - len(fresh), prints=prints)


def _name(entry: RawEntry) -> str:
    return entry.guid.strip() or entry.link


def _print_entry(entry: RawEntry) -> bytes:
    parts = (
        entry.guid,
        entry.link,
        entry.title,
        entry.author,
        entry.summary,
        entry.content,
        entry.base,
        entry.language,
        f"{entry.title_is_markup}{entry.published_at}{entry.updated_at}{entry.tags}{entry.enclosures}",
    )
    said = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, digest_size=_SIZE, key=_EDITION).digest()
