"""The score of a story: its sources and matches in, contributions out. Pure; the clock is a parameter.

rule      weight x `title` when a title (an author, or the entry itself) matches, x `body` when only a text does
outlets   `outlets` x log2(number of distinct outlets): two outlets 1, four 2, eight 3
feed      the points that the user gives to its lead's feed and folder
fresh     `freshness` x 0.5 ^ (age / `half_life`)
rare      lifts stories of feeds that publish little; repeat lowers those of feeds that would fill the list (`fairness`)

A story is first weighed, in points with what they are for; only those that are shown have it put into words. Both come
from the same points, so that no explanation can differ from its rank.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from veille.model import Ranked, Score
from veille.rank.fairness import in_grains, lift_of, loss_of, place_in_feeds
from veille.rank.hits import find_kill, find_rules, index_hits
from veille.rank.lead import Weights
from veille.rank.pace import DEFAULT_PACE, WORDS_A_MINUTE
from veille.rank.reasons import Part, tell_parts
from veille.rank.ties import tell_tie, weigh_words
from veille.text import is_in_folder
from veille.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from veille.model import MatchField, Source, Story
    from veille.rank.hits import Hits
    from veille.rank.rules import Rule
    from veille.rank.ties import Tie

_NEGLIGIBLE = 0.005  # less does not show

# What speaks for a story, its sum, and when its lead was published: what its rank is made of.
_Weighed = tuple[list[Part], float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings:
    """`[weights]` of config.toml: points, except `half_life` and `repeat`.

    `repeat` is how fast the stories of one feed lose points, from the second on; 0 takes none.
    """

    title: float = 1.0
    body: float = 0.5
    outlets: float = 1.0
    freshness: float = 1.0
    half_life: timedelta = timedelta(hours=12)
    repeat: float = 0.02
    rare: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a score depends on beside the story itself.

    `rules` are those in force. `weights` are what the user gives to feeds and folders; `per_week` tells how many
    entries a feed publishes a week, by its number. `words` has the entries of each word that keywords look for.
    """

    rules: Sequence[Rule]
    matches: Mapping[tuple[str, int], MatchField]
    settings: ScoreSettings
    now: datetime
    keywords: Sequence[Rule] = ()
    weights: Weights = field(default_factory=Weights)
    per_week: Mapping[int, float] = field(default_factory=dict)
    words: Sequence[AbstractSet[int]] = ()


def rank_stories(stories: Iterable[Story], desk: Desk, *, most: int | None = None) -> list[Ranked]:
    """Stories that no rule kills, best first, or the first `most` of them: what pin rules match goes before.

    With keywords, they alone make the score; pins, what is closer to the point (`ties`), and what the story is
    otherwise worth settle ties.
    Equal stories are ordered by date, then by id: the order never depends on chance.
    """
    hits = index_hits(desk.rules, desk.matches)
    alive = [story for story in stories if not find_kill(story, hits["kill"])]
    worths = _weigh_all(alive, hits["boost"], desk)
    scores: Sequence[_Weighed] = worths
    ties: list[Tie] = []
    if desk.keywords:
        asked = index_hits(desk.keywords, desk.matches)["boost"]
        scores = [_weigh_keywords(story, asked, desk.settings) for story in alive]
        ties = _settle(alive, scores, worths, asked, desk)
    order = _order_tied(alive, scores, worths, ties, hits["pin"]) if ties else _order(alive, scores, hits["pin"])
    return [
        Ranked(
            story=alive[index],
            score=tell_parts(alive[index], scores[index][0]),
            tie=tell_parts(alive[index], worths[index][0]) if ties else Score(),
            closer=tell_tie(ties[index]) if ties else (),
            read_minutes=reading_minutes(alive[index].words, alive[index].language),
            pinned_by=next((rule.name for rule, _ in find_rules(alive[index], hits["pin"])), ""),
            notes=tuple(rule.note or rule.name for rule, _ in find_rules(alive[index], hits["note"])),
        )
        for index in islice(order, most)
    ]


def drop_killed(stories: Iterable[Story], desk: Desk) -> list[Story]:
    """The stories that no rule kills, in their order."""
    kills = index_hits(desk.rules, desk.matches)["kill"]
    return [story for story in stories if not find_kill(story, kills)]


def killed_by(story: Story, desk: Desk) -> str:
    """The name of the kill rule that matches the story's lead, "" when none does.

    Only the lead counts: a word in passing in one source of five must hide nothing.
    """
    return find_kill(story, index_hits(desk.rules, desk.matches)["kill"])


def score_story(story: Story, desk: Desk) -> Score:
    """What the story is worth for itself: by the user's rules and weights, its outlets, its age and its feed's pace."""
    (worth,) = _weigh_all([story], index_hits(desk.rules, desk.matches)["boost"], desk)
    return tell_parts(story, worth[0])


def factor_of(where: MatchField, settings: ScoreSettings) -> float:
    """What a rule's weight is multiplied by when it matches there."""
    return settings.body if where == "body" else settings.title


def outlet_of(source: Source) -> str:
    """Who publishes a source: the site of its page, or its feed when it has none."""
    # Pages are many and their hosts are few: what follows the host is cut off to look it up.
    end = source.url.find("/", source.url.find("//") + 2)
    return _site_of(source.url if end < 0 else source.url[:end]) or source.feed_url


def reading_minutes(words: int, language: str) -> int:
    """Whole minutes to read `words`, at least 1 when there is anything to read."""
    return math.ceil(words / WORDS_A_MINUTE.get(language, DEFAULT_PACE))


_site_of = lru_cache(maxsize=1 << 12)(site_of)


# --- weighing ----------------------------------------------------------------


