"""Values as the JSON that `--json` prints: the shapes are contracts (docs/architecture.md)."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from veille.kinds import show_setting
from veille.text import strip_markup
from veille.times import to_stored

if TYPE_CHECKING:
    from datetime import datetime

    from veille.feed import Feed
    from veille.model import Ranked, Reading, Score, Source, Story
    from veille.outcome import Receipt
    from veille.rank.chain import Bond
    from veille.rank.coverage import Comparison, Coverage
    from veille.rank.findings import Health
    from veille.rank.listing import Listed
    from veille.rank.rules import Rule, Rules
    from veille.read.article import Article


def to_json(value: Any) -> str:
    """Indented JSON; letters are kept readable, controls are escaped."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)


def receipt_record(receipt: Receipt) -> dict[str, Any]:
    """One fetch: `fetch --json`."""
    return {
        "started_at": to_stored(receipt.started_at),
        "finished_at": to_stored(receipt.finished_at),
        "feeds": {
            "total": receipt.total,
            "fetched": receipt.fetched,
            "not_modified": receipt.not_modified,
            "waiting": receipt.waiting,
            "failed": receipt.failed,
            "gone": receipt.gone,
        },
        "entries": {"new": receipt.new, "edited": receipt.edited, "duplicate": receipt.duplicate},
        "problems": [
            {
                "feed_url": problem.feed_url,
                "title": problem.title,
                "status": problem.status,
                "reason": problem.reason,
                "retry_at": _time(problem.retry_at),
            }
            for problem in receipt.problems
        ],
    }


def feed_record(feed: Feed) -> dict[str, Any]:
    """One feed: `feeds --json`."""
    subscription, state = feed.subscription, feed.state
    return {
        "id": feed.id,
        "url": subscription.url,
        "title": feed.name,
        "site_url": subscription.site_url,
        "folder": subscription.folder,
        "tags": list(subscription.tags),
        "state": feed.status,
        "last_ok_at": _time(state.last_ok_at),
        "next_fetch_at": _time(state.next_fetch_at),
        "failures": state.failures,
        "reason": state.reason,
        "entries": feed.entries,
        "per_week": feed.per_week,
    }


def health_record(health: Health) -> dict[str, Any]:
    """One feed with its verdict: `feeds --health --json`. A finding has its figures and commands beside its words."""
    subscription = health.feed.subscription
    return {
        "id": health.feed.id,
        "url": subscription.url,
        "title": health.feed.name,
        "folder": subscription.folder,
        "verdict": health.verdict,
        "findings": [
            {"kind": one.kind, "words": one.words, "fix": one.fix, "commands": list(one.commands), **one.figures}
            for one in health.findings
        ],
    }


def ranked_record(ranked: Ranked) -> dict[str, Any]:
    """One ranked story: what every list says of one."""
    return story_record(ranked.story, ranked.score, read_minutes=ranked.read_minutes)


def listed_record(listed: Listed) -> dict[str, Any]:
    """One story in its place: `ranked_record` and what else there is to say of it, each only where there is any."""
    ranked = listed.ranked
    said = {
        "section": listed.section,
        "pinned_by": ranked.pinned_by,
        "notes": list(ranked.notes),
        "back_for": listed.back_for,
        "hidden_by": listed.hidden_by,
    }
    return ranked_record(ranked) | {key: value for key, value in said.items() if value}


def story_record(story: Story, score: Score, *, read_minutes: int) -> dict[str, Any]:
    """One story with its score and its sources, the lead first."""
    lead = story.lead
    return {
        "id": story.id,
        "title": lead.title,
        "url": lead.url,
        "feed": lead.feed,
        "folder": lead.folder,
        "published_at": to_stored(lead.published_at),
        "score": round(score.total, 3),
        "why": [
            {"reason": part.reason, "points": round(part.points, 3), "rule": part.rule, "field": part.field}
            for part in score.contributions
        ],
        "sources": [_source_record(source) for source in story.sources],
        "read_minutes": read_minutes,
        "language": story.language,
        "read": story.read,
        "starred": story.starred,
        "note": story.note,
        "summary": story.summary,
    }


def reading_record(reading: Reading, *, back_for: str = "") -> dict[str, Any]:
    """One story in full: `show --json`, a story with its content; why it came back, where it did."""
    record = story_record(reading.story, reading.score, read_minutes=reading.read_minutes)
    return record | {
        "content_html": reading.html,
        "tags": list(reading.tags),
        "enclosures": [asdict(one) for one in reading.enclosures],
        **({"back_for": back_for} if back_for else {}),
    }


