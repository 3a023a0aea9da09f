"""An archive of generated entries, written straight into veille's tables, and rules of a known density.

In: a directory, how many entries, the present. Out: a `veille.db` in it, as fetching, folding and reading would leave
it (fetching a million entries takes an hour, writing them four minutes). Which rules match is left to be found.
"""

from __future__ import annotations

import json
import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from newsroom import TONGUES, draw_name, list_sentences, write_headline
from veille.rank.pages import page_key
from veille.store.db import open_store, write
from veille.store.search import Words, index_entries
from veille.store.window import fill_window
from veille.text import split_words, stem_words
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veille.store.db import Db

A_DAY = 5000
# Which part of the entries a word of a rule stands in: least, most.
DENSITY = (0.002, 0.02)
FEEDS = 1000

_AT_ONCE = 5000
_SEED = 1
_NAMES = 3000
_COPIES = 0.05  # of the entries are a dispatch that about four outlets carry
_DISPATCH_EVERY = 80
_RECENT_DISPATCHES = 40
_READ_EVERY = 10
_FOLDERS = ("Presse/Nationale", "Presse/Locale", "Tech", "Marque")
_COLUMNS = (
    "id, feed_id, story_id, duplicate_of, published_at, first_seen_at, guid, fingerprint, url, title, author, language,"
    " words, summary, tags, page"
)


class _Sentence(NamedTuple):
    """A sentence with its words and their stems, which are the same wherever it stands."""

    text: str
    words: str
    stems: str
    length: int


@contextmanager
def open_archive(home: Path) -> Iterator[Db]:
    """The archive's database."""
    with open_store(home / "veille.db", busy_timeout=timedelta(seconds=60)) as db:
        yield db


def fill_archive(home: Path, *, entries: int) -> None:
    """Write the archive: `A_DAY` entries a day up to now, of which a tenth is read, one in a hundred copies."""
    now = datetime.now(UTC).replace(microsecond=0)
    start = now - timedelta(days=entries / A_DAY)
    with open_archive(home) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -200000")
        with write(db):
            _write_feeds(db, start)
        _Writer(start).write(db, entries)
        with write(db):
            db.execute(
                "INSERT INTO stories (id, first_at, last_at)"
                " SELECT story_id, min(published_at), max(published_at) FROM entries GROUP BY story_id"
            )
            db.execute(
                "INSERT INTO marks (story_id, read_at) SELECT id, last_at FROM stories WHERE id % ? = 0", (_READ_EVERY,)
            )
            fill_window(db)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def write_rules(home: Path, *, count: int) -> str:
    """Write `count` rules to rules.toml; its text."""
    blocks = [
        f"[[rule]]\nname = \"rule {number}\"\nmatch = '{text}'\nweight = {number % 5 + 1}\n"
        for number, text in enumerate(list_rules(home, count=count))
    ]
    text = "\n".join(blocks)
    (home / "rules.toml").write_text(text, encoding="utf-8")
    return text


def list_rules(home: Path, *, count: int = 1) -> list[str]:
    """Expressions for rules, the same for the same archive; fewer are the first of more."""
    with open_archive(home) as db:
        words = _list_words(db)
    draw = random.Random(f"{_SEED}/rules")
    made: dict[str, None] = {}
    while len(made) < count:
        made[_write_rule(draw, words, len(made))] = None
    return list(made)


def _write_rule(draw: random.Random, words: list[str], number: int) -> str:
    """The forms that rules have: a word, a choice, one in titles, a choice without a word, a beginning."""
    one, other, third = draw.sample(words, 3)
    match number % 6:
        case 0 | 1:
            return one
        case 2:
            return f"{one} OR {other}"
        case 3:
            return f"title:{one} OR {other}"
        case 4:
            return f"({one} OR {other}) -{third}"
        case _:
            return f'"{one}" OR {other[:-1]}*'


