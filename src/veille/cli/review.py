"""`veille review`: the press review that is being made; its issues are in `reviewissues`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from veille.cli.output import JsonOption, examples, open_home, print_json, say
from veille.errors import UsageError
from veille.show.phrases import count, outlets_of, title_of
from veille.text import clean_line, clean_text, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.app.review import Added, Chosen

_LONGEST = 100

group = typer.Typer(rich_markup_mode=None, no_args_is_help=True)

_IDS = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids, or ranks in the last list: 3 5-9, or 3,5-9.")]
_RUBRIC = typer.Option("--rubric", metavar="NAME", help="The heading that it stands under; '' for none.")
_COMMENT = typer.Option("--comment", metavar="TEXT", help="What the review says of it; '' for nothing.")


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(
        group,
        name="review",
        help="Make a press review: choose stories, comment on them, publish numbered issues.",
        epilog=examples(
            "veille review add 1 3 --rubric Local --comment 'La suite de lundi.'",
            "veille review list",
            "veille review publish --title 'Revue du vendredi'",
            "veille review build ~/public_html/revue",
        ),
    )
    group.command(
        epilog=examples(
            "veille review add 1 4-6                ranks of the last list, or ids",
            "veille review add 2 --rubric Presse --comment 'À lire en entier.'",
            "veille review add --starred            starred, and in no review so far",
            "veille review add --noted              the note is what the review says",
        )
    )(add)
    group.command("list", epilog=examples("veille review list", "veille review list --issues"))(list_)
    group.command(epilog=examples("veille review edit 1 --comment 'Mieux dit.'", "veille review edit 2 --rubric ''"))(
        edit
    )
    group.command(epilog=examples("veille review remove 3", "veille review remove 2-4"))(remove)
    group.command(
        epilog=examples(
            "veille review reorder 5 --first",
            "veille review reorder 4 5 --before 2   both, in this order",
            "veille review reorder 1 --after 3",
        )
    )(reorder)


def add(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    stories: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="Ids, or ranks in the last list: 3 5-9, or 3,5-9.")
    ] = None,
    *,
    rubric: Annotated[str | None, _RUBRIC] = None,
    comment: Annotated[str | None, _COMMENT] = None,
    starred: Annotated[bool, typer.Option("--starred", help="Every starred story that no review has had.")] = False,
    noted: Annotated[
        bool, typer.Option("--noted", help="Every noted story that no review has had; its note is the comment.")
    ] = False,
) -> None:
    """Put stories into the press review, at its end. Those picked in a session are in it already.

    A note stays yours, and a star too: only comments are published.
    """
    from veille.app.review import add_offered, add_stories

    if bool(stories) + starred + noted != 1:
        raise UsageError("say which stories: ids, --starred or --noted, one of them at a time")
    if comment is not None and not stories:
        raise UsageError("--comment goes with ids: --starred and --noted take many stories")
    heading, said = _clean_rubric(rubric), _clean_comment(comment)
    with open_home(ctx.obj) as home:
        if stories:
            added = add_stories(home, stories, rubric=heading, comment=said)
        else:
            added = add_offered(home, noted=noted, rubric=heading)
    _tell_added(added)


def list_(
    ctx: typer.Context,
    *,
    issues: Annotated[bool, typer.Option("--issues", help="List the published issues instead.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what is in the press review, in its order; the ranks shown name these stories then."""
    from veille.app.review import count_offered, read_draft

    if issues:
        from veille.cli.reviewissues import list_issues

        list_issues(ctx, as_json=as_json)
        return
    with open_home(ctx.obj) as home:
        chosen, offered = read_draft(home), count_offered(home)
    if as_json:
        print_json([_record(rank, one) for rank, one in enumerate(chosen, 1)])
        return
    _print_list(chosen)
    if not chosen:
        say("nothing is in the press review: `veille review add ID`, or `d` in a session")
    if offered:
        what = count(offered, "starred or noted story is", "starred or noted stories are")
        say(f"{what} in no review: `veille review add --starred` or --noted")


