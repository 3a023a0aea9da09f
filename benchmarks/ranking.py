"""How well `top` ranks by keywords, beside plain full-text search and beside the newest first.

In: the directory of the labelled headlines, and `topics.toml`, the rules that twenty topics are looked for with.
Out: Markdown. A topic is a labelled story; its headlines of one half were read to write its rules, those of the other
half are to be found among all headlines of that half.

    half      the parity of the CRC-32 of a headline's folded title: 0 was read, 1 is ranked; copies stay together
    french    stories of at least 12 headlines; they have no times, so each gets one of the day drawn from its title
    english   stories by size, the 1st, the 7th, the 13th... down to 24 headlines; ties in the order of the file
"""

from __future__ import annotations

import argparse
import json
import math
import sqlite3
import tomllib
from collections import Counter
from datetime import timedelta
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from labelled import CORPUS, Labelled, read_day, read_english
from measure import describe_machine, write_table
from shelves import SINCE, Shelf, fill_shelf, place_of
from veille.app.ranking import Cut, Window, rank_window
from veille.rank.expression import Near, Term, list_leaves
from veille.rank.query import parse_query
from veille.text import fold, stem_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from veille.app.home import Home

_TOPICS = Path(__file__).with_name("topics.toml")
_RANKED = 1
_LANGUAGES = {"french": "fr", "english": "en"}
_LEAST_FRENCH, _LEAST_ENGLISH, _STEP = 12, 24, 6
_DEPTH = 20
_DAY = timedelta(days=1)
_WAYS = ("top --kw", "bm25, folded", "top --kw, unfolded", "bm25", "bm25 of stems", "newest", "top, as rules")

_NOTE = """Cells are nDCG@{depth} / precision@{depth}; a headline is relevant or not. Every way ranks the same titles:
those of the half that the rules were not written from, all other topics' and unlabelled ones among them. A folded
story is judged by its lead alone and counts once: *best P* is the precision of a perfect list of headlines (between
brackets, of folded stories).

- *top --kw*: stored and folded by veille, `top --kw RULE --kw RULE...` with the rules' weights; *unfolded*: each
  headline a story. *as rules*: folded, the rules in rules.toml, no `--kw`: outlets, freshness and fairness count too.
- *bm25*: FTS5 as it comes (unicode61), the words of the same rules joined by OR; *of stems*: the same over veille's own
  index of stems; *folded*: the stories of *bm25*, each where its best headline is. What matches nothing follows, the
  newest first.
"""


class Topic(NamedTuple):
    """A labelled story, and the rules that look for it."""

    set: str
    label: str
    name: str
    rules: list[str]


class Judged(NamedTuple):
    """nDCG and precision of a list, and the best precision it could have."""

    ndcg: float
    precision: float
    best: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="the directory of the labelled headlines")
    corpus = parser.parse_args().corpus
    sets = {"french": _spread(read_day(corpus)), "english": [one for one in read_english(corpus) if one.story]}
    if not all(sets.values()):
        print(f"No labelled headlines in {corpus.name}: nothing is measured.")
        return
    topics = [Topic(**topic) for topic in tomllib.loads(_TOPICS.read_text(encoding="utf-8"))["topics"]]
    chosen = [(name, label) for name, rows in sets.items() for label in _choose_labels(name, rows)]
    if [(topic.set, topic.label) for topic in topics] != chosen:
        parser.error(f"{_TOPICS.name} has other topics than are to be judged: {chosen}")
    print(f"# Ranking by keywords\n\n{describe_machine()}, SQLite {sqlite3.sqlite_version}.\n")
    print(_NOTE.format(depth=_DEPTH))
    print(write_table(("topic", "relevant", "best P", *_WAYS), _judge_sets(sets, topics)))


# --- topics -----------------------------------------------------------------


def half_of(one: Labelled) -> int:
    """Whether rules may be written from a headline (0), or are judged on it (1)."""
    return crc32(fold(one.title).encode()) % 2


def _choose_labels(name: str, rows: Sequence[Labelled]) -> list[str]:
    by_size = Counter(one.story for one in rows if one.story).most_common()
    if name == "french":
        return [label for label, size in by_size if size >= _LEAST_FRENCH]
    return [label for label, size in by_size[::_STEP] if size >= _LEAST_ENGLISH]


def _spread(day: Sequence[Labelled]) -> list[Labelled]:
    """The same headlines, each at a time of its own."""
    return [one._replace(at=one.at + _DAY * (crc32(one.title.encode()) / 2**32)) for one in day]


# --- judging ----------------------------------------------------------------


def judge(listed: Sequence[bool], relevant: int) -> Judged:
    """How good a list is of which each item is relevant or not, when so many are: DCG by log2 over that of the best."""
    best = min(relevant, _DEPTH)
    gains = [1 / math.log2(place + 1) for place in range(1, _DEPTH + 1)]
    gained = math.fsum(gain for gain, good in zip(gains, listed, strict=False) if good)
    ndcg = gained / math.fsum(gains[:best]) if best else 0.0
    return Judged(ndcg, sum(listed[:_DEPTH]) / _DEPTH, best / _DEPTH)