def article_record(article: Article, reading: Reading) -> dict[str, Any]:
    """What `show --full --json` adds: the whole text as it is shown, and what came of asking for the page."""
    return {
        "content_text": article.text or strip_markup(reading.html) or reading.story.summary,
        "article": {
            "url": article.url,
            "title": article.title,
            "status": article.status,
            "words": article.words,
            "reason": article.reason,
            "fetched_at": to_stored(article.fetched_at),
            "retry_at": _time(article.retry_at),
        },
    }


def coverage_record(story: Story, coverage: Coverage) -> dict[str, Any]:
    """Who had a story when: `story --json`. The lead is the first of `sources`; `timeline` has them by date."""
    first, second = coverage.first, coverage.second
    return {
        "id": story.id,
        "title": story.lead.title,
        "first_at": to_stored(first.published_at),
        "spread_seconds": int(coverage.spread.total_seconds()),
        "outlets": coverage.outlets,
        "first": {"entry_id": first.entry_id, "feed": first.feed},
        "second": {"entry_id": second.entry_id, "feed": second.feed} if second else None,
        "ahead_seconds": int(coverage.ahead.total_seconds()) if second else None,
        "sources": [_source_record(source) for source in story.sources],
        "timeline": [
            {"entry_id": one.entry_id, "after_seconds": int((one.published_at - first.published_at).total_seconds())}
            for one in sorted(story.sources, key=lambda one: (one.published_at, one.entry_id))
        ],
        "read": story.read,
        "starred": story.starred,
        "note": story.note,
    }


def comparison_record(compared: Comparison) -> dict[str, Any]:
    """Why two headlines are, or are not, one story: `story why --json`."""
    evidence = compared.evidence
    return {
        "together": compared.together,
        "entries": [
            {"entry_id": one.entry_id, "story_id": story, "title": one.title}
            for one, story in zip((compared.one, compared.other), compared.stories, strict=True)
        ],
        "facts": list(compared.facts),
        "bond": _bond_record(compared.bond) if compared.bond else None,
        "stories_agreement": None if compared.bodies is None else round(compared.bodies, 3),
        "chance": round(evidence.chance, 3),
        "copies": evidence.copies,
        "shared": [{"word": word, "worth": worth} for word, worth in evidence.shared],
        "names": list(evidence.names),
        "numbers": list(evidence.numbers),
        "texts": round(evidence.texts, 3),
        "hours": round(evidence.hours, 2),
        "one_feed": evidence.one_feed,
        "refused": evidence.refused,
    }


def rule_record(rule: Rule) -> dict[str, Any]:
    """One rule: `rules --json`."""
    return {
        "name": rule.name,
        "kind": rule.kind,
        "match": rule.query.text,
        "weight": rule.weight,
        "group": rule.group,
        "fields": list(rule.fields),
        "folders": list(rule.folders),
        "feeds": list(rule.feeds),
        "lang": list(rule.lang),
        "until": rule.until.isoformat() if rule.until else None,
        "note": rule.note,
        "enabled": not rule.disabled,
    }


def rules_record(rules: Rules) -> dict[str, Any]:
    """All of rules.toml: `rules --json`."""
    return {
        "rules": [rule_record(rule) for rule in rules.rules],
        "searches": dict(rules.searches),
        "weights": {"feeds": dict(rules.feed_weights), "folders": dict(rules.folder_weights)}
        | {name: show_setting(value) for name, value in rules.weights.items()},
    }


def _bond_record(bond: Bond) -> dict[str, Any]:
    """What holds two entries of one story together: the chain between them (no links: none), the rest of the story."""
    return {
        "through": [{"entry_id": one.entry_id, "title": one.title} for one in bond.through],
        "links": [round(link, 3) for link in bond.links],
        "others": bond.others,
        "agreement_with_others": [round(one, 3) for one in bond.bodies] if bond.others else None,
    }


def _source_record(source: Source) -> dict[str, Any]:
    return {
        "entry_id": source.entry_id,
        "feed": source.feed,
        "title": source.title,
        "url": source.url,
        "published_at": to_stored(source.published_at),
        "duplicate_of": source.duplicate_of,
    }


def _time(moment: datetime | None) -> str | None:
    return to_stored(moment) if moment else None
