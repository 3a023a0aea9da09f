"""`veille review show`, `publish`, `unpublish`, `build`: issues of the press review."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from veille.cli.output import examples, open_home, print_json, say
from veille.cli.review import group
from veille.digestconfig import FORMS, check_form, check_mail, check_output
from veille.show.phrases import count
from veille.text import clean_line, clean_text
from veille.times import to_stored

if TYPE_CHECKING:
    from veille.app.reviewfiles import Ready
    from veille.store.issues import IssueHead

PARTIAL = 3

FormsOption = Annotated[
    list[str] | None, typer.Option("--format", metavar="FORM", help=f"{', '.join(FORMS)}; several if repeated.")
]
OutputOption = Annotated[
    str | None,
    typer.Option(
        "-o", "--output", metavar="PATH", help="Where to write; may hold %Y-%m-%d, {number}, {format}; - prints it."
    ),
]
TitleOption = Annotated[
    str, typer.Option("--title", metavar="TEXT", help="Its title; that of [review] if none is given.")
]
IntroOption = Annotated[str, typer.Option("--intro", metavar="TEXT", help="What it says before its stories.")]


def register(_app: typer.Typer) -> None:
    """Add this file's commands to those of `veille review`."""
    group.command(
        epilog=examples(
            "veille review show                     what would be published now",
            "veille review show 12 --format html -o revue.html",
        )
    )(show)
    group.command(
        epilog=examples(
            "veille review publish",
            "veille review publish --title 'Revue du vendredi' --intro 'Semaine calme.'",
            "veille review publish --format html -o '~/revue-{number}.html'",
            "veille review publish --mail equipe@example.org && veille review build",
        )
    )(publish)
    group.command(epilog=examples("veille review unpublish 12 && veille review build"))(unpublish)
    group.command(
        epilog=examples(
            "veille review build ~/public_html/revue",
            "veille review build         the folder of [review] in config.toml",
        )
    )(build)


def show(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", min=1, help="An issue; what would be the next one if none is named.")
    ] = None,
    *,
    forms: FormsOption = None,
    output: OutputOption = None,
    title: TitleOption = "",
    intro: IntroOption = "",
) -> None:
    """Print an issue in any format, or write it: always the same for a published one."""
    from veille.app.review import Words, preview, read_issue
    from veille.app.reviewfiles import Asked, make_ready

    asked = Asked(_check_forms(forms) or (() if output else ("md",)), check_output("-o", output) or "-")
    with open_home(ctx.obj) as home:
        if number is None:
            issue = preview(home, Words(title=clean_line(title), introduction=clean_text(intro)))
        else:
            issue = read_issue(home, number)
        ready = make_ready(home, issue, asked)
        ready.put()
        _tell(ready)


def publish(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    *,
    title: TitleOption = "",
    intro: IntroOption = "",
    forms: FormsOption = None,
    output: OutputOption = None,
    mail: Annotated[
        list[str] | None, typer.Option("--mail", metavar="ADDRESS", help="Send it there (may be repeated).")
    ] = None,
) -> None:
    """Make a numbered issue of what is in the press review, which is empty then.

    It is kept with all it says: `show N` writes it again, `build` puts it on the pages, `unpublish N` takes it
    back. Files are written as --format and -o say; without them there are none.
    """
    from veille.app.review import Words
    from veille.app.reviewfiles import Asked, publish_whole

    words = Words(title=clean_line(title), introduction=clean_text(intro), mail=check_mail("--mail", tuple(mail or ())))
    asked = Asked(_check_forms(forms), check_output("-o", output))
    with open_home(ctx.obj) as home:
        issue, ready = publish_whole(home, words, asked, tell=lambda line: say(f"veille: {line}"))
        _tell(ready)
        sent = True
        if words.mail:
            from veille.cli.outbox import flush_and_say

            sent = flush_and_say(home, own=f"{issue.kind}:{issue.name}:")
    say(f"published: {issue.title}, number {issue.number}, {count(len(issue.items), 'story', 'stories')}")
    raise typer.Exit(0 if sent else PARTIAL)


def unpublish(
    ctx: typer.Context, number: Annotated[int, typer.Argument(metavar="N", min=1, help="The number of the issue.")]
) -> None:
    """Take an issue back: its stories are in the press review again, as they were.

    `veille review build` takes its page away. Mails of it that wait are not sent any more; what was sent is sent.
    """
    from veille.app.review import unpublish

    with open_home(ctx.obj) as home:
        issue = unpublish(home, number)
    say(f"unpublished: {issue.title}, number {issue.number}; `veille review build` takes its page away")


def build(
    ctx: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The folder; that of [review] if none is named.")
    ] = None,
) -> None:
    """Write the published issues into a folder for any web host: an index, a page each, an Atom feed.

    Only what has changed is written, each file in one step. What veille did not write there is neither
    replaced nor removed; .veille-review.json remembers what it did.
    """
    from veille.app.site import build_site

    with open_home(ctx.obj) as home:
        built = build_site(home, directory)
    for name in built.written:
        typer.echo(str(built.directory / name))
    for name in built.removed:
        say(f"removed: {built.directory / name}")
    for name in built.left:
        say(f"left: {built.directory / name}: its issue is gone, but somebody has changed it")
    say(f"{count(len(built.written), 'file')} written, {built.same} as they were")


def list_issues(ctx: typer.Context, *, as_json: bool) -> None:
    """The published issues, the latest first."""
    from veille.app.review import list_published

    with open_home(ctx.obj) as home:
        heads = list_published(home)
    if as_json:
        print_json([_record(one) for one in heads])
        return
    for one in heads:
        told = f"{one.written_at.astimezone():%Y-%m-%d} · {count(one.stories, 'story', 'stories')}"
        typer.echo(f"{one.number:>3}  {clean_line(one.title)} · {told}")
    if not heads:
        say("no press review is published yet: `veille review publish`")


def _record(one: IssueHead) -> dict[str, Any]:
    written = to_stored(one.written_at)
    return {"number": one.number, "title": one.title, "written_at": written, "stories": one.stories}


def _tell(ready: Ready) -> None:
    for one in ready.files:
        typer.echo(str(one.path))
    for text in ready.printed:
        sys.stdout.write(text)
    sys.stdout.flush()


def _check_forms(forms: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(check_form("--format", one) for one in forms or ()))
