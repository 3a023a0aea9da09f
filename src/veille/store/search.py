"""The two full-text indexes: as written, and stemmed by language. FTS5 is the one matcher.

Both hold folded words made by `text.py`, so that a query and a text agree on what a word is. They
keep no text of their own: to take an entry out, its words are computed again from what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from veille.rank.expression import Both, Either, Term
from veille.text import flatten_markup, query_stems, split_words, stem_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.model import MatchField
    from veille.rank.expression import Expression, TermKind
    from veille.store.db import Db

_MOST_AT_ONCE = 100  # SQLite combines 500 selections at most

# Which index answers which kind of term.
_INDEX: dict[TermKind, str] = {"word": "entries_stems", "phrase": "entries_fts", "prefix": "entries_fts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedText:
    """What the indexes need of an entry."""

    title: str
    summary: str
    html: str
    author: str
    language: str

    @property
    def body(self) -> str:
        """The text of the entry beside its title, each word once where summary and content overlap."""
        text = flatten_markup(self.html) if self.html else ""
        return text if self.summary and text.startswith(self.summary.removesuffix("…")) else f"{self.summary}\n{text}"


class Words(NamedTuple):
    """What the indexes hold of an entry: title, body and author as written; stems of title and body.

    `read` is how many words of the body there are to read.
    """

    written: tuple[str, str, str]
    stems: tuple[str, str]
    read: int


def split_text(text: IndexedText) -> Words:
    """The words of an entry."""
    title, words = split_words(text.title), split_words(text.body)
    written = (" ".join(title), " ".join(words), " ".join(split_words(text.author)))
    stems = (" ".join(stem_words(title, text.language)), " ".join(stem_words(words, text.language)))
    return Words(written, stems, len(words))


def index_entries(db: Db, entries: Sequence[tuple[int, Words]]) -> None:
    """Add new entries, by number, to both indexes."""
    db.executemany(
        "INSERT INTO entries_fts (rowid, title, body, author) VALUES (?, ?, ?, ?)",
        [(entry_id, *words.written) for entry_id, words in entries],
    )
    db.executemany(
        "INSERT INTO entries_stems (rowid, title, body) VALUES (?, ?, ?)",
        [(entry_id, *words.stems) for entry_id, words in entries],
    )


def unindex_entry(db: Db, entry_id: int, text: IndexedText) -> None:
    """Take an entry out; `text` must be what it was indexed with."""
    written, stems, _ = split_text(text)
    db.execute(
        "INSERT INTO entries_fts (entries_fts, rowid, title, body, author) VALUES ('delete', ?, ?, ?, ?)",
        (entry_id, *written),
    )
    db.execute(
        "INSERT INTO entries_stems (entries_stems, rowid, title, body) VALUES ('delete', ?, ?, ?)",
        (entry_id, *stems),
    )


def select_matching(expression: Expression, *, only: MatchField | None = None) -> tuple[str, list[str]]:
    """SQL, with its parameters, that selects the ids of matching entries as `rowid`.

    With `only="title"` wanted words must stand in the title; words left out count everywhere.
    """
    index = _one_index(expression)
    if index:
        return f"SELECT rowid FROM {index} WHERE {index} MATCH ?", [_match(expression, only)]
    # Named one after the other: selections inside selections exceed SQLite's depth within fifty parentheses.
    steps: list[str] = []
    values: list[str] = []
    last = _add_steps(expression, only, steps, values)
    return f"WITH {', '.join(steps)} SELECT rowid FROM {last}", values


def _one_index(expression: Expression) -> str:
    """The index that can answer the whole expression by itself, "" when it takes both."""
    match expression:
        case Term(kind=kind):
            return _INDEX[kind]
        case Either(parts):
            indexes = {_one_index(part) for part in parts}
        case Both(wanted, unwanted):
            indexes = {_one_index(part) for part in (*wanted, *unwanted)}
    return indexes.pop() if len(indexes) == 1 else ""


def _match(expression: Expression, only: MatchField | None) -> str:
    """An FTS5 expression. Words are alphanumeric by construction, so quoting them is enough."""
    match expression:
        case Term(words, kind):
            columns = "{title}" if only == "title" else "{title body}"
            if kind == "word":
                return "(" + " OR ".join(f'{columns} : "{stem}"' for stem in query_stems(words[0])) + ")"
            return f'{columns} : "{" ".join(words)}"' + (" *" if kind == "prefix" else "")
        case Either(parts):
            return "(" + " OR ".join(_match(part, only) for part in parts) + ")"
        case Both(wanted, unwanted):
            kept = " AND ".join(_match(part, only) for part in wanted)
            dropped = " OR ".join(_match(part, None) for part in unwanted)
            return f"(({kept}) NOT ({dropped}))" if dropped else f"({kept})"


def _add_steps(expression: Expression, only: MatchField | None, steps: list[str], values: list[str]) -> str:
    """Append what selects the matching entries, and its parameters; the name of the last step."""
    index = _one_index(expression)
    if index:
        values.append(_match(expression, only))
        return _name(f"SELECT rowid FROM {index} WHERE {index} MATCH ?", steps)
    match expression:
        case Either(parts):
            return _combine("UNION", [_add_steps(part, only, steps, values) for part in _gather(parts, Either)], steps)
        case Both(wanted, unwanted):
            found = [_add_steps(part, only, steps, values) for part in _gather(wanted, Both)]
            kept = _combine("INTERSECT", found, steps)
            left_out = [_add_steps(part, None, steps, values) for part in _gather(unwanted, Either)]
            if not left_out:
                return kept
            return _combine("EXCEPT", [kept, _combine("UNION", left_out, steps)], steps)
        case Term():
            raise AssertionError("a term belongs to one index")


def _gather(parts: Sequence[Expression], kind: type[Both | Either]) -> list[Expression]:
    """The same parts with those that one index can answer put together, so that it is asked once."""
    by_index: dict[str, list[Expression]] = {}
    for part in parts:
        by_index.setdefault(_one_index(part), []).append(part)
    mixed = by_index.pop("", [])
    return [*(kind(tuple(group)) for group in by_index.values()), *mixed]


def _combine(operator: str, names: list[str], steps: list[str]) -> str:
    while len(names) > 1:
        names = [
            _name(
                f" {operator} ".join(f"SELECT rowid FROM {name}" for name in names[start : start + _MOST_AT_ONCE]),
                steps,
            )
            for start in range(0, len(names), _MOST_AT_ONCE)
        ]
    return names[0]


def _name(selection: str, steps: list[str]) -> str:
    name = f"step{len(steps)}"
    steps.append(f"{name} (rowid) AS ({selection})")
    return name
