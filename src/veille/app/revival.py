"""Read stories that grow: they come back when what joins them brings something, unless the user wants none back."""

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
    from collections.abc import Sequence

    from veille.model import Headline, Placement
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
        rarity = measure_rarity(db, fresh)
        news = [(headline, words) for headline in fresh if (words := find_news(headline, told, rarity))]
        if news:
            revived[story_id] = _say_news(news)
    revive_stories(db, revived, now=read_clock())


def _say_news(news: Sequence[tuple[Headline, Sequence[str]]]) -> str:
    """Why a story came back, in a few words: what the first headline to bring something says anew."""
    (_, words), others = news[0], len(news) - 1
    more = f", and {others} more {'sources' if others > 1 else 'source'}" if others else ""
    return f"“{shorten(', '.join(words[:_MOST_WORDS]), _LONGEST)}” is new{more}"
