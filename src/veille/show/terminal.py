"""Values as text for a terminal. Everything that came from a feed is printed as text, never as markup."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from veille.show.phrases import NO_TITLE, count, folder_of, local_time, title_of, until, why_of
from veille.show.ranked import light, list_flags
from veille.text import clean_line, clean_text, strip_markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from veille.feed import Feed
    from veille.model import Reading, Source
    from veille.outcome import Receipt
    from veille.rank.expression import Expression
    from veille.show.ranked import Line

_STATES = {
    "ok": "green",
    "new": "cyan",
    "waiting": "yellow",
    "degraded": "yellow",
    "moved": "yellow",
    "failing": "red",
    "gone": "red",
    "muted": "dim",
}
_WIDEST = 110


class _Console(Console):
    """rich ends the process when the reader of a pipe goes away; here that is the command's to judge."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def open_console(*, stderr: bool = False) -> Console:
    """A console that never reads markup, emoji codes or links into what it prints.

    Off a terminal lines are as long as they are: whoever reads them wraps them.
    """
    console = _Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=False)
    if console.is_terminal:
        console.width = min(console.width, _WIDEST)
    else:
        console.width = 10_000
    return console


def print_lines(console: Console, lines: Iterable[Line]) -> None:
    """Lines of a list, wrapped under their first word, so that ranks stay alone in their column."""
    for line in lines:
        _print_indented(console, Text.assemble(*line.pieces), " " * line.indent)


def print_story(
    console: Console, reading: Reading, *, now: datetime, lit: Sequence[Expression] = (), back_for: str = ""
) -> None:
    """One story in full: its lead's text, its sources, the user's note and why it ranks.

    What `lit` matches stands out; `back_for` says why it came back.
    """
    story, lead = reading.story, reading.story.lead
    wanted = lit if console.is_terminal else ()
    console.print(Text.assemble(*light(title_of(story), wanted, "bold", part="title", language=story.language)))
    author = f" · {clean_line(story.author)}" if story.author else ""
    when = local_time(lead.published_at, now=now)
    console.print(Text(f"{clean_line(lead.feed)}{author} · {when} · id {story.id}{list_flags(story)}", "dim"))
    if lead.url:
        _print_address(console, clean_line(lead.url))
    body = clean_text(strip_markup(reading.html)) or story.summary
    if body:
        console.print()
        console.print(Text.assemble(*light(body, wanted, "", part="text", language=story.language)))
    for enclosure in reading.enclosures:
        console.print(Text(f"\nattached: {clean_line(enclosure.type)}", "dim"))
        _print_address(console, clean_line(enclosure.url))
    if back_for:
        console.print(Text(f"\nback: {clean_line(back_for)}", "yellow"))
    if story.note:
        console.print(Text(f"\nnote: {clean_text(story.note)}", "yellow"))
    if len(story.sources) > 1:
        console.print()
        for source in story.sources:
            _print_indented(console, _source_line(source, now=now), " " * 14)
            if source is not lead and source.url:
                _print_address(console, clean_line(source.url))
    console.print(Text(f"\nscore by your rules {reading.score.total:.2f}: {why_of(reading.score)}", "dim"))
    if reading.hidden_by:
        console.print(Text(f"hidden from top and digests by the rule “{clean_line(reading.hidden_by)}”", "red"))


def print_feeds(console: Console, feeds: Sequence[Feed], *, addresses: bool = False) -> None:
    """Feeds by folder, a line each: what is wrong below where it does not fit in; their addresses if asked."""
    width = max(2, *(len(str(feed.id)) for feed in feeds))
    console.print(Text(f"  {'id':>{width}}  {'state':<9}{'entries':>7}{'a week':>8}  title", "dim"))
    indent = " " * (width + 4)
    folder = None
    for feed in sorted(feeds, key=lambda feed: feed.subscription.folder):
        if feed.subscription.folder != folder:
            folder = feed.subscription.folder
            console.print(Text(folder_of(folder) or "(no folder)", "bold"))
        _print_feed(console, feed, width=width, named=not (addresses and feed.name == feed.subscription.url))
        if addresses:
            console.print(Text(indent + clean_line(feed.subscription.url), "blue"), soft_wrap=True)


def name_in(width: int, feed: Feed) -> str:
    """A feed's name for a line; an address in its place is shortened in the middle, its ends tell most."""
    name = clean_line(feed.name)
    if feed.name != feed.subscription.url or cell_len(name) <= width:
        return name
    name = name.removeprefix("https://").removeprefix("http://")
    kept = max(width, 12) - 1
    return name if cell_len(name) <= width else f"{name[: kept - kept // 2]}…{name[-(kept // 2) :]}"


def print_wrapped(console: Console, line: str, indent: str, style: str) -> None:
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


