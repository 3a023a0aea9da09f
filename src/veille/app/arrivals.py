"""What has come to stories since a look, where it is not what a list shows of them. Never ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.store.looks import load_look, load_told

if TYPE_CHECKING:
    from veille.app.home import Home
    from veille.app.ranking import Ranking
    from veille.model import Source


def find_arrivals(home: Home, look: str, ranking: Ranking) -> dict[int, Source]:
    """The last entry that each story has got since that look, by story id; none where the lead came since too.

    Of copies and others, the last of the others. To be asked before the look is remembered.
    """
    before = load_look(home.db, look)
    seen, told = before.entry_id if before else 0, load_told(home.db, look)
    arrivals = {}
    for one in ranking.stories:
        story = one.story
        last = max(seen, told.get(story.id, 0))
        come = [source for source in story.sources if last < source.entry_id <= ranking.newest]
        if come and story.lead not in come:
            arrivals[story.id] = max(come, key=lambda source: (source.duplicate_of is None, source.entry_id))
    return arrivals
