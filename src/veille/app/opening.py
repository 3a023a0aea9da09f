"""One story read in full, with its score as it stands. Never touches the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veille.app.triage import catch_up, lay_out_anyway, load_weights
from veille.model import Reading, Score
from veille.rank.score import killed_by, reading_minutes, score_story
from veille.store.candidates import load_returns
from veille.store.entries import load_content, load_extras
from veille.store.stories import find_story, load_stories

if TYPE_CHECKING:
    from veille.app.home import Home
    from veille.rank.expression import Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A story in full, what the rules that match it look for, and why it came back if it did.

    `trouble` says why there is no score: rules.toml is wrong.
    """

    reading: Reading
    lit: tuple[Expression, ...] = ()
    back_for: str = ""
    trouble: str = ""


def read_story(home: Home, reference: str) -> Opened:
    """The story that a number means. Raises UnknownError, ConfigError."""
    catch_up(home)
    return open_reading(home, find_story(home.db, reference))


def open_reading(home: Home, story_id: int) -> Opened:
    """The story of that id, as far as it is folded; without a score where rules.toml is wrong."""
    (story,) = load_stories(home.db, [story_id], load_weights(home))
    tags, enclosures = load_extras(home.db, story.lead.entry_id)
    desk, trouble = lay_out_anyway(home, [story])
    entries = {source.entry_id for source in story.sources}
    matching = {key for key, entry_id in desk.matches if entry_id in entries}
    return Opened(
        reading=Reading(
            story=story,
            score=Score() if trouble else score_story(story, desk),
            hidden_by=killed_by(story, desk),
            html=load_content(home.db, story.lead.entry_id),
            tags=tuple(tags),
            enclosures=tuple(enclosures),
            read_minutes=reading_minutes(story.words, story.language),
        ),
        lit=tuple(rule.expression for rule in desk.rules if rule.key in matching),
        back_for=load_returns(home.db, [story.id]).get(story.id, ""),
        trouble=trouble,
    )
