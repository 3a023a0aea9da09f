"""A rule offered from a story: where it comes from and what its title shares with others of that place."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from veille.app.rulebook import add_rule
from veille.app.triage import load_weights
from veille.errors import QueryError
from veille.rank.query import parse_query
from veille.store.session import list_titles
from veille.store.stories import load_stories
from veille.text import is_stop_word, split_words, stem_words
from veille.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.app.home import Home

_TITLES = 300
_MOST_WORDS, _SHORTEST = 2, 3


def compose_rule(home: Home, story_id: int) -> str:
    """An expression for stories like this one: its site, and words of its title."""
    (story,) = load_stories(home.db, [story_id], load_weights(home))
    lead = story.lead
    others = [title for title in list_titles(home.db, lead.feed_id, most=_TITLES) if title != lead.title]
    words = _choose(lead.title, others, story.language)
    site = site_of(lead.url)
    for place in ([f"site:{site}"] if site else []), [f'feed:"{lead.feed.replace(chr(34), " ")}"'], []:
        expression = " ".join([*place, *words])
        try:
            parse_query(expression)
        except QueryError:
            continue
        return expression
    return ""


def apply_rule(home: Home, expression: str, *, kind: str = "kill") -> str:
    """Write the rule into rules.toml; a line to tell. Raises UsageError, ConfigError, OutputError."""
    done = add_rule(home.places, {"match": expression, "kind": kind})
    return f"rule “{done.name}” added: `veille rules remove` takes it out"


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
    return len(word) >= _SHORTEST and not word.isdigit() and not is_stop_word(word)
