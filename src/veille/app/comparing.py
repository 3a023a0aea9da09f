"""One story looked at: who had it when, and why two headlines are one story, or are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.app.fold import fold_pending
from veille.app.rarity import measure_rarity
from veille.app.triage import load_weights
from veille.errors import UsageError
from veille.rank.chain import compare_bodies, find_bond
from veille.rank.coverage import Comparison, Coverage, survey_story
from veille.rank.evidence import explain
from veille.rank.scope import scope_of
from veille.store.decisions import date_merge, date_split
from veille.store.headlines import load_members
from veille.store.schema import FIRST_ID
from veille.store.stories import find_story, load_stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from veille.app.home import Home
    from veille.model import Headline, Source, Story
    from veille.settings import FoldSettings
    from veille.store.db import Db


def read_coverage(home: Home, reference: str) -> tuple[Story, Coverage]:
    """The story that a number means, and who had it when. Raises UnknownError."""
    fold_pending(home.db, home.settings.fold)
    (story,) = load_stories(home.db, [find_story(home.db, reference)], load_weights(home))
    return story, survey_story(story)


def compare_two(home: Home, references: tuple[str, str]) -> Comparison:
    """Why two entries are, or are not, one story; a story means its lead. Raises UnknownError, UsageError."""
    fold_pending(home.db, home.settings.fold)
    numbers = tuple(find_story(home.db, reference) for reference in references)
    stories = {story.id: story for story in load_stories(home.db, numbers, load_weights(home))}
    one_story = numbers[0] == numbers[1]
    first, second = (
        _pick_source(stories[number], reference, inside=one_story)
        for number, reference in zip(numbers, references, strict=True)
    )
    if first is second:
        raise UsageError(
            f"both mean entry {first.entry_id}: name two that `veille story {numbers[0]}` shows, or two stories"
        )
    members = load_members(home.db, numbers)
    by_id = {headline.entry_id: headline for row in members.values() for headline in row}
    one, other = by_id[first.entry_id], by_id[second.entry_id]
    rarity = measure_rarity(home.db, by_id.values())
    several = not one_story and len(by_id) > len(members)
    return Comparison(
        one=one,
        other=other,
        stories=(numbers[0], numbers[1]),
        evidence=explain(one, other, rarity),
        facts=(
            *_recall_verdicts(home.db, (one, other), members),
            *_list_bounds(home.settings.fold, (first, second), members),
            *(["one page"] if one.page == other.page != "" else []),
        ),
        bond=find_bond(one, other, members[numbers[0]], rarity) if one_story else None,
        bodies=compare_bodies(members[numbers[0]], members[numbers[1]], rarity) if several else None,
    )


def _pick_source(story: Story, reference: str, *, inside: bool) -> Source:
    """The entry that a number means; inside one story its number means the entry, elsewhere its lead."""
    number = int(reference.strip().removeprefix("#"))
    if number < FIRST_ID or (number == story.id and not inside):
        return story.lead
    return next((source for source in story.sources if source.entry_id == number), story.lead)


def _recall_verdicts(
    db: Db, pair: tuple[Headline, Headline], members: Mapping[int, Sequence[Headline]]
) -> Iterable[str]:
    """What the user has decided: of two stories, about any of their entries."""
    together = len(members) == 1
    if together:
        decided = date_merge(db, pair[0].entry_id, pair[1].entry_id)
    else:
        decided = date_split(db, *([one.entry_id for one in row] for row in members.values()))
    if decided:
        yield f"{'put together' if together else 'set apart'} by you on {decided.astimezone():%Y-%m-%d}"


def _list_bounds(
    settings: FoldSettings, pair: tuple[Source, Source], members: Mapping[int, Sequence[Headline]]
) -> Iterable[str]:
    """What keeps entries apart, whatever they say."""
    if abs(pair[0].published_at - pair[1].published_at) > settings.window:
        yield f"more than {_hours(settings.window)} h apart"
    else:
        times = [headline.published_at for row in members.values() for headline in row]
        if len(members) > 1 and max(times) - min(times) > settings.window:
            yield f"together they would last more than {_hours(settings.window)} h"
    if scope_of(pair[0].folder, settings.apart) != scope_of(pair[1].folder, settings.apart):
        yield "folders set apart"


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:g}"
