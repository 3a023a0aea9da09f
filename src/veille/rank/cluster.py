"""Copies of an article, in one feed or in many, become one story.

Headlines in, one placement for each new one out. What is already in a story stays there: nothing
here merges two stories, splits one or forgets an entry. `similar.py` says which two titles are
copies; this room finds the pairs worth asking about, and keeps a story from growing by hearsay: a
group joins another when it agrees with the title of the founder or with half of all titles, when no
number of one is denied by the other, and within the window of the entry that founded the story.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, islice, product
from typing import TYPE_CHECKING, NamedTuple

from veille.model import Headline, Placement
from veille.rank.pairs import find_pages, likely_pairs
from veille.rank.similar import (
    TitleKey,
    content_words,
    numbers_clash,
    same_title,
    title_key,
)
from veille.settings import FoldSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

# A feed that gives a title again under another address has published it twice when it does so
# within half a day; later, or more often, the title is the name of a series.
_REPEAT_GAP = timedelta(hours=12)
_MOST_REPEATS = 3
_ADDRESS_SCORE = 101.0

# What keeps folding linear: under one title or address, entries are linked to the next few in time; a
# sample of a title's many entries to those of a similar title; a group is known by its first titles.
_NEIGHBOURS, _CROWD, _SAMPLE = 4, 50, 8
# Words replaced in more ways than this are the slot of a template.
_MOST_WAYS = 8


def fold(new: Sequence[Headline], known: Sequence[Headline], settings: FoldSettings | None = None) -> list[Placement]:
    """One placement for each of `new`, by entry id, whatever the order of either sequence.

    A new headline joins the story among `known` that it matches best; those left form stories among
    themselves. A story's id is that of the entry that founded it, the smallest of its group; the
    founder is the original, every other entry its duplicate.
    """
    if not new:
        return []
    evidence = _gather(new, known, settings or FoldSettings())
    links = sorted({*_link_pages(evidence), *_link_titles(evidence)})
    groups = _found_groups(evidence, {link.story for link in links})
    _join(evidence, groups, [link for link in links if link.story])
    _join(evidence, groups, [link for link in links if not link.story])
    founders = {h.entry_id: groups[h.entry_id].founder.entry_id for h in new}
    return [
        Placement(
            entry_id=entry_id,
            story_id=groups[entry_id].story or founder,
            duplicate_of=None if entry_id == founder else founder,
        )
        for entry_id, founder in sorted(founders.items())
    ]


# --- what the headlines show ------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """The headlines by entry id, with what they have in common and how alike they are.

    A text is a title's content words; `series` holds those that a feed uses again and again. Known
    headlines have a page only when it is that of a new one.
    """

    settings: FoldSettings
    headlines: dict[int, Headline]
    texts: dict[int, str]
    same_text: dict[str, list[Headline]]
    pages: dict[int, str]
    series: frozenset[tuple[int, str]]
    keys: dict[str, TitleKey] = field(default_factory=dict)
    scores: dict[tuple[str, str, bool], float] = field(default_factory=dict)

    def key(self, text: str) -> TitleKey:
        """The key of a text: that of the oldest title that has it."""
        if text not in self.keys:
            oldest = min(self.same_text[text], key=lambda headline: headline.entry_id)
            self.keys[text] = title_key(oldest.title)
        return self.keys[text]

    def score(self, a: str, b: str, *, one_feed: bool = False) -> float:
        """`same_title` of two texts."""
        pair = (min(a, b), max(a, b), one_feed)
        if pair not in self.scores:
            key_a, key_b, threshold = self.key(pair[0]), self.key(pair[1]), self.settings.threshold
            self.scores[pair] = same_title(key_a, key_b, threshold=threshold, one_feed=one_feed)
        return self.scores[pair]

    def refute(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Take back that the titles of these pairs are alike."""
        self.scores.update(((*pair, False), 0.0) for pair in pairs)

    def repeats(self, feed_id: int, a: str, b: str) -> bool:
        """Whether one feed's two titles, given within half a day, are one article."""
        known_series = (feed_id, a) in self.series or (feed_id, b) in self.series
        return not known_series and bool(self.score(a, b, one_feed=True))


