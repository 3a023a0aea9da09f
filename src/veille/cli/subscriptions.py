"""Subscriptions: `import`, `export`, `remove`, `tag`, `folder`, `rename`, `mute`, `unmute`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import open_home
from veille.cli.output import FeedArgument, JsonOption, examples, print_json, say
from veille.errors import UsageError
from veille.places import expand_home
from veille.show.phrases import count
from veille.text import clean_line

if TYPE_CHECKING:
    from veille.feed import Feed

_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(
        "import",
        short_help="Subscribe to every feed of a list.",
        epilog=examples(
            "veille import feeds.opml",
            "veille import https://example.org/feeds.opml",
            "veille import --folder Presse - < addresses.txt",
            "veille import everything.jsonl   of export --all, into an empty veille",
        ),
    )(import_)
    app.command(
        epilog=examples(
            "veille export feeds.opml",
            "veille export > feeds.opml",
            "veille export --all -o everything.jsonl",
            "veille export --all | gzip > everything.jsonl.gz",
        )
    )(export)
    app.command(epilog=examples("veille remove 12", "veille remove 'le monde' --purge"))(remove)
    app.command(epilog=examples("veille tag 12 presse local", "veille tag 12 -- -local"))(tag)
    app.command(epilog=examples("veille folder 12 Presse/Régions", "veille folder 12 ''"))(folder)
    app.command(epilog=examples("veille rename 12 'Le Monde, une'", "veille rename 12 ''"))(rename)
    app.command(epilog=examples("veille mute 12"))(mute)
    app.command(epilog=examples("veille unmute 12"))(unmute)


def import_(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FILE|URL|-", help="OPML, a list of addresses, or what export --all wrote.")
    ],
    *,
    into: Annotated[str, typer.Option("--folder", metavar="FOLDER", help="Put everything inside this folder.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Subscribe to every feed of a list: OPML (folders, titles and tags are kept) or plain addresses.

    Feeds already there are left as they are. What cannot be taken is told with its line.
    """
    from veille.app.importing import is_export
    from veille.app.subscribe import import_list

    if is_export(source):
        _import_all(ctx, source, into=into, as_json=as_json)
        return
    with open_home(ctx.obj) as home:
        done = import_list(home, source, folder=clean_line(into))
    if as_json:
        lines = {
            name: [{"line": one.line, "what": one.what, "reason": one.reason} for one in rows]
            for name, rows in (("repeated", done.repeated), ("skipped", done.skipped))
        }
        print_json({"added": done.added, "present": done.present} | lines)
        return
    typer.echo(
        f"{count(done.added, 'feed')} added, {done.present} already there,"
        f" {len(done.repeated)} repeated, {len(done.skipped)} skipped"
    )
    for one in done.repeated[:_SHOWN]:
        say(f"  line {one.line}: {clean_line(one.what)}: {clean_line(one.reason)}")
    for one in done.skipped[:_SHOWN]:
        say(f"  line {one.line}: {clean_line(one.what)}: {clean_line(one.reason)}")
    rest = sum(max(0, len(lines) - _SHOWN) for lines in (done.repeated, done.skipped))
    if rest:
        say(f"  and {rest} more (--json lists them)")
    if done.added:
        say("next: `veille fetch`")


def _import_all(ctx: typer.Context, source: str, *, into: str, as_json: bool) -> None:
    """What `export --all` wrote."""
    from veille.app.importing import import_export

    if into:
        raise UsageError("--folder goes with a list of feeds: an export of everything has its own folders")
    with open_home(ctx.obj) as home:
        taken = import_export(home, source)
    if as_json:
        print_json(dict(taken.counts))
        return
    counts = taken.counts
    typer.echo(
        f"{count(counts['feed'], 'feed')}, {count(counts['entry'], 'entry', 'entries')},"
        f" {count(counts['story'], 'story', 'stories')}, {count(counts['note'], 'note')} imported"
    )
    if taken.rules:
        say(clean_line(taken.rules))


