"""Choosing what to read: store -> candidates -> Ranked. Never touches the network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from veille.app.feedset import feed_weights, muted_by_config
from veille.app.fold import fold_pending
from veille.app.home import load_rules, read_clock
from veille.app.subscribe import choose_feeds
from veille.errors import ConfigError, UnknownError, UsageError
from veille.model import Reading
from veille.rank.lead import Weights
from veille.rank.rules import keyword_rule
from veille.rank.score import Desk, killed_by, rank_stories, reading_minutes, score_story
from veille.store.db import write
from veille.store.digests import newest_story
from veille.store.entries import load_content, load_extras
from veille.store.feeds import list_feeds
from veille.store.matches import find_matches, load_matches, search_stories, update_matches
from veille.store.schema import FIRST_ID
from veille.store.stories import (
    find_story,
    list_starred,
    list_window,
    load_stories,
    mark_story,
    note_story,
    remember_list,
)
from veille.text import is_in_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.model import Ranked, Story
    from veille.rank.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which stories to rank: with an entry since a moment, in a folder, unread unless `everything`.

    `starred` asks for the user's choice instead: every starred story, read or not, of any date.
    """

    since: datetime
    folder: str | None = None
    everything: bool = False
    starred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The stories of a window, best first, and how many more a kill rule hides."""

    stories: list[Ranked]
    hidden: int = 0


def rank_window(home: Home, window: Window, *, keywords: Sequence[str] = ()) -> Ranking:
    """Every story of the window that no rule kills. Raises QueryError, ConfigError, UsageError."""
    words = [keyword_rule(text) for text in keywords]
    if window.folder is not None:
        choose_feeds(home, [], folder=window.folder)
    catch_up(home)
    if window.starred:
        story_ids = list_starred(home.db)
    else:
        muted = muted_by_config(home)
        story_ids = list_window(home.db, since=window.since, unread_only=not window.everything, muted=muted)
    stories = load_stories(home.db, story_ids, load_weights(home))
    if window.folder is not None:
        stories = [story for story in stories if _touches(story, window.folder)]
    ranked = rank_stories(stories, _desk(home, stories, keywords=words, kills=not window.starred))
    return Ranking(stories=ranked, hidden=len(stories) - len(ranked))


def explain_nothing(home: Home) -> str:
    """Why there can be nothing to show, "" when there is no such reason."""
    if not list_feeds(home.db):
        return "no feeds yet: `veille import FILE` or `veille add URL`"
    if not newest_story(home.db):
        return "nothing is stored yet: `veille fetch`, then `veille feeds` if nothing comes"
    return ""


def find_stories(home: Home, expression: str, *, limit: int) -> tuple[list[Ranked], int]:
    """The latest stories that match, in the whole archive, ranked by score; and how many match in all."""
    rule = keyword_rule(expression)
    catch_up(home)
    story_ids = search_stories(home.db, rule)
    stories = load_stories(home.db, story_ids[:limit], load_weights(home))
    return rank_stories(stories, _desk(home, stories, keywords=[rule], kills=False)), len(story_ids)


def read_story(home: Home, reference: str) -> Reading:
    """The story that a number means. Raises UnknownError."""
    catch_up(home)
    (story,) = load_stories(home.db, [find_story(home.db, reference)], load_weights(home))
    tags, enclosures = load_extras(home.db, story.lead.entry_id)
    desk = _desk(home, [story])
    return Reading(
        story=story,
        score=score_story(story, desk),
        hidden_by=killed_by(story, desk),
        html=load_content(home.db, story.lead.entry_id),
        tags=tuple(tags),
        enclosures=tuple(enclosures),
        read_minutes=reading_minutes(story.words, story.language),
    )


def find_address(home: Home, reference: str) -> str:
    """The address to open: that of the entry named; of the lead for a story's number. Raises UnknownError."""
    fold_pending(home.db, home.settings.fold)
    (story,) = load_stories(home.db, [find_story(home.db, reference)], load_weights(home))
    named = (source for source in story.sources if str(source.entry_id) == reference.strip() != str(story.id))
    return next(named, story.lead).url


def mark_stories(home: Home, mark: str, references: Sequence[str]) -> list[Story]:
    """Mark stories read, unread, star or unstar: all of them, or none if one is unknown."""
    fold_pending(home.db, home.settings.fold)
    story_ids = _find_all(home, references)
    now = read_clock()
    with write(home.db):
        for story_id in story_ids:
            mark_story(home.db, story_id, mark, now=now)
    return load_stories(home.db, story_ids, load_weights(home))


def write_note(home: Home, reference: str, text: str) -> Story:
    """Replace the note on a story; an empty text takes it away."""
    fold_pending(home.db, home.settings.fold)
    story_id = find_story(home.db, reference)
    with write(home.db):
        note_story(home.db, story_id, text, now=read_clock())
    (story,) = load_stories(home.db, [story_id], load_weights(home))
    return story


def keep_list(home: Home, ranked: Sequence[Ranked]) -> None:
    """Remember the list just shown: until the next one, its ranks name its stories."""
    if not ranked:
        return
    with write(home.db):
        remember_list(home.db, [one.story.id for one in ranked])


def load_weights(home: Home) -> Weights:
    """What the user gives to feeds and folders: rules.toml comes before settings of feeds.

    What only names a story must not fail on a rule that is wrong: ranking tells of it.
    """
    own = feed_weights(home)
    try:
        rules = load_rules(home.places)
    except ConfigError:
        return Weights(feeds=own)
    return Weights(feeds=own | dict(rules.feed_weights), folders=rules.folder_weights)


def catch_up(home: Home) -> None:
    """Finish what a stopped fetch left: entries in no story, rules not run over new entries."""
    fold_pending(home.db, home.settings.fold)
    update_matches(home.db, load_rules(home.places).rules)


def _find_all(home: Home, references: Sequence[str]) -> list[int]:
    found, unknown = [], []
    for reference in chain.from_iterable(map(_expand_range, references)):
        try:
            found.append(find_story(home.db, reference))
        except UnknownError as error:
            unknown.append(str(error))
    if unknown:
        raise UnknownError(unknown[0] + (" (nothing was marked)" if found or len(unknown) > 1 else ""))
    return list(dict.fromkeys(found))


def _expand_range(reference: str) -> list[str]:
    """`3-7` stands for the ranks 3 to 7; anything else for itself."""
    first, dash, last = reference.partition("-")
    if not (dash and first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        return [reference]
    ranks = range(int(first[:9]), int(last[:9]) + 1)
    if not ranks or ranks[-1] >= FIRST_ID:
        raise UsageError(f"“{reference}” is no range of ranks: write it as 3-7")
    return [str(rank) for rank in ranks]


def _touches(story: Story, folder: str) -> bool:
    return any(is_in_folder(source.folder, folder) for source in story.sources)


def _desk(home: Home, stories: Sequence[Story], *, keywords: Sequence[Rule] = (), kills: bool = True) -> Desk:
    rules = load_rules(home.places)
    if not kills:
        rules = replace(rules, rules=tuple(rule for rule in rules.rules if rule.kind != "kill"))
    entry_ids = [source.entry_id for story in stories for source in story.sources]
    stored = load_matches(home.db, rules.rules, entry_ids)
    return Desk(
        rules=rules,
        matches=stored | find_matches(home.db, keywords, entry_ids),
        settings=home.settings.weights,
        now=read_clock(),
        keywords=keywords,
        feed_weights=feed_weights(home),
    )
