"""Feed health for a terminal: what is wrong first, by verdict, each feed with its fix; hosts to wait for at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from veille.rank.findings import FINE, KINDS, WAITING
from veille.show.phrases import NO_TITLE, count, folder_of
from veille.show.terminal import name_in, print_wrapped
from veille.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from veille.rank.findings import Finding, Health

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
    _print_waiting(console, feeds)
    fine = sum(one.verdict == FINE for one in feeds)
    console.print(Text(f"{count(fine, 'feed is', 'feeds are')} fine", "green"))


def _print_waiting(console: Console, feeds: Sequence[Health]) -> None:
    """A line per host that asked for peace, with the numbers of its feeds: they are no trouble of theirs."""
    hosts: dict[str, list[tuple[Finding, int]]] = {}
    for health in feeds:
        for finding in health.findings:
            if finding.kind == WAITING:
                hosts.setdefault(finding.figures["host"], []).append((finding, health.feed.id))
    if hosts:
        console.print(Text(f"{WAITING} ({count(len(hosts), 'host')})", "bold yellow"))
    for waiting in hosts.values():
        # The longest says it for all, with its reason: only those that were told so have one.
        longest, _ = max(waiting, key=lambda one: (one[0].figures["until"], len(one[0].words)))
        numbers = ", ".join(str(number) for _, number in waiting)
        waits = count(len(waiting), "feed waits", "feeds wait")
        print_wrapped(console, clean_line(f"{longest.words}: {waits} (no. {numbers})"), "  ", "")


def _print_feed(console: Console, health: Health, *, width: int, addresses: bool) -> None:
    feed, subscription = health.feed, health.feed.subscription
    indent = " " * (width + 4)
    line = Text(f"  {feed.id:>{width}}  ")
    named = not (addresses and feed.name == subscription.url)
    line.append(name_in(console.width - len(indent), feed) if named else NO_TITLE, "bold")
    if subscription.folder:
        line.append(f"  {folder_of(subscription.folder)}", "dim")
    console.print(line, no_wrap=True, overflow="ellipsis")
    if addresses:
        console.print(Text(indent + clean_line(subscription.url), "blue"), soft_wrap=True)
    for finding in health.findings:
        if finding.kind == WAITING:
            continue
        kind = "" if finding.kind == health.verdict else f"{finding.kind}: "
        print_wrapped(console, clean_line(kind + finding.words), indent, "")
        print_wrapped(console, f"→ {clean_line(finding.fix)}", indent, "cyan")
        for command in finding.commands:
            # Alone on its line and never cut by a line break: it is there to be copied.
            console.print(Text(f"{indent}  {clean_line(command)}", "bold cyan"), soft_wrap=True)