def _list_words(db: Db) -> list[str]:
    """The words whose density is that of rules, in an order of their own."""
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.words USING fts5vocab('main', 'entries_fts', 'row')")
    (stored,) = db.execute("SELECT count(*) FROM entries").fetchone()
    least, most = (int(share * stored) for share in DENSITY)
    rows = db.execute(
        "SELECT term FROM temp.words WHERE doc BETWEEN ? AND ? AND length(term) > 4 ORDER BY term", (least, most)
    )
    return [term for (term,) in rows]


def _write_feeds(db: Db, start: datetime) -> None:
    for feed_id in range(1, FEEDS + 1):
        site = f"https://www.outlet-{feed_id}.example/"
        db.execute(
            "INSERT INTO feeds (id, url, feed_title, site_url, folder, added_at) VALUES (?, ?, ?, ?, ?, ?)",
            (feed_id, f"{site}feed", f"{draw_name(_SEED, feed_id)} {feed_id}", site,
             _FOLDERS[feed_id % len(_FOLDERS)], to_stored(start)),
        )  # fmt: skip
        db.execute("INSERT INTO feed_states (feed_id, status) VALUES (?, 'ok')", (feed_id,))


class _Writer:
    """Entries in the order in which they came; a few feeds publish most of them."""

    def __init__(self, start: datetime) -> None:
        self._draw = random.Random(_SEED)
        self._start = start
        self._dispatches: dict[tuple[str, int], int] = {}

    def write(self, db: Db, entries: int) -> None:
        (first,) = db.execute("SELECT seq + 1 FROM sqlite_sequence WHERE name = 'entries'").fetchone()
        marks = ", ".join("?" * (_COLUMNS.count(",") + 1))
        for begin in range(0, entries, _AT_ONCE):
            made = [self._make(first, number) for number in range(begin, min(entries, begin + _AT_ONCE))]
            with write(db):
                db.executemany(f"INSERT INTO entries ({_COLUMNS}) VALUES ({marks})", [row for row, _, _ in made])
                db.executemany("INSERT INTO contents VALUES (?, ?)", [(row[0], html) for row, html, _ in made])
                index_entries(db, [(row[0], words) for row, _, words in made])

    def _make(self, first: int, number: int) -> tuple[tuple[int, *tuple[object, ...]], str, Words]:
        draw, entry_id = self._draw, first + number
        feed = int(FEEDS * draw.random() ** 1.5) + 1
        code = "fr" if feed % 3 else "en"
        at = self._start + timedelta(days=number / A_DAY) - timedelta(hours=6 * draw.random())
        story, title = entry_id, ""
        if draw.random() < _COPIES:
            latest = number // _DISPATCH_EVERY
            key = (code, draw.randrange(max(0, latest - _RECENT_DISPATCHES), latest + 1))
            title = write_headline(random.Random(f"{_SEED}/{key}"), _SEED, TONGUES[code])
            story = self._dispatches.setdefault(key, entry_id)
        title = title or write_headline(draw, _SEED, TONGUES[code])
        parts = draw.choices(_cut_sentences(code), k=draw.randint(4, 9))
        words, author = split_words(title), draw_name(_SEED, draw.randrange(_NAMES))
        url = f"https://www.outlet-{feed}.example/{number}"
        row = (
            entry_id, feed, story, None if story == entry_id else story, to_stored(at), to_stored(at), str(number), "",
            url, title, author, code, sum(part.length for part in parts), parts[0].text,
            json.dumps([draw.choice(TONGUES[code].topics)]), page_key(url),
        )  # fmt: skip
        indexed = Words(
            written=(" ".join(words), " ".join(part.words for part in parts), " ".join(split_words(author))),
            stems=(" ".join(stem_words(words, code)), " ".join(part.stems for part in parts)),
            read=0,
        )
        return row, f"<p>{' '.join(part.text for part in parts[1:])}</p>", indexed


@cache
def _cut_sentences(code: str) -> list[_Sentence]:
    cut = []
    for text in list_sentences(_SEED, code):
        words = split_words(text)
        cut.append(_Sentence(text, " ".join(words), " ".join(stem_words(words, code)), len(words)))
    return cut
