"""Which rules count for a story: rules and their matches in, for each story its rules out. Pure; gives no points.

One walk over what matches, instead of one over all rules for each story: most entries match nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

from veille.model import MatchField, RuleKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.model import Source, Story
    from veille.rank.rules import Rule

# Where rules, by their keys, match entries.
Found = Mapping[tuple[str, int], MatchField]
# The rules that match each entry: their place in the file, and where they match.
Hits = dict[int, list[tuple[int, "Rule", MatchField]]]
# From the weakest: a rule counts by the best of its matches in a story.
STRENGTH: dict[MatchField, int] = {"body": 0, "entry": 1, "author": 2, "title": 3}


def index_hits(rules: Iterable[Rule], matches: Found) -> dict[RuleKind, Hits]:
    """The matches of the rules by their kind and by entry."""
    by_key: dict[str, list[tuple[int, Rule]]] = {}
    for place, rule in enumerate(rules):
        by_key.setdefault(rule.key, []).append((place, rule))
    hits: dict[RuleKind, Hits] = {kind: {} for kind in get_args(RuleKind)}
    for (key, entry_id), where in matches.items():
        for place, rule in by_key.get(key, ()):
            hits[rule.kind].setdefault(entry_id, []).append((place, rule, where))
    return hits


def find_rules(story: Story, hits: Hits) -> list[tuple[Rule, MatchField]]:
    """Each rule that counts for the story once, by its best match over the sources that it covers; in their order."""
    best: dict[int, tuple[Rule, MatchField]] = {}
    for source in story.sources:
        if source.entry_id not in hits:
            continue
        for place, rule, where in hits[source.entry_id]:
            known = best.get(place)
            if (known is None or STRENGTH[where] > STRENGTH[known[1]]) and rule.covers(source):
                best[place] = (rule, where)
    return [best[place] for place in sorted(best)] if best else []


def find_kill(story: Story, kills: Hits) -> str:
    """The name of the first kill rule that matches the story's lead, "" when none does."""
    lead = story.lead
    if lead.entry_id not in kills:
        return ""
    found = sorted((place, rule.name) for place, rule, _ in kills[lead.entry_id] if rule.covers(lead))
    return found[0][1] if found else ""


def list_evidence(story: Story, rule: Rule, matches: Found) -> list[tuple[Source, MatchField]]:
    """The sources of a story that a rule matches and covers, with where; the best first."""
    found = [
        (source, matches[rule.key, source.entry_id])
        for source in story.sources
        if (rule.key, source.entry_id) in matches and rule.covers(source)
    ]
    return sorted(found, key=lambda one: -STRENGTH[one[1]])