def _judge_sets(sets: dict[str, list[Labelled]], topics: Sequence[Topic]) -> Iterator[list[str]]:
    everything: list[list[Judged]] = []
    for name, rows in sets.items():
        own = [topic for topic in topics if topic.set == name]
        with fill_shelf([one for one in rows if half_of(one) == _RANKED], language=_LANGUAGES[name]) as shelf:
            judged = [_judge_topic(shelf, topic) for topic in own]
            for topic, cells in zip(own, judged, strict=True):
                count = sum(one.story == topic.label for one in shelf.rows)
                yield _row(topic.name, str(count), cells)
        yield _row(f"**{name}, {len(own)} topics of {len(shelf.rows)} headlines**", "", _average(judged))
        everything += judged
    yield _row(f"**all {len(everything)} topics**", "", _average(everything))


def _judge_topic(shelf: Shelf, topic: Topic) -> list[Judged]:
    rules, leads = topic.rules, sorted(set(shelf.lead_of))
    plain = _search_plain(shelf, rules)
    lists = {
        "top --kw": (_rank(shelf.folded, rules), leads),
        "bm25, folded": (list(dict.fromkeys(shelf.lead_of[at] for at in plain)), leads),
        "top --kw, unfolded": (_rank(shelf.unfolded, rules), None),
        "bm25": (plain, None),
        "bm25 of stems": (_search_stems(shelf, rules), None),
        "newest": (_order_newest(shelf), None),
        "top, as rules": (_rank_by_rules(shelf.folded, rules), leads),
    }
    good = [one.story == topic.label for one in shelf.rows]
    return [
        judge([good[at] for at in listed], sum(good) if among is None else sum(good[at] for at in among))
        for listed, among in (lists[way] for way in _WAYS)
    ]


def _average(judged: Sequence[Sequence[Judged]]) -> list[Judged]:
    return [Judged(*(mean(figures) for figures in zip(*column, strict=True))) for column in zip(*judged, strict=True)]


def _row(name: str, count: str, cells: Sequence[Judged]) -> list[str]:
    folded, unfolded = (cells[_WAYS.index(way)] for way in ("top --kw", "top --kw, unfolded"))
    return [
        name,
        count,
        f"{unfolded.best:.2f} ({folded.best:.2f})",
        *(f"{cell.ndcg:.3f} / {cell.precision:.2f}" for cell in cells),
    ]


# --- the ways to rank -------------------------------------------------------


def _rank(home: Home, keywords: Sequence[str]) -> list[int]:
    """The leads of what `top` shows first."""
    found = rank_window(home, Window(since=SINCE), keywords=keywords, cut=Cut(most=_DEPTH))
    return [place_of(home.db, one.story.lead.entry_id) for one in found.stories]


def _rank_by_rules(home: Home, rules: Sequence[str]) -> list[int]:
    queries = [parse_query(rule) for rule in rules]
    home.places.rules.write_text(
        "".join(f"[[rule]]\nmatch = {json.dumps(query.text)}\nweight = {query.weight}\n\n" for query in queries),
        encoding="utf-8",
    )
    listed = _rank(home, ())
    home.places.rules.unlink()
    return listed


def _search_plain(shelf: Shelf, rules: Sequence[str]) -> list[int]:
    """Every headline: what is found, then what is new."""
    found = shelf.plain.execute(
        "SELECT rowid - 1 FROM headlines WHERE headlines MATCH ? ORDER BY rank, rowid",
        (_join_words(rules, lambda word: word),),
    )
    return list(dict.fromkeys([*(at for (at,) in found), *_order_newest(shelf)]))


def _search_stems(shelf: Shelf, rules: Sequence[str]) -> list[int]:
    found = shelf.unfolded.db.execute(
        "SELECT rowid FROM entries_stems WHERE entries_stems MATCH ? ORDER BY rank, rowid LIMIT ?",
        (_join_words(rules, lambda word: stem_word(word, shelf.language)), _DEPTH),
    )
    places = [place_of(shelf.unfolded.db, entry_id) for (entry_id,) in found]
    return list(dict.fromkeys([*places, *_order_newest(shelf)]))


def _order_newest(shelf: Shelf) -> list[int]:
    return sorted(range(len(shelf.rows)), key=lambda at: shelf.rows[at].at, reverse=True)


def _join_words(rules: Sequence[str], write_word: Callable[[str], str]) -> str:
    """The words that the rules want, each once, for FTS5."""
    words: dict[str, None] = {}
    for rule in rules:
        for leaf in list_leaves(parse_query(rule).expression, wanted_only=True):
            for term in (leaf.one, leaf.other) if isinstance(leaf, Near) else (leaf,):
                if isinstance(term, Term):
                    starts = term.kind == "prefix"
                    words |= dict.fromkeys(f'"{word}"*' if starts else f'"{write_word(word)}"' for word in term.words)
    return " OR ".join(words)


if __name__ == "__main__":
    main()