def _gather(new: Sequence[Headline], known: Sequence[Headline], settings: FoldSettings) -> _Evidence:
    arrivals = {headline.entry_id for headline in new}
    placed = [h for h in known if h.story_id is not None and h.entry_id not in arrivals]
    headlines = {headline.entry_id: headline for headline in chain(placed, new)}
    texts = {entry_id: " ".join(content_words(headline.title)) for entry_id, headline in headlines.items()}
    same_text = defaultdict(list)
    for entry_id, text in texts.items():
        same_text[text].append(headlines[entry_id])
    uses = Counter((headline.feed_id, texts[entry_id]) for entry_id, headline in headlines.items())
    return _Evidence(
        settings=settings,
        headlines=headlines,
        texts=texts,
        same_text=same_text,
        pages=find_pages(new, placed, texts),
        series=frozenset(title for title, count in uses.items() if count > _MOST_REPEATS),
    )


# --- pairs that look alike --------------------------------------------------


class _Link(NamedTuple):
    """Two headlines that look alike, best first in order; `story` is 0 between new ones."""

    minus_score: float
    story: int
    one: int
    other: int


def _link_pages(evidence: _Evidence) -> Iterator[_Link]:
    """Links between entries of one page."""
    same_page = defaultdict(list)
    for entry_id, page in evidence.pages.items():
        same_page[page].append(evidence.headlines[entry_id])
    for headlines in same_page.values():
        yield from _link_neighbours(evidence, headlines, _ADDRESS_SCORE)


