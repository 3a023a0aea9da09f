"""Composing an issue of a digest: settings and what the last issue saw in, the Issue and what it carries out.

Reads the database and writes nothing: `publish` stores what is composed here, and sees to its files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.ranking import FIRST_WINDOW, LATE, Choice, check_scope, fill_in, load_since, rank_alive
from veille.app.revival import find_developments
from veille.app.rulebook import load_rulebook
from veille.app.triage import catch_up, load_weights
from veille.digestconfig import LAST
from veille.issue import Figures, Issue, Item, Link, Reason, Rubric
from veille.rank.budget import fit
from veille.rank.rubrics import add_minutes, count_groups, count_outlets, lay_out_rubrics
from veille.rank.rules import keyword_rule
from veille.store.digestmarks import told_by
from veille.store.figures import count_days, load_feed_tags
from veille.store.issues import list_killed
from veille.store.looks import load_told
from veille.store.marks import load_tags
from veille.text import clean_line, clean_text, is_in_folder, shorten
from veille.times import parse_moment
from veille.urls import is_web, tell_name, tell_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.digestconfig import DigestSettings
    from veille.model import Ranked, Story
    from veille.store.digestmarks import Mark
    from veille.store.issues import Last

# An issue keeps what people read of it: nobody reads on after so many titles left out, or so many characters of one.
_MOST_LEFT_OUT = 200
_LONGEST_TITLE, _LONGEST_WHY = 300, 600
_MOST_PROBLEMS = 20
# Verdicts on feeds that a reader of the digest should know: those lose something, or will.
_WORTH_KNOWING = ("gone", "failing", "degraded", "missed", "moved")
_CHART_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the same digest told before: `carried` by earlier issues, each story with the last entry it had then.

    `last` is the last issue, None for the first; `mark` how far those of this scope have told. With `repeat`, what was
    carried is carried all the same.
    """

    number: int = 1
    scope: str = ""
    last: Last | None = None
    mark: Mark | None = None
    carried: Mapping[int, int] = field(default_factory=dict)
    repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """An issue, what it carries, each story with the last entry it has, what it left out, the last entry there was."""

    issue: Issue
    carried: Mapping[int, int]
    left_out: Sequence[int]
    last_entry_id: int


def compose_issue(home: Home, name: str, settings: DigestSettings, before: Before) -> Composed:
    """The best of what is new to the readers of a digest. Raises QueryError, ConfigError, UsageError."""
    now = read_clock()
    choice = _choose(home, settings)
    newest = catch_up(home)
    since_at, seen = _find_start(settings, before, now)
    stories = load_since(home, since_at - LATE if seen is not None else since_at, unread_only=False)
    # What a fetch stores meanwhile belongs to the next issue.
    stories = [one for one in stories if any(source.entry_id <= newest for source in one.sources)]
    told_to = _find_told(home, name, stories, before, seen)
    stories = [one for one in stories if _has_come(one, told_to.get(one.id), seen)]
    ranked = rank_alive(home, stories, choice)
    killed = list_killed(home.db, [one.story.id for one in ranked])
    known = [one.story for one in ranked if one.story.id in told_to]
    news = find_developments(home.db, known, told_to)
    wanted = [
        one for one in ranked if one.story.id not in killed and (one.story.id not in told_to or one.story.id in news)
    ]
    chosen, left = _cut(wanted, settings)
    weights = load_weights(home)
    chosen = fill_in(home, chosen, weights)
    tags = _list_tags(home, chosen)
    rubrics = lay_out_rubrics(chosen, by=settings.rubrics, order=settings.order, tags=tags)
    back_for = {story_id: words for story_id, words in news.items() if story_id in before.carried}
    titled = fill_in(home, left[:_MOST_LEFT_OUT], weights) if settings.left_out else []
    issue = Issue(
        kind="digest",
        name=name,
        number=before.number,
        scope=before.scope,
        title=settings.title or name,
        written_at=now,
        tongue=settings.language,
        since_at=since_at,
        rubrics=tuple(
            Rubric(title=heading, items=tuple(make_item(one, settings, tags, back_for) for one in row))
            for heading, row in rubrics
        ),
        left_out=tuple(_link(one.story) for one in titled),
        left_out_more=len(left) - len(titled) if settings.left_out else 0,
        problems=_list_problems(home, settings) if settings.problems else (),
        figures=Figures(
            days=count_days(home.db, days=_CHART_DAYS, now=now),
            outlets=count_outlets(wanted),
            groups=count_groups(wanted),
            minutes=add_minutes(rubrics),
        )
        if settings.charts
        else Figures(),
    )
    carried = {one.story.id: max(source.entry_id for source in one.story.sources) for one in chosen}
    return Composed(issue=issue, carried=carried, left_out=[one.story.id for one in left], last_entry_id=newest)


def _choose(home: Home, settings: DigestSettings) -> Choice:
    rules = load_rulebook(home).rules
    choice = Choice(
        words=[keyword_rule(text, searches=rules.searches) for text in settings.keywords],
        only=keyword_rule(settings.query, searches=rules.searches, negative=True) if settings.query else None,
        folders=settings.folders,
        groups=settings.groups,
        closely=True,
    )
    check_scope(home, choice, rules)
    return choice