def print_receipt(console: Console, receipt: Receipt, *, now: datetime) -> None:
    """What a fetch did, in a line or two, then a line per problem."""
    span = (receipt.finished_at - receipt.started_at).total_seconds()
    counts = [
        (receipt.fetched, "fetched"),
        (receipt.not_modified, "not modified"),
        (receipt.failed, "failed"),
        (receipt.gone, "gone"),
    ]
    done = ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to fetch"
    console.print(Text(f"{count(receipt.total, 'feed')}: {done} in {span:.0f} s", "bold"))
    if not receipt.interrupted:
        _print_waiting(console, receipt, now=now)
    if receipt.fetched or receipt.new:
        new = count(receipt.new, "new entry", "new entries")
        console.print(f"{new}, {receipt.edited} edited, {receipt.duplicate} folded as copies")
    if receipt.offline:
        console.print(Text("nothing answered: is the network there? All of it is due again at once", "yellow"))
    for problem in receipt.problems[: 5 if receipt.offline else None]:
        retry = f", again {until(problem.retry_at, now=now)}" if problem.retry_at else ""
        line = Text("  ! " if problem.failed else "  · ", "yellow")
        line.append(f"{problem.feed_id} ")
        line.append(clean_line(problem.title), "bold")
        line.append(f": {clean_line(problem.reason)}{retry}")
        console.print(line)
    if receipt.interrupted:
        left = f"{receipt.cut_off} wait for the next fetch"
        if receipt.forced and receipt.cut_off:
            # What was fetched by force may not be due by the clock.
            left = f"{count(receipt.cut_off, 'feed')} not reached: `veille fetch --force` begins again"
        console.print(Text(f"interrupted: what was fetched is kept, {left}", "yellow"))


def _print_waiting(console: Console, receipt: Receipt, *, now: datetime) -> None:
    """Feeds that were left alone, each counted once: by the clock, or at their server's word."""
    asked = receipt.asked + sum(hold.feeds for hold in receipt.holds)
    if receipt.waiting > asked:
        due = f", next at {local_time(receipt.next_due_at, now=now)}" if receipt.next_due_at else ""
        console.print(Text(f"{receipt.waiting - asked} not due{due} (--force fetches them all the same)", "dim"))
    for hold in receipt.holds:
        what = f"{clean_line(hold.host)} asks for peace until {local_time(hold.until, now=now)}"
        console.print(Text(f"{what}: {count(hold.feeds, 'feed waits', 'feeds wait')}", "yellow"))
    if receipt.asked:
        wait = count(receipt.asked, "feed waits", "feeds wait")
        console.print(Text(f"{wait} because their server asked for it (Retry-After)", "yellow"))
    if asked:
        console.print(Text("--force --ignore-retry-after asks them all the same", "dim"))


def _print_feed(console: Console, feed: Feed, *, width: int, named: bool) -> None:
    line = Text(f"  {feed.id:>{width}}  ")
    line.append(f"{feed.status:<9}", _STATES[feed.status])
    line.append(f"{feed.entries:>7}")
    line.append(f"{feed.per_week:>8.1f}  ", "dim")
    tags = Text(f"  [{', '.join(map(clean_line, feed.subscription.tags))}]" if feed.subscription.tags else "", "cyan")
    line.append(name_in(console.width - line.cell_len - tags.cell_len, feed) if named else NO_TITLE)
    line.append(tags)
    reason = clean_line(feed.state.reason)
    fits = line.cell_len + 2 + cell_len(reason) <= console.width
    if reason and fits:
        line.append(f"  {reason}", "dim")
    console.print(line, no_wrap=True, overflow="ellipsis")
    if reason and not fits:
        print_wrapped(console, reason, " " * (width + 4), "dim")


def _print_indented(console: Console, line: Text, indent: str) -> None:
    """Wrap under the first word, so that ranks stay alone in their column."""
    body = line[len(indent) :]
    wrapped = body.wrap(console, max(20, console.width - len(indent)))
    for number, part in enumerate(wrapped):
        part.rstrip()
        console.print(Text.assemble(line[: len(indent)] if number == 0 else Text(indent), part))


def _print_address(console: Console, address: str) -> None:
    """An address alone on its line and never cut by a line break: it must still open when it is copied."""
    console.print(Text(address, "blue"), soft_wrap=True)


def _source_line(source: Source, *, now: datetime) -> Text:
    line = Text(f"  {local_time(source.published_at, now=now):>10}  ", "dim")
    line.append(f"{clean_line(source.feed)}: ", "bold")
    line.append(clean_line(source.title))
    line.append(f"  id {source.entry_id}{', a copy' if source.duplicate_of else ''}", "dim")
    return line