def _link_titles(evidence: _Evidence) -> Iterator[_Link]:
    """Links between entries of near-identical titles."""
    new = {evidence.texts[entry_id] for entry_id, h in evidence.headlines.items() if h.story_id is None}
    likely = {(min(pair), max(pair)) for pair in likely_pairs(new - {""}, evidence.same_text)}
    pairs = [(a, b) for a, b in likely if a == b or evidence.score(a, b)]
    evidence.refute(_find_templates(pairs))
    for a, b in pairs:
        crowds = [sorted(evidence.same_text[text], key=_age) for text in sorted({a, b})]
        if a != b:
            crowds = [crowd[:: 1 + len(crowd) // _CROWD] for crowd in crowds]
        headlines = list(chain.from_iterable(crowds))
        if len(headlines) > 1 and (score := evidence.score(a, b)):
            yield from _link_neighbours(evidence, headlines, score)


def _find_templates(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The pairs whose difference is a slot that many words fill: a town, a sign, a team."""
    filled = [(a, b) for a, b in pairs if set(a.split()) - set(b.split()) and set(b.split()) - set(a.split())]
    ways = Counter(chain.from_iterable(filled))
    return (pair for pair in filled if max(ways[text] for text in pair) > _MOST_WAYS)


def _link_neighbours(evidence: _Evidence, headlines: Iterable[Headline], score: float) -> Iterator[_Link]:
    """Links between new headlines and those near them in time; the founder or oldest speaks for a story."""
    speakers: dict[tuple[int, int], Headline] = {}
    for headline in sorted(headlines, key=lambda headline: (headline.entry_id != headline.story_id, headline.entry_id)):
        place = (headline.story_id, 0) if headline.story_id else (0, headline.entry_id)
        speakers.setdefault(place, headline)
    row = sorted(speakers.values(), key=_age)
    for at, one in enumerate(row):
        for other in row[at + 1 : at + 1 + _NEIGHBOURS]:
            if one.story_id and other.story_id:
                continue
            texts = evidence.texts[one.entry_id], evidence.texts[other.entry_id]
            close = other.published_at - one.published_at <= _REPEAT_GAP
            repeated = close and evidence.repeats(one.feed_id, *texts)
            if one.feed_id != other.feed_id or score == _ADDRESS_SCORE or repeated:
                story = one.story_id or other.story_id or 0
                yield _Link(-score, story, *sorted((one.entry_id, other.entry_id)))


def _age(headline: Headline) -> tuple[datetime, int]:
    return headline.published_at, headline.entry_id


# --- stories ----------------------------------------------------------------


class _Span(NamedTuple):
    first: datetime
    last: datetime

    def join(self, other: _Span) -> _Span:
        return _Span(min(self.first, other.first), max(self.last, other.last))


@dataclass(slots=True)
class _Group:
    """Headlines that will be one story; `story` is 0 until one of them is known.

    `titles` holds when, first and last, each feed gave each text.
    """

    story: int
    founder: Headline
    members: list[int]
    span: _Span
    titles: dict[tuple[int, str], _Span]
    texts: dict[str, None]

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Of groups that join, the lowest keeps its founder: a known story's, else the oldest entry."""
        return not self.story, self.founder.entry_id != self.story, self.founder.entry_id


def _found_groups(evidence: _Evidence, stories: set[int]) -> dict[int, _Group]:
    """A group for each new headline and for each of the known stories, by entry id."""
    groups: dict[int, _Group] = {}
    heads: dict[int, _Group] = {}
    chosen = [h for h in evidence.headlines.values() if h.story_id is None or h.story_id in stories]
    for headline in sorted(chosen, key=lambda headline: headline.entry_id):
        entry_id, story, text = headline.entry_id, headline.story_id or 0, evidence.texts[headline.entry_id]
        span = _Span(headline.published_at, headline.published_at)
        titles, texts = ({(headline.feed_id, text): span}, {text: None}) if text else ({}, {})
        groups[entry_id] = group = _Group(story, headline, [entry_id], span, titles, texts)
        if story:
            heads[story] = _merge(groups, heads[story], group) if story in heads else group
    return groups


def _join(evidence: _Evidence, groups: dict[int, _Group], links: list[_Link]) -> None:
    """Join what links allow, best first, until none allows more."""
    waiting, before = links, -1
    refused = set()
    while len(waiting) != before:
        before = len(waiting)
        for link in waiting:
            one, other = groups[link.one], groups[link.other]
            by_page = -link.minus_score == _ADDRESS_SCORE
            question = (by_page, id(one), len(one.members), id(other), len(other.members))
            if one is other or question in refused:
                continue
            if _agree(evidence, one, other, by_page=by_page):
                _merge(groups, one, other)
            else:
                refused.add(question)
        waiting = [link for link in waiting if groups[link.one] is not groups[link.other]]


def _agree(evidence: _Evidence, one: _Group, other: _Group, *, by_page: bool) -> bool:
    """Whether two groups can be one story."""
    host, guest = sorted((one, other), key=lambda group: group.rank)
    start, window = host.founder.published_at, evidence.settings.window
    if guest.story or start - guest.span.first > window or guest.span.last - start > window:
        return False
    if by_page:
        return True
    pairs = list(product(islice(host.texts, _SAMPLE), islice(guest.texts, _SAMPLE)))
    if any(numbers_clash(evidence.key(a), evidence.key(b)) for a, b in pairs):
        return False
    original = [(evidence.texts[host.founder.entry_id], b) for b in islice(guest.texts, _SAMPLE)]
    half = 2 * sum(evidence.score(a, b) > 0 for a, b in pairs) >= len(pairs)
    if not half and not all(evidence.score(a, b) for a, b in original):
        return False
    both = {title: one.titles[title].join(other.titles[title]) for title in one.titles.keys() & other.titles.keys()}
    return all(
        last - first <= _REPEAT_GAP and evidence.repeats(feed_id, text, text)
        for (feed_id, text), (first, last) in both.items()
    )


def _merge(groups: dict[int, _Group], one: _Group, other: _Group) -> _Group:
    """Make one group of two: the larger takes in the smaller."""
    host = min(one, other, key=lambda group: group.rank)
    large, small = (one, other) if len(one.members) >= len(other.members) else (other, one)
    large.story, large.founder, large.span = host.story, host.founder, one.span.join(other.span)
    large.members += small.members
    large.texts.update(small.texts)
    for title, span in small.titles.items():
        large.titles[title] = span.join(large.titles.get(title, span))
    groups.update(dict.fromkeys(small.members, large))
    return large
