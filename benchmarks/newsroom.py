"""Feeds that never were: a seeded generator of French and English outlets.

In: a `Spec` and the present. Out: documents of RSS or Atom, the same bytes for the same spec, with
entries of 1 to 2 kB whose names are as varied as names are. Knows nothing of sockets.
"""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

FRESH_SHARE = 0.3
FRESH_ENTRIES = 3

_COPIES = 0.05  # of the entries are a dispatch that about four outlets carry
_COPIES_EACH = 4
_FRENCH_SHARE = 2 / 3
_ATOM_SHARE = 1 / 3
_SENTENCES = 6000
_NAMES = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What to generate. Entries are spread over the last `days`, newest first."""

    feeds: int
    entries: int
    seed: int = 1
    days: float = 10.0
    now: datetime


class Entry(NamedTuple):
    """What a document says of one article."""

    title: str
    url: str
    guid: str
    at: datetime
    author: str
    topic: str
    summary: str
    body: str


class Tongue(NamedTuple):
    """The word lists of a language, from which headlines and sentences are put together."""

    code: str
    who: Sequence[str]
    does: Sequence[str]
    what: Sequence[str]
    when: Sequence[str]
    joins: Sequence[str]
    topics: Sequence[str]


_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
TONGUES = {code: Tongue(code=code, **_WORDS[code]) for code in ("fr", "en")}


def is_atom(spec: Spec, feed: int) -> bool:
    """Whether a feed is Atom; the others are RSS 2.0."""
    return random.Random(f"{spec.seed}/{feed}/format").random() < _ATOM_SHARE


def is_fresh(spec: Spec, feed: int) -> bool:
    """Whether a feed has new entries at every round."""
    return random.Random(f"{spec.seed}/{feed}/fresh").random() < FRESH_SHARE


def render_feed(spec: Spec, feed: int, *, number: int = 0) -> bytes:
    """The document of a feed at a round: 0 is the first, a fresh feed rolls over a little at each."""
    tongue = _tongue_of(spec, feed)
    name = f"{draw_name(spec.seed, feed % _NAMES)} {feed}"
    first = number * FRESH_ENTRIES if is_fresh(spec, feed) else 0
    places = range(first + spec.entries - 1, first - 1, -1)
    entries = [_write_entry(spec, feed, place, name=name, tongue=tongue) for place in places]
    site = f"https://www.outlet-{feed}.example/"
    if is_atom(spec, feed):
        return _render_atom(name, site, tongue.code, entries).encode()
    return _render_rss(name, site, tongue.code, entries).encode()


def _tongue_of(spec: Spec, feed: int) -> Tongue:
    return TONGUES["fr" if random.Random(f"{spec.seed}/{feed}/tongue").random() < _FRENCH_SHARE else "en"]


def _write_entry(spec: Spec, feed: int, place: int, *, name: str, tongue: Tongue) -> Entry:
    """`place` counts from the oldest entry of round 0; places beyond it are new at later rounds."""
    draw = random.Random(f"{spec.seed}/{feed}/{place}")
    title, url = write_headline(draw, spec.seed, tongue), f"https://www.outlet-{feed}.example/{place}"
    if draw.random() < _COPIES:
        title, url = _copy_dispatch(draw, spec, name=name, tongue=tongue, own_url=url)
    step = spec.days * 86400 / spec.entries
    age = max(0.0, (spec.entries - 1 - place + draw.random()) * step)
    sentences = draw.choices(list_sentences(spec.seed, tongue.code), k=draw.randint(4, 9))
    third = len(sentences) // 3
    return Entry(
        title=title,
        url=f"{url}?utm_source=rss&amp;utm_medium=feed" if draw.random() < FRESH_SHARE else url,
        guid=f"tag:outlet-{feed}.example,2020:{place}",
        at=spec.now - timedelta(seconds=age),
        author=draw_name(spec.seed, draw.randrange(_NAMES)),
        topic=draw.choice(tongue.topics),
        summary=sentences[0],
        body="".join(
            f"&lt;p&gt;{' '.join(part)}&lt;/p&gt;" for part in (sentences[1:third], sentences[third:]) if part
        ),
    )


def _copy_dispatch(draw: random.Random, spec: Spec, *, name: str, tongue: Tongue, own_url: str) -> tuple[str, str]:
    """The agency's title and the outlet's address, with its suffix; or the agency's own address."""
    dispatches = max(1, int(spec.feeds * spec.entries * _COPIES / _COPIES_EACH))
    dispatch = draw.randrange(dispatches)
    title = write_headline(random.Random(f"{spec.seed}/dispatch/{dispatch}/{tongue.code}"), spec.seed, tongue)
    match draw.randrange(3):
        case 0:
            return title, f"https://agency.example/{tongue.code}/{dispatch}"
        case 1:
            return f"{title} - {name}", own_url
        case _:
            return title, own_url


