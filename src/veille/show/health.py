"""Feed health for a terminal: what is wrong first, by verdict, each feed with its fix."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.text import Text

from veille.rank.findings import FINE, KINDS
from veille.show.phrases import count
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from veille.rank.findings import Health

_STYLES = {
    "gone": "red",
    "failing": "red",
    "degraded": "yellow",
    "missed": "yellow",
    "silent": "yellow",
    "moved": "yellow",
    "muted": "dim",
    "new": "cyan",
}


def print_health(console: Console, feeds: Sequence[Health], *, addresses: bool = False) -> None:
    """Feeds by verdict, the worst first, with every finding; those that are fine are only counted."""
    width = max(2, *(len(str(one.feed.id)) for one in feeds))
    for kind in KINDS:
        group = [one for one in feeds if one.verdict == kind]
        if group:
            console.print(Text(f"{kind} ({len(group)})", f"bold {_STYLES.get(kind, '')}".strip()))
        for one in group:
            _print_feed(console, one, width=width, addresses=addresses)
    fine = sum(one.verdict == FINE for one in feeds)
    console.print(Text(f"{count(fine, 'feed is', 'feeds are')} fine", "green"))


def _print_feed(console: Console, health: Health, *, width: int, addresses: bool) -> None:
    subscription = health.feed.subscription
    line = Text(f"  {health.feed.id:>{width}}  ")
    line.append(clean_line(health.feed.name), "bold")
    if subscription.folder:
        line.append(f"  {clean_line(subscription.folder)}", "dim")
    console.print(line, no_wrap=True, overflow="ellipsis")
    indent = " " * (width + 4)
    if addresses:
        console.print(Text(indent + clean_line(subscription.url), "blue"), soft_wrap=True)
    for finding in health.findings:
        kind = "" if finding.kind == health.verdict else f"{finding.kind}: "
        _print_wrapped(console, clean_line(kind + finding.words), indent, "")
        _print_wrapped(console, f"→ {clean_line(finding.fix)}", indent, "cyan")


def _print_wrapped(console: Console, line: str, indent: str, style: str) -> None:
    """Wrap between words only: an address that is longer than the line must still be whole when it is copied."""
    parts = textwrap.wrap(
        line,
        max(20 + len(indent), console.width),
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    for part in parts:
        console.print(Text(part, style), soft_wrap=True)
