"""What a document changes: entries read and entries known in, the changes to store out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Identified(Protocol):
    """An entry of a document, as far as it is told from others: see `ParsedEntry`."""

    @property
    def guid(self) -> str: ...  # noqa: D102
    @property
    def other_guid(self) -> str: ...  # noqa: D102
    @property
    def fingerprint(self) -> str: ...  # noqa: D102


Entry = TypeVar("Entry", bound=Identified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Generic[Entry]):
    """What storing one entry must do: `entry_id` is None for a new one."""

    entry: Entry
    entry_id: int | None = None


Known = tuple[int, str]
"""A stored entry: its id and its fingerprint."""


def decide_changes(parsed: Iterable[Entry], known: Mapping[str, Known]) -> list[Change[Entry]]:
    """New and edited entries, in the document's order; unchanged ones give nothing.

    `known` maps guids of the feed to what is stored. Identity is the guid: a new title or date
    under a known guid is an edit, never a new entry. No two entries are the same stored one.
    """
    entries = list(parsed)
    stored = _recognise(entries, known)
    changes = []
    for entry in entries:
        match stored.get(entry.guid):
            case None if entry.guid not in known:
                changes.append(Change(entry=entry))
            case (entry_id, fingerprint) if fingerprint != entry.fingerprint:
                changes.append(Change(entry=entry, entry_id=entry_id))
    return changes


def _recognise(entries: Sequence[Identified], known: Mapping[str, Known]) -> dict[str, Known]:
    """What is stored of each entry, by its guid: by its longer name first, which says more.

    The shorter name is what namesakes share: it is that of the one that has not changed.
    """
    names = [(entry, sorted((entry.guid, entry.other_guid), key=len)) for entry in entries]
    longer = [(entry, known.get(name)) for entry, (_, name) in names]
    shorter = [(entry, known.get(name)) for entry, (name, _) in names]
    shorter.sort(key=lambda claim: claim[1] is None or claim[1][1] != claim[0].fingerprint)
    stored: dict[str, Known] = {}
    taken: set[int] = set()
    for entry, found in (*longer, *shorter):
        if found and found[0] not in taken and entry.guid not in stored:
            stored[entry.guid] = found
            taken.add(found[0])
    return stored
