"""Look-ups by SQL must find what reading every entry finds: words, nearness, patterns and every filter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stored import NOW, entry, store, subscribe
from veille.rank.expression import (
    Both,
    Comparison,
    Either,
    Expression,
    Filter,
    Near,
    Part,
    Pattern,
    Term,
    TermKind,
)
from veille.rank.score import reading_minutes
from veille.store.db import open_store, write
from veille.store.search import Look, select_matching
from veille.store.stories import date_stories, mark_story, note_story
from veille.text import is_in_folder, query_stems, split_words, stem_words

if TYPE_CHECKING:
    from veille.store.db import Db

VOCABULARY = ["grève", "grèves", "fête", "nantes", "running", "run", "faux", "avis", "c++"]
FEEDS = [
    ("a", "Presse/Locale", "Le Monde", ("suivi",)),
    ("b", "Presse", "Monde rural", ()),
    ("c", "Tech", "20 minutes", ()),
]
SITES = ["www.x.example", "news.x.example", "y.example", ""]
COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)


@dataclass(frozen=True)
class Read:
    """What reading knows of an entry."""

    title: str
    body: str
    author: str
    language: str
    feed: int
    host: str
    tags: tuple[str, ...]
    age: int
    words: int
    minutes: int
    marks: frozenset[str]
    sources: int
    story: int


words = st.sampled_from(VOCABULARY).map(lambda word: tuple(split_words(word)))
parts: st.SearchStrategy[Part | None] = st.sampled_from([None, None, "title", "text", "author"])
kinds: st.SearchStrategy[TermKind] = st.sampled_from(["word", "exact", "phrase", "prefix"])


@st.composite
def terms(draw: st.DrawFn, part: st.SearchStrategy[Part | None] = parts) -> Term:
    kind = draw(kinds)
    if kind == "phrase":
        return Term(draw(words) + draw(words), "phrase", draw(part))
    if kind == "prefix":
        return Term(
            (*draw(st.sampled_from([(), ("faux",)])), draw(st.sampled_from(["gre", "run", "n", "av"]))),
            "prefix",
            draw(part),
        )
    return Term(draw(words)[:1], kind, draw(part))


no_part = st.just(None)
nears = st.builds(Near, terms(no_part), terms(no_part), st.integers(0, 3), parts)
patterns = st.builds(
    Pattern,
    st.sampled_from([r"gr.ves?", "faux avis", r"\bRUN\b", r"a, faux (avis|fête)", "e nantes, ", r"c\+\+", "^fête"]),
    parts,
)
filters = st.one_of(
    st.builds(
        Filter, st.just("feed"), st.sampled_from(["1", "2", "monde", "minutes", "http://c.example/feed", "rural monde"])
    ),
    st.builds(Filter, st.just("folder"), st.sampled_from(["presse", "Presse/locale", "tech", "absent"])),
    st.builds(Filter, st.just("tag"), st.sampled_from(["suivi", "Économie", "economie", "absent"])),
    st.builds(Filter, st.just("site"), st.sampled_from(["x.example", "news.x.example", "example", "z.example"])),
    st.builds(Filter, st.just("lang"), st.sampled_from(["fr", "en"])),
    st.builds(Filter, st.just("is"), st.sampled_from(["unread", "read", "starred", "noted"])),
    st.builds(Filter, st.just("sources"), st.sampled_from("0123"), st.sampled_from(COMPARISONS)),
    st.builds(Filter, st.sampled_from(["since", "before"]), st.sampled_from(["1d", "3d", "2026-11-18T08:00:00+00:00"])),
    st.builds(Filter, st.just("read"), st.sampled_from(["1", "2m", "90s", "1,5", "0"]), st.sampled_from(COMPARISONS)),
)
leaves = st.one_of(terms(), terms(), terms(), nears, patterns, filters, filters)


def compound(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return several.map(Either) | st.builds(Both, several, st.lists(inner, max_size=2).map(tuple))


expressions = st.recursive(leaves, compound, max_leaves=8) | st.builds(
    Both, st.just(()), st.lists(leaves, min_size=1, max_size=2).map(tuple)
)
sentences = st.lists(st.sampled_from([*VOCABULARY, "a,"]), max_size=6).map(" ".join)
documents = st.builds(
    Read,
    title=sentences, author=sentences, body=sentences | sentences.map(lambda text: f"{text} {'mot ' * 400}"),
    language=st.sampled_from(["fr", "en", ""]), feed=st.integers(0, 2), host=st.sampled_from(SITES),
    tags=st.lists(st.sampled_from(["Économie", "suivi"]), max_size=1).map(tuple), age=st.integers(0, 4),
    words=st.just(0), minutes=st.just(0), sources=st.just(0), story=st.integers(0, 3),
    marks=st.frozensets(st.sampled_from(["read", "starred", "noted"])),
)  # fmt: skip


def fill(db: Db, texts: list[Read]) -> list[Read]:
    """Store the documents; what there is to know of each once they are in stories."""
    for name, folder, title, tags in FEEDS:
        subscribe(db, name, folder=folder, title=title, tags=tags)
    for number, text in enumerate(texts):
        made = entry(
            str(number), text.title or " ", url=f"http://{text.host}/{number}" if text.host else "",
            content=f"<p>{text.body}</p>",
            author=text.author, language=text.language, tags=text.tags, published_at=NOW - timedelta(days=text.age),
        )  # fmt: skip
        store(db, text.feed + 1, made)
    # Not folded: which entries make a story is drawn, too.
    numbers = [(1000 + text.story, str(number)) for number, text in enumerate(texts)]
    db.executemany("UPDATE entries SET story_id = ? WHERE guid = ?", numbers)
    date_stories(db, {number for number, _ in numbers})
    marks: dict[int, set[str]] = {}
    with write(db):
        for number, text in enumerate(texts):
            story_id = db.execute("SELECT story_id FROM entries WHERE guid = ?", (str(number),)).fetchone()[0]
            marks.setdefault(story_id, set()).update(text.marks)
            for mark in text.marks:
                if mark == "noted":
                    note_story(db, story_id, "n", now=NOW)
                else:
                    mark_story(db, story_id, {"read": "read", "starred": "star"}[mark], now=NOW)
    return [_read(db, number, text, marks) for number, text in enumerate(texts)]


def _read(db: Db, number: int, text: Read, marks: dict[int, set[str]]) -> Read:
    row = db.execute("SELECT story_id, words FROM entries WHERE guid = ?", (str(number),)).fetchone()
    told = db.execute("SELECT url, feed_id FROM entries WHERE story_id = ?", (row["story_id"],)).fetchall()
    outlets = {re.sub(r"^http://(www\.)?|/.*", "", url) or f"feed {feed}" for url, feed in told}
    return Read(
        **{
            name: getattr(text, name)
            for name in ("title", "body", "author", "language", "feed", "host", "tags", "age", "story")
        },
        words=row["words"],
        minutes=reading_minutes(row["words"], text.language),
        marks=frozenset(marks[row["story_id"]]),
        sources=len(outlets),
    )


def texts_of(part: Part | None, read: Read) -> list[str]:
    return {None: [read.title, read.body], "title": [read.title], "text": [read.body], "author": [read.author]}[part]


def holds(expression: Expression, read: Read) -> bool:
    """Whether an entry matches, found by reading it."""
    match expression:
        case Term(part=part):
            return any(_stands(expression, part, text, read.language) for text in texts_of(part, read))
        case Near(one, other, distance, part):
            return any(
                max(a, b) - min(a + m, b + n) <= distance if a != b else True
                for text in texts_of(part, read)
                for a, m in _stands(one, part, text, read.language)
                for b, n in _stands(other, part, text, read.language)
            )
        case Pattern(text, part):
            return any(re.search(text, found, re.IGNORECASE) for found in texts_of(part, read))
        case Filter(name, value, comparison):
            return _passes(name, value, comparison, read)
        case Either(inner):
            return any(holds(one, read) for one in inner)
        case Both(wanted, unwanted):
            return all(holds(one, read) for one in wanted) and not any(holds(one, read) for one in unwanted)


def _stands(term: Term, part: Part | None, text: str, language: str) -> list[tuple[int, int]]:
    """Where a term stands among the words of a text, and how many words it is."""
    read = split_words(text)
    count = len(term.words)
    if term.kind == "word" and part != "author":
        stems = stem_words(read, language)
        return [(at, 1) for at, stem in enumerate(stems) if stem in query_stems(term.words[0])]
    found = [(at, tuple(read[at : at + count])) for at in range(len(read) - count + 1)]
    if term.kind == "prefix":
        return [
            (at, count) for at, some in found if some[:-1] == term.words[:-1] and some[-1].startswith(term.words[-1])
        ]
    return [(at, count) for at, some in found if some == term.words]


def _passes(name: str, value: str, comparison: Comparison, read: Read) -> bool:  # noqa: PLR0911 - a line a filter
    key, folder, title, tags = FEEDS[read.feed]
    moment = {"1d": NOW - timedelta(days=1), "3d": NOW - timedelta(days=3)}
    match name:
        case "feed":
            return value in {str(read.feed + 1), f"http://{key}.example/feed"} or (
                not value.isdecimal() and f" {value} " in f" {title.lower()} "
            )
        case "folder":
            return is_in_folder(folder, value)
        case "tag":
            plain = value.replace("É", "e").lower()
            return any(tag.replace("É", "e").lower() == plain for tag in (*tags, *read.tags))
        case "site":
            return f".{read.host}".endswith(f".{value}")
        case "lang":
            return read.language == value
        case "is":
            return ("read" not in read.marks) if value == "unread" else value in read.marks
        case "since" | "before":
            at = moment.get(value) or datetime.fromisoformat(value)
            return (NOW - timedelta(days=read.age) >= at) == (name == "since")
        case "sources":
            return _compare(read.sources, comparison, int(value))
        case _:
            minutes = {"1": 1.0, "2m": 2.0, "90s": 1.5, "1,5": 1.5, "0": 0.0}[value]
            return _compare(read.minutes, comparison, minutes)


def _compare(number: float, comparison: Comparison, other: float) -> bool:
    return {
        "=": number == other, "<": number < other, "<=": number <= other, ">": number > other, ">=": number >= other,
    }[comparison]  # fmt: skip


@pytest.mark.parametrize("asked", [expressions, nears, patterns, filters], ids=["all", "near", "patterns", "filters"])
@settings(max_examples=60)
@given(texts=st.lists(documents, max_size=6), data=st.data())
def test_what_sql_finds_is_what_reading_finds(
    asked: st.SearchStrategy[Expression], texts: list[Read], data: st.DataObject
) -> None:
    with TemporaryDirectory() as place, open_store(Path(place) / "v.db", busy_timeout=timedelta(seconds=1)) as db:
        read = fill(db, texts)
        ids = dict(map(tuple, db.execute("SELECT guid, id FROM entries")))
        low, high = sorted((data.draw(st.integers(1000, 1006)), data.draw(st.integers(1000, 1006))))
        some = [entry_id for entry_id in ids.values() if entry_id % 2]
        looks = {
            Look(now=NOW): set(ids.values()),
            Look(now=NOW, low=low, high=high): set(range(low, high + 1)),
            Look(now=NOW, low=1000, high=1003, among=str(some)): {one for one in some if one <= 1003},
        }
        for expression in data.draw(st.lists(asked, min_size=6, max_size=12)):
            expected = {ids[str(number)] for number, one in enumerate(read) if holds(expression, one)}
            for look, inside in looks.items():
                sql, values = select_matching(expression, look=look)
                assert {entry_id for (entry_id,) in db.execute(sql, values)} == expected & inside, expression