def export(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="Where to write; standard output by default.")] = "-",
    *,
    everything: Annotated[bool, typer.Option("--all", help="Everything veille holds, as JSON Lines.")] = False,
    out: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="The same as FILE.")] = "",
) -> None:
    """Write all subscriptions as OPML, with folders, titles and tags; or everything, as JSON Lines.

    `veille import` of the latter into an empty veille brings all of it back.
    """
    from veille.app.subscribe import export_list

    if out and file not in ("-", out):
        raise UsageError("two files are named: write FILE or -o FILE")
    file = out or file
    if everything:
        _export_all(ctx, file)
        return
    with open_home(ctx.obj) as home:
        document = export_list(home)
    if file == "-":
        sys.stdout.write(document)
        return
    from veille.app.publish import write_atomically

    # For the user alone: an address may hold a password.
    write_atomically(expand_home(Path(file)), document, mode=0o600)
    say(f"written to {clean_line(file)}")


def _export_all(ctx: typer.Context, file: str) -> None:
    from veille.app.exporting import export_to, write_export

    with open_home(ctx.obj) as home:
        if file == "-":
            write_export(home, sys.stdout.buffer)
            return
        lines = export_to(home, expand_home(Path(file)))
    say(f"{count(lines, 'line')} written to {clean_line(file)}")


def remove(
    ctx: typer.Context,
    feed: FeedArgument,
    *,
    purge: Annotated[bool, typer.Option("--purge", help="Delete its entries too, for good.")] = False,
) -> None:
    """Unsubscribe from a feed. What was fetched stays in the archive, unless you purge it."""
    from veille.app.subscribe import remove as remove_

    with open_home(ctx.obj) as home:
        removed = remove_(home, feed, purge=purge)
    gone = f", and {count(removed.entries, 'entry', 'entries')} with it" if purge else ""
    typer.echo(f"removed: {clean_line(removed.name)}{gone}")


def tag(
    ctx: typer.Context,
    feed: FeedArgument,
    tags: Annotated[list[str], typer.Argument(metavar="TAG...", help="Tags to add; -TAG takes one away (after --).")],
) -> None:
    """Add tags to a feed, or take some away."""
    from veille.app.subscribe import tag as tag_

    with open_home(ctx.obj) as home:
        changed = tag_(home, feed, tags)
    typer.echo(f"{clean_line(changed.name)}: {', '.join(changed.subscription.tags) or 'no tags'}")


def folder(
    ctx: typer.Context,
    feed: FeedArgument,
    path: Annotated[str, typer.Argument(metavar="FOLDER", help="Such as Presse/Régions; '' for none.")],
) -> None:
    """Move a feed to a folder."""
    from veille.app.subscribe import move

    with open_home(ctx.obj) as home:
        changed = move(home, feed, path)
    typer.echo(f"{clean_line(changed.name)}: {changed.subscription.folder or '(no folder)'}")


def rename(
    ctx: typer.Context,
    feed: FeedArgument,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="Your title; '' brings the feed's own back.")],
) -> None:
    """Give a feed a title of yours."""
    from veille.app.subscribe import rename as rename_

    with open_home(ctx.obj) as home:
        _tell("renamed", rename_(home, feed, title))


def mute(ctx: typer.Context, feed: FeedArgument) -> None:
    """Stop fetching a feed and showing its stories; nothing is deleted.

    `veille fetch FEED`, which names it, still fetches it.
    """
    _set_muted(ctx, feed, muted=True)


def unmute(ctx: typer.Context, feed: FeedArgument) -> None:
    """Fetch and show a muted feed again."""
    _set_muted(ctx, feed, muted=False)


def _set_muted(ctx: typer.Context, feed: str, *, muted: bool) -> None:
    from veille.app.subscribe import mute as mute_

    with open_home(ctx.obj) as home:
        _tell("muted" if muted else "unmuted", mute_(home, feed, muted=muted))


def _tell(what: str, feed: Feed) -> None:
    typer.echo(f"{what}: {clean_line(feed.name)}")