def _find_start(settings: DigestSettings, before: Before, now: datetime) -> tuple[datetime, int | None]:
    """Where the window begins, and for what goes on from a mark the last entry that was there then."""
    if settings.since != LAST:
        return parse_moment(settings.since, now=now), None
    if before.mark is None:
        first = now - FIRST_WINDOW
        return min(before.last.written_at, first) if before.last else first, None
    # A clock that was ahead then, or is behind now, must not hide what has come.
    return min(before.mark.written_at, now), before.mark.entry_id


def _find_told(home: Home, name: str, stories: Sequence[Story], before: Before, seen: int | None) -> dict[int, int]:
    """The stories that the readers know, each with the last entry that they may know of it.

    They know what was carried; and of a digest that goes on from its last issue, the titles it left out.
    """
    carried = {} if before.repeat else before.carried
    if seen is None:
        return {one.id: carried[one.id] for one in stories if one.id in carried}
    known = {**load_told(home.db, told_by(name, before.scope)), **carried}
    told_all = seen if before.mark and before.mark.all_told else 0
    told = {one.id: known.get(one.id, seen) for one in stories if one.id in known or one.id <= told_all}
    return {story_id: max(entry_id, seen) for story_id, entry_id in told.items()}


def _has_come(story: Story, told_to: int | None, seen: int | None) -> bool:
    """Whether something of a story is new to the readers; what it says is judged later (`find_developments`)."""
    if told_to is not None:
        return any(source.entry_id > told_to and source.duplicate_of is None for source in story.sources)
    return seen is None or any(source.entry_id > seen for source in story.sources)


def _cut(ranked: Sequence[Ranked], settings: DigestSettings) -> tuple[list[Ranked], list[Ranked]]:
    """What is given in full, and what is left out."""
    chosen = ranked if settings.budget is None else fit(ranked, settings.budget).chosen
    chosen = list(chosen[: settings.size])
    kept = {one.story.id for one in chosen}
    return chosen, [one for one in ranked if one.story.id not in kept]


def _list_tags(home: Home, ranked: Sequence[Ranked]) -> dict[int, tuple[str, ...]]:
    """The tags of stories: the user's own, then those of their feeds."""
    own = load_tags(home.db, [one.story.id for one in ranked])
    feeds = load_feed_tags(home.db, {one.story.lead.feed_id for one in ranked})
    both = {one.story.id: (*own.get(one.story.id, ()), *feeds.get(one.story.lead.feed_id, ())) for one in ranked}
    return {story_id: tuple(dict.fromkeys(tags)) for story_id, tags in both.items() if tags}


def make_item(
    one: Ranked, settings: DigestSettings, tags: Mapping[int, tuple[str, ...]], back_for: Mapping[int, str]
) -> Item:
    """One story as an issue gives it."""
    from veille.show.frenchwhy import say_news, say_why
    from veille.show.phrases import why_of

    story, french = one.story, settings.language == "fr"
    lead, *others = story.sources
    return Item(
        story_id=story.id,
        lead=_link(story),
        published_at=lead.published_at,
        language=story.language,
        author=shorten(clean_line(story.author), _LONGEST_TITLE),
        score=round(one.score.total, 3),
        why=shorten((say_why if french else why_of)(one.score), _LONGEST_WHY),
        reasons=tuple(
            Reason(reason=clean_line(part.reason), points=round(part.points, 3), rule=part.rule, field=part.field)
            for part in one.score.contributions
        ),
        excerpt=shorten(clean_line(story.summary), settings.excerpt) if settings.excerpt else "",
        note=clean_text(story.note),
        remarks=tuple(map(clean_line, one.notes)),
        tags=tuple(map(clean_line, tags.get(story.id, ()))),
        sources=tuple(
            Link(title=_shorten(source.title), url=_web(source.url), outlet=_shorten(source.feed)) for source in others
        ),
        minutes=one.read_minutes,
        starred=story.starred,
        back_for=(say_news if french else str)(back_for.get(story.id, "")),
    )


def _link(story: Story) -> Link:
    from veille.show.phrases import title_of

    return Link(title=_shorten(title_of(story)), url=_web(story.lead.url), outlet=_shorten(story.lead.feed))


def _shorten(text: str) -> str:
    return shorten(clean_line(text), _LONGEST_TITLE)


def _web(url: str) -> str:
    """Only what leads to the web is a link."""
    return url if is_web(url) else ""


def _list_problems(home: Home, settings: DigestSettings) -> tuple[str, ...]:
    """Feeds that lose something, the worst first: of the digest's folders, where it keeps to some."""
    from veille.app.health import examine_states
    from veille.show.frenchfeeds import say_problem

    say, colon = (say_problem, " :") if settings.language == "fr" else (str, ":")
    folders = settings.folders or ("",)
    found = [
        health
        for health in examine_states(home)
        if health.verdict in _WORTH_KNOWING
        and any(not folder or is_in_folder(health.feed.subscription.folder, folder) for folder in folders)
    ]
    found.sort(key=lambda health: _WORTH_KNOWING.index(health.verdict))
    lines = [
        clean_line(f"{_shorten(tell_name(health.feed.name))}{colon} {say(tell_text(health.findings[0].words))}")
        for health in found[:_MOST_PROBLEMS]
    ]
    more = len(found) - len(lines)
    return (*lines, f"+{more}{colon} veille feeds --health") if more else tuple(lines)
