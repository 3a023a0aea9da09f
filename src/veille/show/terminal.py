"""Values as text for a terminal. Everything that came from a feed is printed as text, never as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from veille.show.phrases import local_time, outlets_of, title_of, until, why_of
from veille.text import clean_line, clean_text, strip_markup

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from veille.model import Feed, Ranked, Reading, Source, Story
    from veille.outcome import Receipt
    from veille.rank.rules import Rules

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


def print_ranked(console: Console, ranked: Sequence[Ranked], *, now: datetime, why: bool = False) -> None:
    """Stories with rank and score, two lines each; three with `why`."""
    for rank, one in enumerate(ranked, 1):
        _print_story(console, one, rank=rank, now=now, why=why)


def print_story(console: Console, reading: Reading, *, now: datetime) -> None:
    """One story in full: its lead's text, its sources, the user's note and why it ranks."""
    story, lead = reading.story, reading.story.lead
    console.print(Text(title_of(story), "bold"))
    author = f" · {clean_line(story.author)}" if story.author else ""
    console.print(
        Text(
            f"{clean_line(lead.feed)}{author} · {local_time(lead.published_at, now=now)} · #{story.id}{_flags(story)}",
            "dim",
        )
    )
    if lead.url:
        console.print(Text(clean_line(lead.url), "blue"))
    body = clean_text(strip_markup(reading.html)) or story.summary
    if body:
        console.print()
        console.print(Text(body))
    for enclosure in reading.enclosures:
        console.print(Text(f"\nattached: {clean_line(enclosure.url)} {clean_line(enclosure.type)}", "dim"))
    if story.note:
        console.print(Text(f"\nnote: {clean_text(story.note)}", "yellow"))
    if len(story.sources) > 1:
        console.print()
        for source in story.sources:
            console.print(_source_line(source, now=now))
    console.print(Text(f"\nscore {reading.score.total:.2f}: {why_of(reading.score)}", "dim"))


def print_feeds(console: Console, feeds: Sequence[Feed]) -> None:
    """Feeds by folder, a line each."""
    width = max((len(str(feed.id)) for feed in feeds), default=1)
    folder = None
    for feed in sorted(feeds, key=lambda feed: feed.subscription.folder):
        if feed.subscription.folder != folder:
            folder = feed.subscription.folder
            console.print(Text(clean_line(folder) or "(no folder)", "bold"))
        line = Text(f"  {feed.id:>{width}}  ")
        line.append(f"{feed.status:<9}", _STATES[feed.status])
        line.append(f"{feed.entries:>6} ")
        line.append(f"{feed.per_week:>6.1f}/week  ", "dim")
        line.append(clean_line(feed.name))
        if feed.subscription.tags:
            line.append(f"  [{', '.join(map(clean_line, feed.subscription.tags))}]", "cyan")
        if feed.state.reason:
            line.append(f"  {clean_line(feed.state.reason)}", "dim")
        console.print(line)


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
    console.print(Text(f"{receipt.total} feeds: {done} in {span:.0f} s", "bold"))
    if receipt.waiting and not receipt.interrupted:
        due = f", next {until(receipt.next_due_at, now=now)}" if receipt.next_due_at else ""
        console.print(Text(f"{receipt.waiting} not due{due} (--force fetches them all the same)", "dim"))
    console.print(f"{receipt.new} new entries, {receipt.edited} edited, {receipt.duplicate} folded as copies")
    for problem in receipt.problems:
        retry = f", again {until(problem.retry_at, now=now)}" if problem.retry_at else ""
        line = Text("  ! ", "yellow")
        line.append(clean_line(problem.title), "bold")
        line.append(f": {clean_line(problem.reason)}{retry}")
        console.print(line)
    if receipt.interrupted:
        left = f"interrupted: what was fetched is kept, {receipt.waiting} wait for the next fetch"
        console.print(Text(left, "yellow"))


def print_rules(console: Console, rules: Rules) -> None:
    """Rules and weights, a line each."""
    for rule in rules.rules:
        points = "kill" if rule.kind == "kill" else f"{rule.weight:+g}"
        line = Text(f"{points:>7}  ", "red" if rule.kind == "kill" else "green")
        line.append(rule.name, "bold")
        if rule.query.text != rule.name:
            line.append(f"  {rule.query.text}", "dim")
        console.print(line)
    for what, weights in (("feed", rules.feed_weights), ("folder", rules.folder_weights)):
        for name, points_given in weights.items():
            console.print(Text(f"{points_given:>+7g}  {what} {clean_line(name)}"))


def _print_story(console: Console, one: Ranked, *, rank: int, now: datetime, why: bool) -> None:
    story, indent = one.story, " " * 12
    head = Text(f"{rank:>3} ", "dim")
    head.append(f"{one.score.total:>6.2f}  ", "green" if one.score.total > 0 else "dim")
    head.append(title_of(story), "dim" if story.read else "bold")
    _print_indented(console, head, indent)
    minutes = f" · {one.read_minutes} min" if one.read_minutes else ""
    meta = f"{outlets_of(story)} · {local_time(story.lead.published_at, now=now)}{minutes} · #{story.id}{_flags(story)}"
    _print_indented(console, Text(indent + meta, "dim"), indent)
    if why:
        tie = f" | then {why_of(one.tie)}" if one.tie.contributions else ""
        _print_indented(console, Text(f"{indent}why: {why_of(one.score)}{tie}", "cyan"), indent)


def _print_indented(console: Console, line: Text, indent: str) -> None:
    """Wrap under the first word, so that ranks stay alone in their column."""
    body = line[len(indent) :]
    wrapped = body.wrap(console, max(20, console.width - len(indent)))
    for number, part in enumerate(wrapped):
        part.rstrip()
        console.print(Text.assemble(line[: len(indent)] if number == 0 else Text(indent), part))


def _source_line(source: Source, *, now: datetime) -> Text:
    line = Text(f"  {local_time(source.published_at, now=now):>10}  ", "dim")
    line.append(f"{clean_line(source.feed)}: ", "bold")
    line.append(clean_line(source.title))
    line.append(f"  #{source.entry_id}{' copy' if source.duplicate_of else ''}", "dim")
    return line


def _flags(story: Story) -> str:
    flags = (("★", story.starred), ("read", story.read), ("note", bool(story.note)))
    return "".join(f" {flag}" for flag, on in flags if on)
