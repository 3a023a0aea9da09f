"""Which rules match which entries: found once when entries arrive, then only read.

What depends on the user, on other entries or on the time (`expression.is_lasting`) is not stored: it is looked up
among the entries asked for, whenever it is asked.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from veille.rank.expression import is_lasting
from veille.store.db import write
from veille.store.functions import renew_guard
from veille.store.passes import is_guarded, is_indexed, list_passes
from veille.store.selecting import Look, select_matching

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from veille.model import MatchField
    from veille.rank.expression import Term
    from veille.rank.rules import Rule
    from veille.store.db import Db

Found = dict[tuple[str, int], "MatchField"]

# Entries asked for are mostly of one time; an edit or a late date must not make the look go over all between.
_WIDEST_GAP = 5000
_MOST_RANGES = 8
# In ids gone over for each that is asked for.
_SCATTERED = 3
# Up to so many entries, a search orders all that match; of more, it looks at the latest stories first.
_FEW = 5000
# In stories: most searches end with the first block.
_FIRST_BLOCK = 1000
_WIDER = 8
_LARGEST_BLOCK = 64_000
_AFTER_ALL = "~"
_BLOCK = """
SELECT s.id AS story, s.last_at, e.id
FROM (SELECT id, last_at FROM stories WHERE (last_at, id) < (?, ?) ORDER BY last_at DESC, id DESC LIMIT ?) AS s
CROSS JOIN entries AS e ON e.story_id = s.id
"""


def update_matches(db: Db, rules: Iterable[Rule], *, now: datetime | None = None) -> None:
    """Run each lasting rule over what it has not seen yet: new and edited entries, or all for a new rule.

    Matches of rules that are gone are dropped. Does nothing, and takes no lock, when all is known.
    """
    by_key = {rule.key: rule for rule in rules if is_lasting(rule.expression)}
    last, runs, edited = _progress(db)
    if runs == dict.fromkeys(by_key, last) and not edited:
        return
    with write(db):
        # Asked again: another veille may have stored entries, or done this work, before the lock was ours.
        last, runs, edited = _progress(db)
        for key in runs.keys() - by_key.keys():
            db.execute("DELETE FROM matches WHERE key = ?", (key,))
            db.execute("DELETE FROM rule_runs WHERE key = ?", (key,))
        if edited:
            db.execute("DELETE FROM matches WHERE entry_id IN (SELECT value FROM json_each(?))", (json.dumps(edited),))
        found: list[tuple[str, int, MatchField]] = []
        for key, rule in by_key.items():
            # Each has its own time: one that is slow must cost no other its matches.
            renew_guard(db)
            since = runs.get(key, 0)
            seen = [entry_id for entry_id in edited if entry_id <= since]
            if seen:
                found += _find(db, rule, Look(now=now, low=seen[0], high=seen[-1], among=json.dumps(seen)))
            if since < last:
                found += _find(db, rule, Look(now=now, low=since + 1, high=last))
        # Each written once, in the order in which they are kept.
        db.executemany("INSERT OR REPLACE INTO matches (key, entry_id, field) VALUES (?, ?, ?)", sorted(found))
        ran = [(key, last) for key in by_key if runs.get(key) != last]
        db.executemany("INSERT OR REPLACE INTO rule_runs (key, matched_to) VALUES (?, ?)", ran)
        db.execute("DELETE FROM stale_matches")


def load_matches(db: Db, rules: Iterable[Rule], entry_ids: Sequence[int], *, now: datetime | None = None) -> Found:
    """Where rules match the given entries: (rule key, entry id) to the part. Stored, or looked up now."""
    known = {rule.key: rule for rule in rules}
    stored = sorted(key for key, rule in known.items() if is_lasting(rule.expression))
    live = [rule for rule in known.values() if not is_lasting(rule.expression)]
    found: Found = {}
    if stored and entry_ids:
        wanted, keys = set(entry_ids), set(stored)
        rows = (row for sql, values in _list_reads(stored, entry_ids) for row in db.execute(sql, values))
        found = {(key, entry_id): field for key, entry_id, field in rows if entry_id in wanted and key in keys}
    return found | find_matches(db, live, entry_ids, now=now)


def find_matches(db: Db, rules: Iterable[Rule], entry_ids: Sequence[int], *, now: datetime | None = None) -> Found:
    """The same for rules that are not stored, such as those of `--kw`: searched now."""
    if not entry_ids:
        return {}
    wanted, ranges = set(entry_ids), _list_ranges(entry_ids)
    scattered = _are_scattered(entry_ids, ranges)
    found: Found = {}
    for rule in rules:
        renew_guard(db)
        # The indexes go over a range faster than over a list; where entries are read, none is read in vain.
        among = json.dumps(sorted(wanted)) if scattered and not is_indexed(rule.expression) else ""
        for low, high in ranges:
            look = Look(now=now, low=low, high=high, among=among)
            for field, only in list_passes(rule.expression):
                sql, values = select_matching(rule.expression, only=only, look=look)
                found |= {(rule.key, entry_id): field for (entry_id,) in db.execute(sql, values) if entry_id in wanted}
    return found


def find_words(db: Db, words: Iterable[Term], entry_ids: Sequence[int]) -> list[set[int]]:
    """For each word, in which of the given entries it stands, title or text."""
    if not entry_ids:
        return []
    ranges = _list_ranges(entry_ids)
    wanted = set(entry_ids)
    found = []
    for word in words:
        looks = (select_matching(word, look=Look(low=low, high=high)) for low, high in ranges)
        found.append({entry_id for sql, values in looks for (entry_id,) in db.execute(sql, values)} & wanted)
    return found


def search_stories(
    db: Db, rule: Rule, *, now: datetime | None = None, limit: int | None = None
) -> tuple[list[int], int]:
    """The ids of the stories that a rule matches, the latest first, and how many there are.

    Where thousands of entries match, that is the number of entries; of a pattern, as many as were found in its time.
    """
    renew_guard(db)
    sql, values = select_matching(rule.expression, look=Look(now=now))
    if is_indexed(rule.expression) and limit is not None:
        (total,) = db.execute(f"SELECT count(*) FROM ({sql})", values).fetchone()
        if total > _FEW:
            return _walk_back(db, rule, Look(now=now), limit), total
    # What reads texts may run out of time: the latest entries come first.
    order = " ORDER BY rowid DESC" if is_guarded(rule.expression) else ""
    entry_ids = [entry_id for (entry_id,) in db.execute(f"SELECT rowid FROM ({sql}){order}", values)]
    if limit is not None and len(entry_ids) > _FEW:
        return _walk_back(db, rule, Look(now=now), limit), len(entry_ids)
    rows = db.execute(
        "SELECT s.id FROM stories AS s"
        " WHERE s.id IN (SELECT story_id FROM entries WHERE id IN (SELECT value FROM json_each(?)))"
        " ORDER BY s.last_at DESC, s.id DESC",
        (json.dumps(entry_ids),),
    )
    story_ids = [story_id for (story_id,) in rows]
    return story_ids[:limit], len(story_ids)


def _walk_back(db: Db, rule: Rule, look: Look, limit: int) -> list[int]:
    """The latest stories that a rule matches, where it matches so much that few need to be looked at."""
    found: list[int] = []
    block, before = _FIRST_BLOCK, (_AFTER_ALL, 0)
    renew_guard(db)
    while len(found) < limit:
        rows = db.execute(_BLOCK, (*before, block)).fetchall()
        if not rows:
            break
        told = {entry_id: story_id for story_id, _, entry_id in rows}
        look = replace(look, low=min(told), high=max(told), among=json.dumps(list(told)))
        sql, values = select_matching(rule.expression, look=look)
        matched = {told[entry_id] for (entry_id,) in db.execute(sql, values)}
        found += [story_id for story_id in dict.fromkeys(told.values()) if story_id in matched]
        before, block = (rows[-1]["last_at"], rows[-1]["story"]), min(block * _WIDER, _LARGEST_BLOCK)
    return found[:limit]


def _list_reads(keys: Sequence[str], entry_ids: Sequence[int]) -> list[tuple[str, tuple[str | int, ...]]]:
    """How stored matches are read: rule by rule over ranges of entries; entry by entry where those lie far apart."""
    ranges = _list_ranges(entry_ids)
    if _are_scattered(entry_ids, ranges):
        sql = (
            "SELECT m.key, m.entry_id, m.field FROM json_each(?) AS k"
            " CROSS JOIN matches AS m INDEXED BY matches_by_entry ON m.entry_id = k.value"
        )
        return [(sql, (json.dumps(list(entry_ids)),))]
    sql = (
        "SELECT m.key, m.entry_id, m.field FROM json_each(?) AS k"
        " CROSS JOIN matches AS m ON m.key = k.value WHERE m.entry_id BETWEEN ? AND ?"
    )
    return [(sql, (json.dumps(keys), low, high)) for low, high in ranges]


def _are_scattered(entry_ids: Sequence[int], ranges: Sequence[tuple[int, int]]) -> bool:
    return sum(high - low + 1 for low, high in ranges) > _SCATTERED * len(entry_ids)


def _list_ranges(entry_ids: Sequence[int]) -> list[tuple[int, int]]:
    """From the least to the greatest id, passing over the widest gaps."""
    ids = sorted(entry_ids)
    gaps = sorted(((after - before, at) for at, (before, after) in enumerate(pairwise(ids), 1)), reverse=True)
    cuts = sorted(at for gap, at in gaps[: _MOST_RANGES - 1] if gap > _WIDEST_GAP)
    return [(ids[start], ids[end - 1]) for start, end in pairwise([0, *cuts, len(ids)])]


def _progress(db: Db) -> tuple[int, dict[str, int], list[int]]:
    """The newest entry, how far each stored rule has been run, and which entries were edited since."""
    last = db.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()[0]
    runs = dict(db.execute("SELECT key, matched_to FROM rule_runs").fetchall())
    edited = [entry_id for (entry_id,) in db.execute("SELECT entry_id FROM stale_matches ORDER BY entry_id")]
    return last, runs, edited


def _find(db: Db, rule: Rule, look: Look) -> list[tuple[str, int, MatchField]]:
    """What a pass finds takes the place of what those before it found."""
    # Patterns may run out of time: the latest entries come first.
    order = " ORDER BY rowid DESC" if is_guarded(rule.expression) else ""
    found: dict[int, MatchField] = {}
    for field, only in list_passes(rule.expression):
        sql, values = select_matching(rule.expression, only=only, look=look)
        found |= dict.fromkeys(
            (entry_id for (entry_id,) in db.execute(f"SELECT rowid FROM ({sql}){order}", values)), field
        )
    return [(rule.key, entry_id, found[entry_id]) for entry_id in sorted(found)]
