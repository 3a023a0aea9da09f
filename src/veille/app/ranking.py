"""Choosing what to read: store -> candidates -> Ranked. Never touches the network, never prints."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from veille.app.home import read_clock
from veille.app.overrides import muted_by_config
from veille.app.rulebook import load_rulebook
from veille.app.triage import catch_up, lay_out, load_weights
from veille.errors import UsageError
from veille.rank.budget import fit, minutes_of
from veille.rank.narrowing import drop, find_killer, keep_group, only_leaves_out, touches
from veille.rank.rules import keyword_rule
from veille.rank.score import drop_killed, rank_stories
from veille.rank.ties import list_words
from veille.store.candidates import list_folders, load_candidates, load_returns, load_window
from veille.store.db import write
from veille.store.headlines import has_folded
from veille.store.looks import add_told, forget_told, load_look, load_told, save_look
from veille.store.matches import find_matches, find_words, search_stories
from veille.store.stories import list_starred, load_stories
from veille.text import clean_line, fold, is_in_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from veille.app.home import Home
    from veille.model import Ranked, Story
    from veille.rank.expression import Expression
    from veille.rank.lead import Weights
    from veille.rank.rules import Rule, Rules
    from veille.rank.score import Desk

FIRST_WINDOW = timedelta(hours=24)
# A story may be published before the last look and reach its feed after it: it is taken up to here.
LATE = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which stories to rank: with an entry since a moment, unread unless `everything`.

    `starred` asks for the user's choice instead: every starred story, read or not, of any date. `new` asks for what
    has arrived since the last look; `since` may then be None. `folder`, `group` and `only` narrow: to a folder, to
    what the rules of a group match, to what an expression matches. `hidden` turns to what kill rules hide.
    """

    since: datetime | None
    folder: str | None = None
    group: str | None = None
    only: str | None = None
    everything: bool = False
    starred: bool = False
    new: bool = False
    hidden: bool = False

    @property
    def look(self) -> str:
        """The memory of its own that each way of looking has: a look at one folder has not seen the others."""
        narrowed = {"folder": self.folder, "group": self.group, "only": self.only}
        said = [f"{key}={fold(value)}" for key, value in narrowed.items() if value is not None]
        said += [key for key, asked in (("hidden", self.hidden), ("all", self.everything)) if asked]
        return " ".join(["top", *said])


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which of some stories are wanted, ranked by which keywords; `hidden` wants those that kill rules hide.

    One of `folders` is enough, and one of `groups`. Without `kills` no rule hides anything. `closely` looks the
    keywords' words up, to tell equal stories apart: worth it among the stories of a window, which lie together.
    """

    words: Sequence[Rule] = ()
    only: Rule | None = None
    folders: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kills: bool = True
    hidden: bool = False
    closely: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How much of a ranking is wanted: so many stories, or what can be read in a time."""

    most: int | None = None
    budget: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The best stories, how many there are, and how many more a kill rule hides.

    `lit` holds what keywords and rules look for, by their names; `back_for` and `hidden_by` speak of stories by id.
    `left_out` did not fit into the budget, of which `minutes` are taken. `newest` is the last entry that was there.
    """

    stories: list[Ranked]
    total: int = 0
    hidden: int = 0
    left_out: tuple[Ranked, ...] = ()
    minutes: int = 0
    newest: int = 0
    lit: Mapping[str, Expression] = field(default_factory=dict)
    back_for: Mapping[int, str] = field(default_factory=dict)
    hidden_by: Mapping[int, str] = field(default_factory=dict)


def rank_window(home: Home, window: Window, *, keywords: Sequence[str] = (), cut: Cut | None = None) -> Ranking:
    """The stories of the window, best first. Raises QueryError, ConfigError, UsageError."""
    rules = load_rulebook(home).rules
    choice = Choice(
        words=[keyword_rule(text, searches=rules.searches) for text in keywords],
        only=None if window.only is None else keyword_rule(window.only, searches=rules.searches, negative=True),
        folders=() if window.folder is None else (window.folder,),
        groups=() if window.group is None else (window.group,),
        kills=not window.starred,
        hidden=window.hidden,
        closely=not window.starred,
    )
    check_scope(home, choice, rules)
    newest = catch_up(home)
    return replace(rank_chosen(home, _load(home, window, newest), choice, cut or Cut()), newest=newest)


def rank_chosen(home: Home, stories: Sequence[Story], choice: Choice, cut: Cut) -> Ranking:
    """Those of the stories that are wanted, best first. What is shown is brought in full."""
    stories, desk = _choose(home, stories, choice)
    alive = drop_killed(stories, desk) if choice.kills else stories
    # What kill rules hide is gone, or is what was asked for.
    open_desk = _open_up(desk)
    found = _rank(home, drop(stories, alive) if choice.hidden else alive, open_desk, cut)
    return replace(
        found,
        hidden=len(stories) - len(alive),
        lit={rule.name: rule.expression for rule in choice.words or open_desk.rules},
        back_for=load_returns(home.db, [one.story.id for one in found.stories]),
        hidden_by={one.story.id: find_killer(one.story, desk) for one in found.stories} if choice.hidden else {},
    )


def rank_alive(home: Home, stories: Sequence[Story], choice: Choice) -> list[Ranked]:
    """Those of the stories that are wanted and that no rule hides, best first; `fill_in` brings them in full."""
    stories, desk = _choose(home, stories, choice)
    return rank_stories(drop_killed(stories, desk), _open_up(desk))


def save_top(home: Home, window: Window, ranking: Ranking) -> None:
    """Remember what a look at what is new has seen: called once it is printed.

    Where that was not all, the next look goes on with the rest, and with what grows of what was shown.
    """
    with write(home.db):
        if ranking.total > len(ranking.stories):
            shown = [one.story.id for one in ranking.stories]
            add_told(home.db, window.look, shown, entry_id=ranking.newest)
        else:
            save_look(home.db, window.look, entry_id=ranking.newest, now=read_clock())
            forget_told(home.db, window.look)


def explain_nothing(home: Home) -> str:
    """Why there can be nothing to show, "" when there is no such reason."""
    from veille.store.feeds import list_feeds

    if not list_feeds(home.db):
        return "no feeds yet: `veille import FILE` or `veille add URL`"
    if not has_folded(home.db):
        return "nothing is stored yet: `veille fetch`, then `veille feeds` if nothing comes"
    return ""


def find_stories(home: Home, expression: str, *, limit: int) -> Ranking:
    """The latest stories that match, in the whole archive, ranked by score; and how many match in all."""
    rules = load_rulebook(home).rules
    rule = keyword_rule(expression, searches=rules.searches)
    catch_up(home)
    story_ids, total = search_stories(home.db, rule, now=read_clock(), limit=limit)
    stories = load_candidates(home.db, story_ids, load_weights(home))
    return replace(rank_chosen(home, stories, Choice(words=[rule], kills=False), Cut()), total=total)


def check_scope(home: Home, choice: Choice, rules: Rules) -> None:
    """Raises UsageError for a folder or a group that there is not."""
    folders = list_folders(home.db) if choice.folders else []
    for folder in choice.folders:
        if not any(is_in_folder(one, folder) for one in folders):
            raise UsageError(f"no feed is in a folder “{clean_line(folder)}”: see `veille feeds`")
    groups = list(dict.fromkeys(rule.group for rule in rules.rules if rule.group))
    for group in choice.groups:
        if fold(group) in map(fold, groups):
            continue
        close = difflib.get_close_matches(group, groups, 1)
        known = f"there are {', '.join(groups)}" if groups else 'give your rules a group, such as group = "marque"'
        hint = f"did you mean {close[0]}?" if close else known
        raise UsageError(f"no rule is in a group “{clean_line(group)}”: {hint}")


def load_since(home: Home, since: datetime, *, unread_only: bool) -> list[Story]:
    """The stories that have an entry published since, but those of feeds that are muted or gone."""
    return load_window(
        home.db, since=since, unread_only=unread_only, muted=muted_by_config(home), weights=load_weights(home)
    )


def _load(home: Home, window: Window, newest: int) -> list[Story]:
    if window.starred:
        return load_candidates(home.db, list_starred(home.db), load_weights(home))
    look = load_look(home.db, window.look) if window.new else None
    since = window.since or (look.looked_at - LATE if look else read_clock() - FIRST_WINDOW)
    # What is founded while the list is made has met no rule yet, and might be one that is hidden.
    found = load_since(home, since, unread_only=not window.everything)
    stories = [one for one in found if any(source.entry_id <= newest for source in one.sources)]
    if not window.new:
        return stories
    seen, told = look.entry_id if look else 0, load_told(home.db, window.look)
    return [story for story in stories if _last_original(story, newest) > max(seen, told.get(story.id, 0))]


def _last_original(story: Story, newest: int) -> int:
    """The last entry of a story that is no copy, of those that were there when the look began."""
    own = (source.entry_id for source in story.sources if source.duplicate_of is None)
    return max((entry_id for entry_id in own if entry_id <= newest), default=0)


def _choose(home: Home, stories: Sequence[Story], choice: Choice) -> tuple[Sequence[Story], Desk]:
    """The stories that are wanted, hidden or not, and the desk laid out for them."""
    if choice.folders:
        stories = [story for story in stories if any(touches(story, folder) for folder in choice.folders)]
    if choice.only is not None:
        stories = _keep_matching(home, stories, choice.only)
    desk = lay_out(home, stories, keywords=choice.words)
    if choice.closely and choice.words:
        leads = [story.lead.entry_id for story in stories]
        desk = replace(desk, words=find_words(home.db, list_words(choice.words), leads))
    if choice.groups:
        kept = {story.id for group in choice.groups for story in keep_group(stories, desk, group)}
        stories = [story for story in stories if story.id in kept]
    return stories, desk


def _open_up(desk: Desk) -> Desk:
    """The desk without the rules that hide."""
    return replace(desk, rules=[rule for rule in desk.rules if rule.kind != "kill"])


def _rank(home: Home, stories: Sequence[Story], desk: Desk, cut: Cut) -> Ranking:
    """Rank what is known of the candidates, then bring in full those that are shown."""
    ranked = rank_stories(stories, desk, most=None if cut.budget is not None else cut.most)
    left_out: tuple[Ranked, ...] = ()
    minutes = 0
    if cut.budget is not None:
        fitted = fit(ranked, cut.budget)
        ranked, left_out = list(fitted.chosen)[: cut.most], fitted.left_out
        minutes = sum(map(minutes_of, ranked))
    return Ranking(
        stories=fill_in(home, ranked, desk.weights),
        total=len(stories),
        left_out=tuple(fill_in(home, left_out[:1], desk.weights)) + left_out[1:],
        minutes=minutes,
    )


def fill_in(home: Home, ranked: Sequence[Ranked], weights: Weights) -> list[Ranked]:
    """The same with the titles, texts and marks of their stories."""
    full = {story.id: story for story in load_stories(home.db, [one.story.id for one in ranked], weights)}
    return [replace(one, story=full[one.story.id]) for one in ranked if one.story.id in full]


def _keep_matching(home: Home, stories: Sequence[Story], rule: Rule) -> list[Story]:
    """The stories of which a source matches; the lead, for an expression that only leaves out.

    A word to leave out that stands in one source of five must hide nothing, and that it is not in another must not
    bring the story back.
    """
    entry_ids = [source.entry_id for story in stories for source in story.sources]
    found = {entry_id for _, entry_id in find_matches(home.db, [rule], entry_ids, now=read_clock())}
    if only_leaves_out(rule.expression):
        return [story for story in stories if story.lead.entry_id in found]
    return [story for story in stories if any(source.entry_id in found for source in story.sources)]
