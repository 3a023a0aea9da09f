"""Choosing what to read: store -> candidates -> Ranked. Never touches the network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from veille.app.fold import fold_pending
from veille.app.home import load_rules, read_clock
from veille.errors import UnknownError
from veille.model import Reading
from veille.rank.rules import keyword_rule
from veille.rank.score import Desk, rank_stories, reading_minutes, score_story
from veille.store.db import write
from veille.store.entries import load_content, load_extras
from veille.store.feeds import in_folder
from veille.store.matches import find_matches, load_matches, search_stories, update_matches
from veille.store.stories import (
    find_story,
    list_window,
    load_stories,
    mark_story,
    note_story,
    remember_list,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.model import Ranked, Story
    from veille.rank.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which stories to rank: with an entry since a moment, in a folder, unread unless `everything`."""

    since: datetime
    folder: str | None = None
    everything: bool = False


def rank_window(home: Home, window: Window, *, keywords: Sequence[str] = ()) -> list[Ranked]:
    """Every story of the window that no rule kills, best first. Raises QueryError, ConfigError."""
    words = [keyword_rule(text) for text in keywords]
    catch_up(home)
    story_ids = list_window(home.db, since=window.since, unread_only=not window.everything)
    stories = load_stories(home.db, story_ids)
    if window.folder is not None:
        stories = [story for story in stories if _touches(story, window.folder)]
    return rank_stories(stories, _desk(home, stories, keywords=words))


def find_stories(home: Home, expression: str, *, limit: int) -> tuple[list[Ranked], int]:
    """The latest stories that match, in the whole archive, ranked by score; and how many match in all."""
    rule = keyword_rule(expression)
    catch_up(home)
    story_ids = search_stories(home.db, rule)
    stories = load_stories(home.db, story_ids[:limit])
    return rank_stories(stories, _desk(home, stories, keywords=[rule], kills=False)), len(story_ids)


def read_story(home: Home, reference: str) -> Reading:
    """The story that a number means. Raises UnknownError."""
    catch_up(home)
    (story,) = load_stories(home.db, [find_story(home.db, reference)])
    tags, enclosures = load_extras(home.db, story.lead.entry_id)
    return Reading(
        story=story,
        score=score_story(story, _desk(home, [story])),
        html=load_content(home.db, story.lead.entry_id),
        tags=tuple(tags),
        enclosures=tuple(enclosures),
        read_minutes=reading_minutes(story.words, story.language),
    )


def mark_stories(home: Home, mark: str, references: Sequence[str]) -> list[Story]:
    """Mark stories read, unread, star or unstar: all of them, or none if one is unknown."""
    catch_up(home)
    story_ids = _find_all(home, references)
    now = read_clock()
    with write(home.db):
        for story_id in story_ids:
            mark_story(home.db, story_id, mark, now=now)
    return load_stories(home.db, story_ids)


def write_note(home: Home, reference: str, text: str) -> Story:
    """Replace the note on a story; an empty text takes it away."""
    catch_up(home)
    story_id = find_story(home.db, reference)
    with write(home.db):
        note_story(home.db, story_id, text, now=read_clock())
    (story,) = load_stories(home.db, [story_id])
    return story


def keep_list(home: Home, ranked: Sequence[Ranked]) -> None:
    """Remember the list just shown: until the next one, its ranks name its stories."""
    with write(home.db):
        remember_list(home.db, [one.story.id for one in ranked])


def catch_up(home: Home) -> None:
    """Finish what a stopped fetch left: entries in no story, rules not run over new entries."""
    fold_pending(home.db, home.settings.fold)
    update_matches(home.db, load_rules(home.places).rules)


def _find_all(home: Home, references: Sequence[str]) -> list[int]:
    found, unknown = [], []
    for reference in references:
        try:
            found.append(find_story(home.db, reference))
        except UnknownError as error:
            unknown.append(str(error))
    if unknown:
        raise UnknownError(unknown[0] + (" (nothing was marked)" if found or len(unknown) > 1 else ""))
    return list(dict.fromkeys(found))


def _touches(story: Story, folder: str) -> bool:
    return any(in_folder(source.folder, folder) for source in story.sources)


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
    )
