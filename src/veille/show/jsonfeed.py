"""An issue as a JSON Feed (version 1.1, jsonfeed.org)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veille.show.pieces import pieces_of
from veille.show.records import to_json
from veille.times import to_stored

if TYPE_CHECKING:
    from veille.issue import Issue
    from veille.show.pieces import Piece


def render_json_feed(issue: Issue, *, address: str = "") -> str:
    """The document; keys that have nothing to say are left out, as the specification asks."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": issue.title,
        "home_page_url": address,
        "description": issue.introduction,
        "language": issue.tongue,
        "items": [_item(piece) for piece in pieces_of(issue, address=address)],
    }
    return to_json({key: value for key, value in feed.items() if value or key == "items"}) + "\n"


def _item(piece: Piece) -> dict[str, Any]:
    item = {
        "id": piece.id,
        "url": piece.url,
        "title": piece.title,
        "content_html": piece.content,
        "summary": piece.summary,
        "date_published": to_stored(piece.published_at),
        "date_modified": to_stored(piece.updated_at),
        "authors": [{"name": piece.author}] if piece.author else [],
        "tags": list(piece.tags),
        "language": piece.language,
    }
    return {key: value for key, value in item.items() if value}
