"""Which rules match which entries: found once when entries arrive, then only read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from veille.store.db import write
from veille.store.search import select_matching

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.model import MatchField
    from veille.rank.rules import Rule
    from veille.store.db import Db


def update_matches(db: Db, rules: Iterable[Rule]) -> None:
    """Run each rule over what it has not seen yet: new and edited entries, or all for a new rule.

    Matches of rules that are gone are dropped. Does nothing, and takes no lock, when all is known.
    """
    by_key = {rule.key: rule for rule in rules}
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
            db.execute("DELETE FROM matches WHERE entry_id IN (SELECT entry_id FROM stale_matches)")
        for key, rule in by_key.items():
            since = runs.get(key, 0)
            if edited:
                _store(db, rule, "rowid <= ? AND rowid IN (SELECT entry_id FROM stale_matches)", (since,))
            if since < last:
                _store(db, rule, "rowid > ?", (since,))
            db.execute("INSERT OR REPLACE INTO rule_runs (key, matched_to) VALUES (?, ?)", (key, last))
        db.execute("DELETE FROM stale_matches")


def load_matches(db: Db, rules: Iterable[Rule], entry_ids: list[int]) -> dict[tuple[str, int], MatchField]:
    """Where stored rules match the given entries: (rule key, entry id) to "title" or "body"."""
    keys = sorted({rule.key for rule in rules})
    if not keys or not entry_ids:
        return {}
    rows = db.execute(
        "SELECT m.key, m.entry_id, m.field FROM json_each(?) AS k"
        " JOIN matches AS m ON m.key = k.value WHERE m.entry_id BETWEEN ? AND ?",
        (json.dumps(keys), min(entry_ids), max(entry_ids)),
    )
    wanted = set(entry_ids)
    return {(key, entry_id): field for key, entry_id, field in rows if entry_id in wanted}


def find_matches(db: Db, rules: Iterable[Rule], entry_ids: list[int]) -> dict[tuple[str, int], MatchField]:
    """The same for rules that are not stored, such as those of `--kw`: searched now."""
    if not entry_ids:
        return {}
    wanted, bounds = set(entry_ids), (min(entry_ids), max(entry_ids))
    found: dict[tuple[str, int], MatchField] = {}
    for rule in rules:
        for field in ("body", "title"):
            only: MatchField | None = "title" if field == "title" else None
            sql, values = select_matching(rule.query.expression, only=only)
            rows = db.execute(f"SELECT rowid FROM ({sql}) WHERE rowid BETWEEN ? AND ?", (*values, *bounds))
            found |= {(rule.key, entry_id): field for (entry_id,) in rows if entry_id in wanted}
    return found


def search_stories(db: Db, rule: Rule) -> list[int]:
    """The ids of the stories that an expression matches, the latest first."""
    sql, values = select_matching(rule.query.expression)
    rows = db.execute(
        f"SELECT s.id FROM stories AS s WHERE s.id IN (SELECT story_id FROM entries WHERE id IN ({sql}))"
        " ORDER BY s.last_at DESC, s.id DESC",
        values,
    )
    return [story_id for (story_id,) in rows]


def _progress(db: Db) -> tuple[int, dict[str, int], bool]:
    """The newest entry, how far each stored rule has been run, and whether entries were edited since."""
    last = db.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()[0]
    runs = dict(db.execute("SELECT key, matched_to FROM rule_runs").fetchall())
    return last, runs, db.execute("SELECT 1 FROM stale_matches LIMIT 1").fetchone() is not None


def _store(db: Db, rule: Rule, where: str, values: tuple[int, ...]) -> None:
    """Matches anywhere first; those in the title then take their place."""
    for field, only in (("body", None), ("title", "title")):
        sql, terms = select_matching(rule.query.expression, only=only)  # type: ignore[arg-type]
        db.execute(
            f"INSERT OR REPLACE INTO matches (key, entry_id, field) SELECT ?, rowid, ? FROM ({sql}) WHERE {where}",
            (rule.key, field, *terms, *values),
        )
