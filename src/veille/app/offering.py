"""A rule offered from a story: where it comes from and what its title shares with others of that place.

A kill rule hides for good: it has a place and a telling word at least, or it is not offered.
"""

from __future__ import annotations

import shlex
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from veille.app.home import read_clock
from veille.app.rulebook import add_rule, load_rules
from veille.app.triage import load_weights
from veille.errors import QueryError, UsageError
from veille.rank.query import parse_query
from veille.rank.rules import keyword_rule
from veille.rank.wording import is_light
from veille.store.candidates import load_candidates
from veille.store.matches import find_matches, search_stories
from veille.store.session import list_titles
from veille.store.stories import load_stories
from veille.text import clean_line, is_stop_word, split_words, stem_words
from veille.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from veille.app.home import Home
    from veille.model import Source

_TITLES = 300
_MOST_WORDS, _SHORTEST = 2, 3
# How far back, in days, it is counted what a rule would hide, and how many stories are looked at.
_PERIOD, _MOST_COUNTED = 14, 500


def compose_rule(home: Home, story_id: int) -> str:
    """An expression for stories like this one: its site or feed, and words of its title; "" when no word tells it."""
    (story,) = load_stories(home.db, [story_id], load_weights(home))
    lead = story.lead
    others = [title for title in list_titles(home.db, lead.feed_id, most=_TITLES) if title != lead.title]
    words = _choose(lead.title, others, story.language)
    for place in _list_places(lead) if words else ():
        expression = " ".join([place, *words])
        try:
            parse_query(expression)
        except QueryError:
            continue
        return expression
    return ""


def tell_reach(home: Home, expression: str, *, now: datetime | None = None) -> str:
    """How many stories of the last days a kill rule would hide, read ones too. Raises QueryError, ConfigError."""
    rule = keyword_rule(expression, searches=load_rules(home.places).searches, negative=True)
    now = now or read_clock()
    found, total = search_stories(home.db, rule, now=now, limit=_MOST_COUNTED)
    stories = [
        story
        for story in load_candidates(home.db, found, load_weights(home))
        if max(source.published_at for source in story.sources) >= now - timedelta(days=_PERIOD)
    ]
    leads = [story.lead.entry_id for story in stories]
    hidden = len({entry_id for _, entry_id in find_matches(home.db, [rule], leads, now=now)})
    more = " or more" if total > len(found) and hidden else ""
    return f"it hides {hidden}{more} {'story' if hidden == 1 else 'stories'} of the last {_PERIOD} days"


class Applied(NamedTuple):
    """A rule that was written: its name, and a line to tell."""

    name: str
    told: str


def apply_rule(home: Home, expression: str, *, kind: str = "kill", story_id: int | None = None) -> Applied:
    """Write the rule into rules.toml, with a note of the story it comes from.

    Raises UsageError, QueryError, ConfigError, OutputError.
    """
    wanted = clean_line(expression)
    if not wanted:
        raise UsageError("no word of this title tells its like from other stories: write what to hide")
    known = load_rules(home.places)
    query = keyword_rule(wanted, searches=known.searches, negative=True).query
    for rule in known.rules:
        if rule.expression == query.expression and rule.kind == kind and not (rule.folders or rule.feeds):
            raise UsageError(f"the rule “{rule.name}” says so already: see `veille rules`")
    values: Mapping[str, Any] = {"name": f"{kind} {query.text}".replace('"', ""), "match": wanted, "kind": kind}
    done = add_rule(home.places, values, comment=_tell_origin(home, story_id))
    reach = f"{tell_reach(home, wanted)}; " if kind == "kill" else ""
    told = f"rule “{done.name}” added: {reach}`veille rules remove {shlex.quote(done.name)}` takes it out"
    return Applied(done.name, told)


def _list_places(lead: Source) -> Iterator[str]:
    if site := site_of(lead.url):
        yield f"site:{site}"
    if feed := clean_line(lead.feed.replace('"', " ")):
        yield f'feed:"{feed}"'


def _tell_origin(home: Home, story_id: int | None) -> str:
    day = f"{read_clock().astimezone():%Y-%m-%d}"
    stories = [] if story_id is None else load_stories(home.db, [story_id], load_weights(home))
    title = f", for “{clean_line(stories[0].lead.title)}”" if stories else ""
    return f"from a session, {day}{title}"


def _choose(title: str, others: Sequence[str], language: str) -> list[str]:
    """The words that other titles of the feed share, without those of most of them; else the longest."""
    words = [word for word in dict.fromkeys(split_words(title)) if _tells(word)]
    stems = dict(zip(words, stem_words(words, language), strict=True))
    shared = Counter(stem for other in others for stem in set(stem_words(split_words(other), language)))
    telling = [word for word in words if 0 < shared[stems[word]] <= len(others) / 2]
    telling.sort(key=lambda word: -shared[stems[word]])
    chosen = (telling or sorted(words, key=len, reverse=True))[:_MOST_WORDS]
    return [word for word in words if word in chosen]


def _tells(word: str) -> bool:
    return len(word) >= _SHORTEST and not word.isdigit() and not is_stop_word(word) and not is_light(word)