def edit(
    ctx: typer.Context,
    story: Annotated[str, typer.Argument(metavar="ID", help="Its rank in `veille review list`, or its id.")],
    *,
    rubric: Annotated[str | None, _RUBRIC] = None,
    comment: Annotated[str | None, _COMMENT] = None,
) -> None:
    """Change the rubric or the comment of a story."""
    from veille.app.review import edit_story

    if rubric is None and comment is None:
        raise UsageError("say what to change: --rubric or --comment")
    with open_home(ctx.obj) as home:
        edited = edit_story(home, story, rubric=_clean_rubric(rubric), comment=_clean_comment(comment))
    typer.echo(f"edited: {_tell(edited)}")


def remove(ctx: typer.Context, stories: _IDS) -> None:
    """Take stories out of the press review, with what was said of them."""
    from veille.app.review import remove_stories

    with open_home(ctx.obj) as home:
        removed = remove_stories(home, stories)
    for story in removed:
        typer.echo(f"removed: {title_of(story)} (id {story.id})")


def reorder(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    stories: _IDS,
    *,
    before: Annotated[str | None, typer.Option("--before", metavar="ID", help="Before this story.")] = None,
    after: Annotated[str | None, typer.Option("--after", metavar="ID", help="After this one.")] = None,
    first: Annotated[bool, typer.Option("--first", help="Before all others.")] = False,
    last: Annotated[bool, typer.Option("--last", help="After all others.")] = False,
) -> None:
    """Move stories, in the order given; rubrics come in the order of their first story."""
    from veille.app.review import move_stories

    if (before is not None) + (after is not None) + first + last != 1:
        raise UsageError("say where to: one of --before ID, --after ID, --first and --last")
    step = int(after is not None)
    with open_home(ctx.obj) as home:
        chosen = move_stories(
            home, stories, to=before or after or "", place=(lambda _: 0) if first else lambda at: at + step
        )
    _print_list(chosen)


def _tell_added(added: Added) -> None:
    if added.beyond:
        say(f"not in the last list shown: {added.beyond} (the rest is added)")
    for story in added.stories:
        before = added.carried.get(story.id)
        again = f", which press review {before} carried already" if before else ""
        typer.echo(f"added: {title_of(story)} (id {story.id}){again}")
    if not added.stories:
        say("nothing to add: each of them was in a review, or is in this one")


def _print_list(chosen: Sequence[Chosen]) -> None:
    """In the order of the list; a rubric is named where it changes."""
    rubric = ""
    for rank, one in enumerate(chosen, 1):
        if one.rubric != rubric:
            typer.echo(clean_line(one.rubric) or "(no rubric)")
            rubric = one.rubric
        typer.echo(f"{rank:>3}  {title_of(one.story)}\n     {outlets_of(one.story)} · id {one.story.id}")
        for line in one.comment.splitlines():
            typer.echo(f"     > {shorten(clean_line(line), _LONGEST)}" if line else "     >")


def _tell(one: Chosen) -> str:
    where = f" · under {one.rubric}" if one.rubric else ""
    return f"{title_of(one.story)} (id {one.story.id}){where}"


def _record(rank: int, one: Chosen) -> dict[str, Any]:
    return {
        "rank": rank,
        "id": one.story.id,
        "title": title_of(one.story),
        "url": one.story.lead.url,
        "outlet": clean_line(one.story.lead.feed),
        "rubric": one.rubric,
        "comment": one.comment,
    }


def _clean_rubric(text: str | None) -> str | None:
    if text is not None and len(text) > _LONGEST:
        raise UsageError(f"--rubric: a heading has {_LONGEST} characters at most")
    return None if text is None else clean_line(text)


def _clean_comment(text: str | None) -> str | None:
    return None if text is None else clean_text(text)
