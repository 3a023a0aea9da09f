"""The press review: stories put into it, described and ordered; then an issue, published whole or not at all.

What is published is kept with all it says (`store/issues.py`): it can be written again, or taken back, and then its
stories are in the review that is being made again. Never prints.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from veille.app.compose import make_item
from veille.app.home import read_clock
from veille.app.letters import write_letters
from veille.app.marking import find_all
from veille.app.outbox import queue
from veille.app.triage import fold_waiting, load_weights
from veille.digestconfig import DigestSettings, ReviewSettings
from veille.errors import UnknownError, UsageError
from veille.issue import Issue, Rubric
from veille.model import Ranked, Score
from veille.rank.score import reading_minutes
from veille.show.wording import Wording
from veille.store.db import write
from veille.store.issues import drop_issue, list_issues, load_issue, publish_issue, save_issue
from veille.store.looks import add_seen
from veille.store.outbox import drop_queued, list_outbox
from veille.store.review import (
    REVIEW,
    Placed,
    describe_story,
    find_entries,
    find_number,
    let_go,
    list_offered,
    list_placed,
    order_stories,
    pick_again,
    pick_story,
    unpick_story,
)
from veille.store.stories import load_stories, remember_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.issue import Item
    from veille.model import Story
    from veille.store.issues import IssueHead, Output


class Chosen(NamedTuple):
    """A story of the review that is being made, and what is said of it."""

    story: Story
    rubric: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What was put in. `beyond` are ranks that name nothing; `carried` the issues that had a story before."""

    stories: list[Story]
    beyond: str = ""
    carried: dict[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What an issue is given beside its stories; "" takes what the settings say."""

    title: str = ""
    introduction: str = ""
    mail: tuple[str, ...] = ()


def read_draft(home: Home) -> list[Chosen]:
    """What is in the review, in its order; its ranks name its stories until the next list."""
    fold_waiting(home)
    chosen = _load_draft(home)
    with write(home.db):
        add_seen(home.db, [one.story.id for one in chosen])
        if chosen:
            remember_list(home.db, [one.story.id for one in chosen])
    return chosen


def count_offered(home: Home) -> int:
    """How many starred or noted stories no review has had."""
    return len({*list_offered(home.db), *list_offered(home.db, noted=True)})


def add_stories(home: Home, references: Sequence[str], *, rubric: str | None, comment: str | None) -> Added:
    """Put stories in, at the end; one that is in already keeps its place. Raises UnknownError, UsageError."""
    fold_waiting(home)
    story_ids, beyond = find_all(home, references)
    return _add(home, dict.fromkeys(story_ids, comment), rubric=rubric, beyond=beyond)


def add_offered(home: Home, *, noted: bool, rubric: str | None) -> Added:
    """Put in every starred story that no review has had; or every noted one, with its note as what is said of it."""
    fold_waiting(home)
    story_ids = list_offered(home.db, noted=noted)
    notes = {story.id: story.note for story in load_stories(home.db, story_ids)} if noted else {}
    return _add(home, {story_id: notes.get(story_id) for story_id in story_ids}, rubric=rubric)


def edit_story(home: Home, reference: str, *, rubric: str | None, comment: str | None) -> Chosen:
    """Say something else of a story. Raises UnknownError, UsageError when it is not in the review."""
    with _change(home, [reference]) as (_, (story_id, *_)):
        describe_story(home.db, story_id, rubric=rubric, comment=comment, now=read_clock())
    return next(one for one in _load_draft(home) if one.story.id == story_id)


def remove_stories(home: Home, references: Sequence[str]) -> list[Story]:
    """Take stories out. Raises UnknownError, UsageError when one is not in the review."""
    with _change(home, references) as (_, story_ids):
        for story_id in story_ids:
            unpick_story(home.db, story_id)
    return load_stories(home.db, story_ids, load_weights(home))


def move_stories(home: Home, references: Sequence[str], *, to: str, place: Callable[[int], int]) -> list[Chosen]:
    """Put stories, in the order given, where `place` says from the place of the story `to` among the others.

    With `to` "", from how many others there are. Raises UnknownError, UsageError.
    """
    with _change(home, [*references, *([to] if to else [])]) as (placed, story_ids):
        target = story_ids[-1] if to else 0
        moved = story_ids[:-1] if to else story_ids
        if to and (target in moved or not moved):
            raise UsageError(f"{to}: a story cannot be put beside itself")
        others = [one.story_id for one in placed if one.story_id not in moved]
        at = place(others.index(target) if to else len(others))
        order_stories(home.db, [*others[:at], *moved, *others[at:]], now=read_clock())
    return read_draft(home)


def preview(home: Home, words: Words) -> Issue:
    """The issue as it would be published now. Raises UsageError when nothing is in the review."""
    fold_waiting(home)
    return _compose(home, _load_draft(home), words, now=read_clock())


def publish(home: Home, words: Words, *, before: Callable[[Issue], tuple[Output, ...]]) -> tuple[Issue, int]:
    """Make an issue of what is in the review, and queue its mails; it with its id.

    `before` is given the issue before anything is kept: what it raises leaves all as it was; what it gives back are the
    files that are to be put in place, and then `finish` is called for. Raises UsageError when nothing is in the review,
    ConfigError when mail cannot be sent.
    """
    fold_waiting(home)
    now = read_clock()
    # All of it inside: two at once must not give one number, or one story, twice.
    with write(home.db):
        issue = _compose(home, _load_draft(home), words, now=now)
        files = before(issue)
        carried = find_entries(home.db, [item.story_id for item in issue.items])
        letters = write_letters(home, issue, words.mail)
        newest = max(carried.values(), default=0)
        issue_id = save_issue(home.db, issue, carried=carried, outputs=files, last_entry_id=newest)
        let_go(home.db, issue_id)
        if not files:
            publish_issue(home.db, issue_id, now=now)
        queue(home.db, letters, now=now)
        add_seen(home.db, carried)
    return issue, issue_id


def finish(home: Home, issue_id: int) -> None:
    """Remember that the files of an issue are in their places."""
    with write(home.db):
        publish_issue(home.db, issue_id, now=read_clock())


def unpublish(home: Home, number: int) -> Issue:
    """Take an issue back: its stories are in the review again, and mails of it that wait are not sent.

    Raises UnknownError.
    """
    with write(home.db):
        stored = load_issue(home.db, REVIEW, REVIEW, number)
        if stored is None:
            raise _unknown(number)
        for one in list_outbox(home.db):
            if one.key.startswith(f"{REVIEW}:{REVIEW}:{number}:"):
                drop_queued(home.db, one.id)
        pick_again(home.db, stored.id)
        drop_issue(home.db, stored.id)
    return stored.issue


def read_issue(home: Home, number: int) -> Issue:
    """A published issue, as it was. Raises UnknownError."""
    stored = load_issue(home.db, REVIEW, REVIEW, number)
    if stored is None:
        raise _unknown(number)
    return stored.issue


def list_published(home: Home) -> list[IssueHead]:
    """The issues there are, the latest first."""
    return list_issues(home.db, REVIEW, REVIEW)


def settings_of(home: Home) -> ReviewSettings:
    """What config.toml says of the press review."""
    return home.settings.review or ReviewSettings()


def address_of(settings: ReviewSettings, number: int) -> str:
    """Where an issue is on the web, "" where nothing says it."""
    return f"{settings.url.rstrip('/')}/{number}.html" if settings.url else ""


def _unknown(number: int) -> UnknownError:
    return UnknownError(f"there is no press review {number}: see `veille review list --issues`")


def _add(home: Home, comments: dict[int, str | None], *, rubric: str | None, beyond: str = "") -> Added:
    now = read_clock()
    carried = {}
    with write(home.db):
        inside = {one.story_id for one in list_placed(home.db)}
        for story_id, comment in comments.items():
            number = None if story_id in inside else pick_story(home.db, story_id, now=now)
            if number is not None:
                carried[story_id] = number
            describe_story(home.db, story_id, rubric=rubric, comment=comment, now=now)
        # What was picked in a session has no place yet: it is before what is added now.
        placed = [one.story_id for one in list_placed(home.db)]
        late = [one for one in placed if one in comments and one not in inside]
        order_stories(home.db, [*(one for one in placed if one not in late), *late], now=now)
    return Added(stories=load_stories(home.db, list(comments), load_weights(home)), beyond=beyond, carried=carried)


@contextmanager
def _change(home: Home, references: Sequence[str]) -> Iterator[tuple[list[Placed], list[int]]]:
    """A transaction with what is in the review and the stories meant, all of which are in it."""
    fold_waiting(home)
    story_ids, beyond = find_all(home, references)
    with write(home.db):
        placed = list_placed(home.db)
        inside = {one.story_id for one in placed}
        missing = next((one for one in story_ids if one not in inside), None)
        if beyond or missing is not None:
            what = f"the last list shown has no {beyond}" if beyond else f"story {missing} is not in the press review"
            raise UsageError(f"{what}: see `veille review list` (nothing was changed)")
        yield placed, story_ids


def _load_draft(home: Home) -> list[Chosen]:
    placed = list_placed(home.db)
    stories = {story.id: story for story in load_stories(home.db, [one.story_id for one in placed], load_weights(home))}
    return [Chosen(stories[one.story_id], one.rubric, one.comment) for one in placed if one.story_id in stories]


def _compose(home: Home, chosen: Sequence[Chosen], words: Words, *, now: datetime) -> Issue:
    """Rubrics come in the order of their first story, what is under none last; under each, stories keep their order."""
    if not chosen:
        raise UsageError("nothing is in the press review: `veille review add ID` puts stories in, `d` in a session too")
    settings = settings_of(home)
    rubrics: dict[str, list[Item]] = {}
    for one in chosen:
        rubrics.setdefault(one.rubric, []).append(_make_item(one, settings))
    return Issue(
        kind="review",
        name=REVIEW,
        number=find_number(home.db),
        title=words.title or settings.title or Wording(settings.language).say(REVIEW),
        written_at=now,
        tongue=settings.language,
        introduction=words.introduction,
        rubrics=tuple(
            Rubric(title=title, items=tuple(rubrics[title])) for title in sorted(rubrics, key=lambda title: not title)
        ),
    )


def _make_item(one: Chosen, settings: ReviewSettings) -> Item:
    """What others may read of a story: neither its score, nor the note, the star and the tags that are the user's."""
    ranked = Ranked(
        story=one.story,
        score=Score(),
        read_minutes=reading_minutes(one.story.words, one.story.language),
    )
    item = make_item(ranked, DigestSettings(excerpt=settings.excerpt), {}, {})
    return replace(item, why="", note="", starred=False, comment=one.comment)
