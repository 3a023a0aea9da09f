"""Why a story ranks where it does: the list that `top` shows is ranked, and one story of it told in full."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from veille.app.overrides import muted_by_config
from veille.app.rulebook import load_rulebook
from veille.app.triage import catch_up, lay_out, load_weights
from veille.rank.account import Account, Wording, list_reasons, list_silent
from veille.rank.hits import list_evidence
from veille.rank.score import killed_by, rank_stories
from veille.rank.whatif import list_changes, list_goals, list_probes
from veille.store.candidates import load_candidates
from veille.store.entries import load_content
from veille.store.headlines import load_members
from veille.store.matches import find_matches
from veille.store.stories import find_story, list_window, load_stories
from veille.text import flatten_markup

if TYPE_CHECKING:
    from datetime import datetime

    from veille.app.home import Home
    from veille.model import Story
    from veille.rank.hits import Found
    from veille.rank.rules import Rules
    from veille.rank.score import Desk


def account_for(home: Home, reference: str, *, since: datetime) -> Account:
    """Why the story that a number means has its rank among the unread of a window. Raises UnknownError, ConfigError.

    The story counts as one of the list, read or not, of whatever date; hidden or not.
    """
    rules = load_rulebook(home).rules
    catch_up(home)
    story_id = find_story(home.db, reference)
    window = list_window(home.db, since=since, unread_only=True, muted=muted_by_config(home))
    weights = load_weights(home)
    (story,) = load_stories(home.db, [story_id], weights)
    others = load_candidates(home.db, [number for number in window if number != story_id], weights)
    stories = [story, *others]
    desk = lay_out(home, stories)
    hidden_by = killed_by(story, desk)
    shown = rank_stories(stories, _spare(desk, story))
    rank = next(place for place, one in enumerate(shown, 1) if one.story.id == story_id)
    ranked = shown[rank - 1]
    matches = {**desk.matches, **_look_up_rest(home, story, rules, desk)}
    texts = _read_texts(home, story)
    changes = list_changes(ranked, desk, rules.rules, matches)
    return Account(
        ranked=ranked,
        rank=rank,
        total=len(shown),
        since=since,
        hidden_by=hidden_by,
        reasons=list_reasons(ranked, desk.rules, matches, texts),
        silent=list_silent(story, desk.rules, matches, texts),
        raising=tuple(one for one in changes if not one.lowers),
        lowering=tuple(one for one in changes if one.lowers),
        goals=list_goals(shown, rank, desk),
    )


def _spare(desk: Desk, story: Story) -> Desk:
    """The same without what hides this story: its rank is told all the same."""
    lead = story.lead
    rules = [
        rule
        for rule in desk.rules
        if rule.kind != "kill" or (rule.key, lead.entry_id) not in desk.matches or not rule.covers(lead)
    ]
    return replace(desk, rules=rules)


def _look_up_rest(home: Home, story: Story, rules: Rules, desk: Desk) -> Found:
    """The story's matches of rules that are not in force, and of the pieces of those that give it nothing."""
    entry_ids = [source.entry_id for source in story.sources]
    idle = [rule for rule in rules.rules if not rule.is_in_force(desk.now)]
    missed = [rule for rule in rules.rules if not list_evidence(story, rule, desk.matches)]
    return find_matches(home.db, [*idle, *list_probes(missed)], entry_ids, now=desk.now)


def _read_texts(home: Home, story: Story) -> dict[int, Wording]:
    """What each entry of the story says."""
    return {
        headline.entry_id: Wording(
            title=headline.title,
            text=f"{headline.summary}\n{flatten_markup(load_content(home.db, headline.entry_id))}",
            author=story.author if headline.entry_id == story.lead.entry_id else "",
            language=headline.language,
        )
        for headline in load_members(home.db, [story.id])[story.id]
    }
