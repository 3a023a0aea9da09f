"""What has left the archive, or would, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veille.show.phrases import count
from veille.times import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veille.outcome import Pruned

_HELD = {
    "starred": "starred",
    "noted": "noted",
    "tagged": "tagged",
    "picked": "picked",
    "later": "put off",
    "review": "in a press review",
    "issue": "in an issue of a digest",
    "session": "in a session",
}


def tell_pruned(pruned: Pruned) -> Iterator[str]:
    """What has gone, what stays however old, and the room that is given back."""
    since = f"published before {pruned.before.astimezone():%Y-%m-%d %H:%M}"
    stories = f"{count(pruned.stories, 'story', 'stories')} ({count(pruned.entries, 'entry', 'entries')})"
    if pruned.stories:
        yield f"{'would take out' if pruned.dry_run else 'taken out'}: {stories} {since}"
    else:
        yield f"nothing to take out: no story that was {since} may go" if pruned.held else f"nothing was {since}"
    if pruned.held:
        why = ", ".join(f"{number} {_HELD[holder]}" for holder, number in pruned.held.items())
        yield f"{'would stay' if pruned.dry_run else 'stay'}: {why}"
    freed = _freed(pruned)
    if pruned.stories or freed:
        yield f"room given back: {'about ' if pruned.dry_run else ''}{freed / 1e6:.1f} MB of {_size(pruned)}"


def pruned_record(pruned: Pruned) -> dict[str, Any]:
    """As `--json` gives it."""
    return {
        "before": to_stored(pruned.before),
        "dry_run": pruned.dry_run,
        "stories": pruned.stories,
        "entries": pruned.entries,
        "held": {holder: pruned.held.get(holder, 0) for holder in _HELD},
        "bytes_before": pruned.bytes_before,
        "bytes_after": pruned.bytes_after,
        "bytes_given_back": _freed(pruned),
        "trouble": pruned.trouble,
    }


def _freed(pruned: Pruned) -> int:
    return max(pruned.bytes_before - pruned.bytes_after, 0)


def _size(pruned: Pruned) -> str:
    return f"{pruned.bytes_before / 1e6:.1f} MB"