def write_headline(draw: random.Random, seed: int, tongue: Tongue) -> str:
    """Who does what, when and where."""
    place = draw_name(seed, draw.randrange(_NAMES))
    parts = [draw.choice(tongue.who), draw.choice(tongue.does), draw.choice(tongue.what)]
    if draw.random() < 1 / 2:
        parts.append(draw.choice(tongue.when))
    text = " ".join(parts)
    if draw.random() < 1 / 2:
        return f"{place} : {text}" if tongue.code == "fr" else f"{place}: {text}"
    preposition = "à" if tongue.code == "fr" else "in"
    return f"{text[0].upper()}{text[1:]} {preposition} {place}"


@cache
def list_sentences(seed: int, code: str) -> list[str]:
    """Sentences to draw bodies from: enough that two bodies seldom share one."""
    draw = random.Random(f"{seed}/sentences/{code}")
    return [_write_sentence(draw, seed, TONGUES[code]) for _ in range(_SENTENCES)]


def _write_sentence(draw: random.Random, seed: int, tongue: Tongue) -> str:
    first, second = (" ".join(map(draw.choice, (tongue.who, tongue.does, tongue.what, tongue.when))) for _ in range(2))
    name = draw_name(seed, draw.randrange(_NAMES))
    source = f"({name}, {draw.randint(2, 98)} %)"
    return f"{first[0].upper()}{first[1:]}, {draw.choice(tongue.joins)} {second} {source}."


@cache
def draw_name(seed: int, number: int) -> str:
    """A proper name of two or three syllables."""
    draw, names = random.Random(f"{seed}/name/{number}"), _WORDS["names"]
    middle = draw.choice(names["middles"]) if draw.random() < 2 / 3 else ""
    return f"{draw.choice(names['starts'])}{middle}{draw.choice(names['ends'])}"


def _render_rss(name: str, site: str, language: str, entries: list[Entry]) -> str:
    items = "".join(
        f"<item><title>{entry.title}</title><link>{entry.url}</link>"
        f'<guid isPermaLink="false">{entry.guid}</guid>'
        f"<pubDate>{format_datetime(entry.at, usegmt=True)}</pubDate>"
        f"<dc:creator>{entry.author}</dc:creator><category>{entry.topic}</category>"
        f"<description>{entry.summary}</description><content:encoded>{entry.body}</content:encoded></item>\n"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{name}</title><link>{site}</link><description>{name}</description>"
        f"<language>{language}</language>\n"
        f"{items}</channel></rss>\n"
    )


def _render_atom(name: str, site: str, language: str, entries: list[Entry]) -> str:
    items = "".join(
        f'<entry><title>{entry.title}</title><link rel="alternate" href="{entry.url}"/><id>{entry.guid}</id>'
        f"<published>{_write_iso(entry.at)}</published><updated>{_write_iso(entry.at)}</updated>"
        f'<author><name>{entry.author}</name></author><category term="{entry.topic}"/>'
        f'<summary>{entry.summary}</summary><content type="html">{entry.body}</content></entry>\n'
        for entry in entries
    )
    newest = max((entry.at for entry in entries), default=datetime.fromtimestamp(0, UTC))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">'
        f'<title>{name}</title><link rel="alternate" href="{site}"/><id>{site}</id>'
        f"<updated>{_write_iso(newest)}</updated>\n{items}</feed>\n"
    )


def _write_iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
