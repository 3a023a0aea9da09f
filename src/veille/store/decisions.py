"""What the user has decided about stories: entries set apart, entries put together. Kept for ever.

A decision is about every entry of its sides, but not every pair is stored: the first entry of each side stands for
it, paired with all entries of the other. So two large stories take as many rows as they have entries, and it can
still be told on which side each entry was. Where one that stands for its side goes, another takes its place.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from itertools import chain, combinations
from typing import TYPE_CHECKING

from veille.times import from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from veille.store.db import Db

# Of each entry, those that it has been set apart from, or put together with, by one decision.
_Partners = defaultdict[int, set[int]]

_ACROSS = (
    "(one IN (SELECT value FROM json_each(?1)) AND other IN (SELECT value FROM json_each(?2))"
    " OR one IN (SELECT value FROM json_each(?2)) AND other IN (SELECT value FROM json_each(?1)))"
)


def set_apart(db: Db, some: Iterable[int], others: Iterable[int], *, now: datetime) -> None:
    """Remember that no entry of the one side tells the event of the other."""
    _decide(db, set(some), set(others), same=False, decided=_stamp(db, now))


def put_together(db: Db, *sides: Iterable[int], now: datetime) -> None:
    """Remember that the entries of all sides tell one event."""
    decided = _stamp(db, now)
    for some, others in combinations([set(side) for side in sides], 2):
        _decide(db, some, others, same=True, decided=decided)


def load_apart(db: Db, stories: Collection[int]) -> frozenset[tuple[int, int]]:
    """The pairs of these stories, the lower first, that hold entries set apart from one another."""
    rows = db.execute(
        "SELECT DISTINCT min(a.story_id, b.story_id), max(a.story_id, b.story_id) FROM verdicts AS v"
        " JOIN entries AS a ON a.id = v.one JOIN entries AS b ON b.id = v.other"
        " WHERE NOT v.same AND a.story_id != b.story_id AND a.story_id IN (SELECT value FROM json_each(?1))"
        " AND b.story_id IN (SELECT value FROM json_each(?1))",
        (json.dumps(list(stories)),),
    )
    return frozenset((one, other) for one, other in rows)


def date_split(db: Db, some: Collection[int], others: Collection[int]) -> datetime | None:
    """When the user last decided that the one side is not the event of the other."""
    (decided,) = db.execute(
        f"SELECT max(decided_at) FROM verdicts WHERE NOT same AND {_ACROSS}", _sides(some, others)
    ).fetchone()
    return from_stored(decided)


def date_merge(db: Db, one: int, other: int) -> datetime | None:
    """When the user last put two entries together that had been on different sides."""
    for decided, partners in sorted(_load(db, {one, other}, same=True).items(), reverse=True):
        a, b = partners[one], partners[other]
        # Entries of one side have the same partners; one that stands for it has those of all, and more.
        if other in a or (a - b and b - a):
            return from_stored(decided)
    return None


def divide_verdicts(db: Db, some: Collection[int], others: Collection[int]) -> None:
    """Let both parts of a story that is split stay apart from what its entries were set apart from.

    The parts are in their stories already.
    """
    inside = {*some, *others}
    for decided, partners in _load(db, inside, same=False).items():
        for own, part in ((some, set(others)), (others, set(some))):
            for entry_id in sorted({*own} & partners.keys()):
                mate = _find_mate(entry_id, part, partners)
                if mate is not None:
                    _store(db, ((mate, other) for other in partners[entry_id] - inside), same=False, decided=decided)


def hand_over_verdicts(db: Db, going: Collection[int]) -> None:
    """Let others of their side stand for entries that leave the archive, where something was set apart."""
    for decided, partners in _load(db, going, same=False).items():
        staying = partners.keys() - set(going)
        for entry_id in sorted(partners.keys() & set(going)):
            mate = _find_mate(entry_id, staying, partners)
            if mate is not None:
                others = partners[entry_id]
                _store(db, ((mate, other) for other in others), same=False, decided=decided)
                for other in others:
                    partners[mate].add(other)
                    partners[other].add(mate)
    gone = json.dumps(list(going))
    db.execute(
        "DELETE FROM verdicts WHERE NOT same AND (one IN (SELECT value FROM json_each(?1))"
        " OR other IN (SELECT value FROM json_each(?1)))",
        (gone,),
    )


def _stamp(db: Db, now: datetime) -> str:
    """When a decision was made; a second after the one before it at least, for their moments tell them apart."""
    last = from_stored(db.execute("SELECT max(decided_at) FROM verdicts").fetchone()[0])
    return to_stored(max(now, last + timedelta(seconds=1)) if last else now)


def _sides(some: Iterable[int], others: Iterable[int]) -> tuple[str, str]:
    return json.dumps(list(some)), json.dumps(list(others))


def _decide(db: Db, some: set[int], others: set[int], *, same: bool, decided: str) -> None:
    """The last word counts: whatever was decided between the two sides is replaced."""
    if not some or not others:
        return
    db.execute(f"DELETE FROM verdicts WHERE {_ACROSS}", _sides(some, others))
    first, second = min(some), min(others)
    pairs = chain(((first, other) for other in others), ((second, one) for one in some))
    _store(db, pairs, same=same, decided=decided)


def _store(db: Db, pairs: Iterable[tuple[int, int]], *, same: bool, decided: str) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO verdicts (one, other, same, decided_at) VALUES (?, ?, ?, ?)",
        [(min(a, b), max(a, b), int(same), decided) for a, b in pairs if a != b],
    )


def _load(db: Db, entry_ids: Collection[int], *, same: bool) -> Mapping[str, _Partners]:
    """The decisions that concern any of these entries, whole, by when they were made."""
    concerned = "one IN (SELECT value FROM json_each(?2)) OR other IN (SELECT value FROM json_each(?2))"
    rows = db.execute(
        "SELECT one, other, decided_at FROM verdicts WHERE same = ?1 AND decided_at IN"
        f" (SELECT decided_at FROM verdicts WHERE same = ?1 AND ({concerned}))",
        (int(same), json.dumps(list(entry_ids))),
    )
    found: defaultdict[str, _Partners] = defaultdict(lambda: defaultdict(set))
    for one, other, decided in rows:
        found[decided][one].add(other)
        found[decided][other].add(one)
    return found


def _find_mate(entry_id: int, among: Collection[int], partners: _Partners) -> int | None:
    """One of `among` that was on the side of an entry: set apart from the same, and not from it."""
    own = partners[entry_id]
    mates = (mate for partner in sorted(own) for mate in sorted(partners[partner]))
    return next((mate for mate in mates if mate in among and mate not in own), None)
