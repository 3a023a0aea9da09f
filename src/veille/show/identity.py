"""Names of issues and of their stories that stay the same however often they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from veille.issue import Issue


def urn_of(issue: Issue, part: str | int = "", *, address: str = "") -> str:
    """`urn:uuid:...` of an issue, or of a part of it: a story by its number, another part by its word.

    A press review is known by its stories too: one that is taken back leaves its number to the next.
    """
    stories = sorted(item.story_id for item in issue.items) if issue.kind == "review" and not part else ()
    return _urn(address, issue.kind, issue.name, issue.number, part, *stories)


def urn_of_series(kind: str, name: str, *, address: str = "") -> str:
    """`urn:uuid:...` of all issues of one name: what a feed that each issue replaces is known by."""
    return _urn(address, kind, name)


def _urn(*parts: object) -> str:
    # Each part with its length: no two lists of parts are one text.
    text = "".join(f"{len(str(part))}:{part}," for part in ("veille", *parts))
    return uuid5(NAMESPACE_URL, text).urn
