"""An issue as the JSON of `digest --format json`: a contract, as those of `show/records.py` are."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from veille.show.identity import urn_of
from veille.times import to_stored

if TYPE_CHECKING:
    from veille.issue import Figures, Issue, Item, Link


def issue_record(issue: Issue, *, address: str = "") -> dict[str, Any]:
    """All of one issue. `stories` are in the order they are read, each with the heading that it stands under."""
    return {
        "kind": issue.kind,
        "name": issue.name,
        "number": issue.number,
        "id": urn_of(issue, address=address),
        "title": issue.title,
        "url": address,
        "language": issue.tongue,
        "written_at": to_stored(issue.written_at),
        "since_at": to_stored(issue.since_at) if issue.since_at else None,
        "introduction": issue.introduction,
        "stories": [_item_record(item, rubric.title) for rubric in issue.rubrics for item in rubric.items],
        "left_out": list(map(_link_record, issue.left_out)),
        "left_out_more": issue.left_out_more,
        "problems": list(issue.problems),
        "figures": _figures_record(issue.figures),
    }


def _item_record(item: Item, rubric: str) -> dict[str, Any]:
    return {
        "id": item.story_id,
        "rubric": rubric,
        "title": item.lead.title,
        "url": item.lead.url,
        "feed": item.lead.outlet,
        "author": item.author,
        "published_at": to_stored(item.published_at),
        "language": item.language,
        "score": round(item.score, 3),
        "why": [asdict(reason) for reason in item.reasons],
        "why_line": item.why,
        "excerpt": item.excerpt,
        "note": item.note,
        "comment": item.comment,
        "remarks": list(item.remarks),
        "tags": list(item.tags),
        "sources": list(map(_link_record, item.sources)),
        "read_minutes": item.minutes,
        "starred": item.starred,
        "back_for": item.back_for,
    }


def _link_record(link: Link) -> dict[str, str]:
    return {"title": link.title, "url": link.url, "feed": link.outlet}


def _figures_record(figures: Figures) -> dict[str, Any]:
    pairs = {key: dict(value) for key, value in asdict(figures).items() if key != "days"}
    days = [{"day": day.isoformat(), "entries": entries, "stories": stories} for day, entries, stories in figures.days]
    return {"days": days} | pairs