def _weigh_all(stories: Sequence[Story], boosts: Hits, desk: Desk) -> list[_Weighed]:
    """What each story is worth, less what its feed's better stories take from it."""
    settings, now = desk.settings, desk.now.timestamp()
    best = max(settings.title, settings.body)
    by_feed: dict[tuple[int, str, str], list[Part]] = {}
    weighed: list[_Weighed] = []
    standings = []
    for story in stories:
        lead = story.lead
        feed = (lead.feed_id, lead.feed_url, lead.folder)
        if feed not in by_feed:
            by_feed[feed] = list(_weigh_feed(lead, desk))
        published = lead.published_at.timestamp()
        parts = by_feed[feed] + _weigh_spread(story, settings, published, now)
        points = _total(parts)
        standing = in_grains(points)
        rules = _weigh_rules(story, boosts, settings)
        if rules:
            standing += sum([in_grains(detail[0].weight * best) for _, _, detail in rules])
            parts = rules + parts
            points = _total(parts)
        weighed.append((parts, points, published))
        standings.append(standing)
    return _share_out(stories, weighed, standings, repeat=settings.repeat) if settings.repeat else weighed


def _share_out(
    stories: Sequence[Story], weighed: Sequence[_Weighed], standings: Sequence[int], *, repeat: float
) -> list[_Weighed]:
    """The same, less what each story loses by its place among those of its feed: the part that comes last."""
    feeds, ids = ([story.lead.feed_id for story in stories], [story.id for story in stories])
    places = place_in_feeds(zip(feeds, standings, [published for _, _, published in weighed], ids, strict=True))
    shared: list[_Weighed] = []
    for (parts, points, published), place in zip(weighed, places, strict=True):
        if place > 1:
            loss = loss_of(points, place, repeat=repeat)
            shared.append(([*parts, (-loss, "repeat", place)], points - loss, published))
        else:
            shared.append((parts, points, published))
    return shared


def _weigh_spread(story: Story, settings: ScoreSettings, newest: float, now: float) -> list[Part]:
    """Its outlets and its age: that of its latest source."""
    parts: list[Part] = []
    if len(story.sources) > 1:
        newest = max([source.published_at.timestamp() for source in story.sources])
        outlets = len({outlet_of(source) for source in story.sources}) if settings.outlets else 1
        if outlets > 1:
            parts.append((settings.outlets * math.log2(outlets), "outlets", outlets))
    age = max(0.0, now - newest)
    fresh = settings.freshness * 0.5 ** (age / settings.half_life.total_seconds())
    if fresh >= _NEGLIGIBLE:
        parts.append((fresh, "fresh", None))
    return parts


def _weigh_keywords(story: Story, asked: Hits, settings: ScoreSettings) -> _Weighed:
    parts = _weigh_rules(story, asked, settings)
    return parts, _total(parts), story.lead.published_at.timestamp()


def _weigh_rules(story: Story, found: Hits, settings: ScoreSettings) -> list[Part]:
    return [
        (rule.weight * factor_of(where, settings), "rule", (rule, where)) for rule, where in find_rules(story, found)
    ]


def _weigh_feed(lead: Source, desk: Desk) -> Iterator[Part]:
    points = desk.weights.feeds.get(lead.feed_url)
    if points:
        yield points, "feed", None
    for folder, points in desk.weights.folders.items():
        if points and is_in_folder(lead.folder, folder):
            yield points, "folder", folder
    per_week = desk.per_week.get(lead.feed_id)
    lift = 0.0 if per_week is None else lift_of(per_week, rare=desk.settings.rare)
    if lift >= _NEGLIGIBLE:
        yield lift, "rare", per_week


def _total(parts: Sequence[Part]) -> float:
    return sum([part[0] for part in parts])


def _settle(
    stories: Sequence[Story], scores: Sequence[_Weighed], worths: Sequence[_Weighed], asked: Hits, desk: Desk
) -> list[Tie]:
    """What tells stories of equal keyword scores apart before their worth does."""
    words = weigh_words(stories, desk.words)
    return [
        (
            _total([part for part in parts if part[1] == "rule"]),
            points if len(story.sources) == 1 else _weigh_lead(story.lead, asked, desk.settings),
            rarity,
        )
        for story, (_, points, _), (parts, _, _), rarity in zip(stories, scores, worths, words, strict=True)
    ]


def _weigh_lead(lead: Source, asked: Hits, settings: ScoreSettings) -> float:
    found = asked.get(lead.entry_id, ())
    return sum([rule.weight * factor_of(where, settings) for _, rule, where in found if rule.covers(lead)])


def _order(stories: Sequence[Story], scores: Sequence[_Weighed], pins: Hits) -> list[int]:
    """The stories' indices, best first: pins come before any score."""
    rows = [
        (not (pins and find_rules(story, pins)), -in_grains(points), -published, story.id, index)
        for index, (story, (_, points, published)) in enumerate(zip(stories, scores, strict=True))
    ]
    return [row[-1] for row in sorted(rows)]


def _order_tied(
    stories: Sequence[Story], scores: Sequence[_Weighed], worths: Sequence[_Weighed], ties: Sequence[Tie], pins: Hits
) -> list[int]:
    """The same with keywords: their score comes before pins, and pins before what settles ties."""
    rows: list[tuple[int, bool, list[int], float, int, int]] = []
    for index, story in enumerate(stories):
        points, published = scores[index][1:]
        after_pins = not (pins and find_rules(story, pins))
        settled = [-in_grains(part) for part in (*ties[index], worths[index][1])]
        rows.append((-in_grains(points), after_pins, settled, -published, story.id, index))
    return [row[-1] for row in sorted(rows)]
