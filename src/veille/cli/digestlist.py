"""What `veille digest` does beside writing issues: it lists them, and gives the templates to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from veille.cli.output import open_home, print_json, say
from veille.kinds import hint_at
from veille.show.phrases import count
from veille.text import clean_line
from veille.times import to_stored

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from veille.app.home import Home
    from veille.store.issues import IssueHead


def list_digests(ctx: typer.Context, name: str | None, *, as_json: bool) -> None:
    """Print the issues so far, the latest first; of one digest only, if it is named."""
    from veille.store.issues import list_issues

    with open_home(ctx.obj, unattended=True) as home:
        heads = list_issues(home.db, "digest", name)
    if as_json:
        print_json([_head_record(head) for head in heads])
        return
    for head in heads:
        typer.echo(_head_line(head))
    if not heads:
        of = f" of “{clean_line(name)}”" if name else ""
        say(f"no issue{of} yet: `veille digest {clean_line(name) if name else 'matin'}` writes one")


def doubt_series(home: Home, name: str) -> str:
    """What to say of a name that config.toml does not have, though it has others, when it begins a series; or ""."""
    from veille.store.issues import find_last

    known = home.settings.digests
    if not known or name in known or find_last(home.db, "digest", name):
        return ""
    return f"a new series, “{name}”: there is no [digest.{name}] in {home.places.config}: {hint_at(name, known)}"


def eject_templates(directory: Path) -> None:
    """Copy the templates into a directory of the user's."""
    from veille.show.templating import eject_templates as copy_templates

    for path in copy_templates(directory.expanduser()):
        typer.echo(str(path))
    say(
        f"change what you like, delete the rest: `veille digest --template-dir {directory}`, or templates = ... in"
        " [digest.NAME]"
    )


def _head_line(head: IssueHead) -> str:
    places = ", ".join(one.target or ("printed" if one.path == "-" else one.path) for one in head.outputs)
    cut = "" if head.published_at else "  (cut off: the next run completes it)"
    stories = count(head.stories, "story", "stories")
    return f"{head.name} {head.number}  {head.written_at.astimezone():%Y-%m-%d %H:%M}  {stories}  {places}{cut}"


def _head_record(head: IssueHead) -> dict[str, Any]:
    return {
        "name": head.name,
        "number": head.number,
        "title": head.title,
        "written_at": to_stored(head.written_at),
        "since_at": to_stored(head.since_at) if head.since_at else None,
        "stories": head.stories,
        "published_at": to_stored(head.published_at) if head.published_at else None,
        "outputs": [
            {"format": one.form, "path": one.path, "way": one.way, "target": one.target} for one in head.outputs
        ],
    }
