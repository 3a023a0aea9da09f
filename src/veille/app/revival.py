"""Stories that grow: whether what joins them brings something new.

Read ones come back for it, unless the user wants none back; those that an issue of a digest carried are carried again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.rarity import measure_rarity
from veille.rank.revival import find_news
from veille.store.headlines import load_members
from veille.store.stories import list_read, revive_stories
from veille.text import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veille.model import Headline, Placement, Story
    from veille.settings import FoldSettings
    from veille.store.db import Db

_MOST_WORDS, _LONGEST = 5, 60


def revive(db: Db, new: Sequence[Headline], placements: Sequence[Placement], settings: FoldSettings) -> None:
    """Mark unread the read stories to which new entries bring something. The entries are in their stories already."""
    if not settings.revive:
        return
    placed = {place.entry_id: place.story_id for place in placements}
    original = {place.entry_id for place in placements if place.duplicate_of is None}
    read = list_read(db, set(placed.values()))
    if not read:
        return
    joined: defaultdict[int, list[Headline]] = defaultdict(list)
    for headline in new:
        if headline.entry_id in original and placed[headline.entry_id] in read:
            joined[placed[headline.entry_id]].append(headline)
    members = load_members(db, joined.keys())
    revived: dict[int, str] = {}
    for story_id, fresh in joined.items():
        told = [headline for headline in members[story_id] if headline.entry_id not in placed]
        if news := _tell_news(db, fresh, told):
            revived[story_id] = news
    revive_stories(db, revived, now=read_clock())


def find_developments(db: Db, stories: Sequence[Story], told_to: Mapping[int, int]) -> dict[int, str]:
    """What is new in stories of which each was told up to an entry, by story; none where nothing is.

    A copy tells nothing, and neither does what says the same in other words.
    """
    come = {
        story.id: {
            source.entry_id
            for source in story.sources
            if source.duplicate_of is None and source.entry_id > told_to[story.id]
        }
        for story in stories
    }
    grown = {story_id: entries for story_id, entries in come.items() if entries}
    found: dict[int, str] = {}
    for story_id, members in load_members(db, grown).items():
        fresh = [headline for headline in members if headline.entry_id in grown[story_id]]
        told = [headline for headline in members if headline.entry_id <= told_to[story_id]]
        if news := _tell_news(db, fresh, told):
            found[story_id] = news
    return found


def _tell_news(db: Db, fresh: Sequence[Headline], told: Sequence[Headline]) -> str:
    """What is new, in a few words; "" when nothing is."""
    rarity = measure_rarity(db, fresh)
    news = [(headline, words) for headline in fresh if (words := find_news(headline, told, rarity))]
    return _say_news(news) if news else ""


def _say_news(news: Sequence[tuple[Headline, Sequence[str]]]) -> str:
    """Why a story came back, in a few words: what the first headline to bring something says anew."""
    (_, words), others = news[0], len(news) - 1
    more = f", and {others} more {'sources' if others > 1 else 'source'}" if others else ""
    return f"“{shorten(', '.join(words[:_MOST_WORDS]), _LONGEST)}” is new{more}"
