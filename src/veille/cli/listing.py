"""A list of stories to standard output, in the form that was asked for: for people, JSON, or lines for programs."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from veille.cli.output import is_terminal, print_json
from veille.errors import UsageError
from veille.store.schema import FIRST_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from veille.rank.listing import Listed
    from veille.show.ranked import Line, View

LimitOption = Annotated[
    int, typer.Option("-n", "--number", min=1, max=FIRST_ID - 1, help="How many stories.", show_default=True)
]
FormatOption = Annotated[
    str | None,
    typer.Option("--format", metavar="TEXT", help="A line a story in a form of your own: '{score} {title}' (below)."),
]
UrlsOption = Annotated[bool, typer.Option("--urls", help="Only the addresses, one a line, for xargs and browsers.")]
MarkdownOption = Annotated[bool, typer.Option("--md", help="A Markdown list with links.")]
WhyOption = Annotated[bool, typer.Option("--why", help="Say in one line what gave each story its score.")]

FIELDS_HELP = (
    "Fields of --format: rank score title url feed folder outlets sources date",
    "minutes id lang author summary note notes section why pinned hidden back",
    "new_title new_url (of what has just come, else of the story);",
    r"{score:6.1f}, {title:.80}, {date:%d/%m %H:%M}; \t and \n are a tab and a",
    "new line, {{ and }} are braces.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a list is printed: for people unless one of these is asked for."""

    as_json: bool = False
    template: str | None = None
    urls: bool = False
    markdown: bool = False

    @property
    def is_for_people(self) -> bool:
        """Neither for a program nor for a file."""
        return not (self.as_json or self.template is not None or self.urls or self.markdown)


def choose_writer(
    form: Form, tell: Callable[[Sequence[Listed], View], Iterable[Line]] | None = None
) -> Callable[[Sequence[Listed], View], None]:
    """What prints a list in a form; `tell` says it to people where it is not a ranked list.

    Raises UsageError for two forms at once or a wrong template, before any work.
    """
    asked = {
        "--json": form.as_json,
        "--format": form.template is not None,
        "--urls": form.urls,
        "--md": form.markdown,
    }
    chosen = [option for option, is_asked in asked.items() if is_asked]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} are two forms of one list: choose one")
    if form.as_json:
        return lambda listed, _: _write_json(listed)
    if form.is_for_people:
        return lambda listed, view: _write_for_people(listed, view, tell)
    from veille.show.lists import list_addresses, list_markdown, read_template

    if form.template is not None:
        fill = read_template(form.template)
        return lambda listed, _: _write_lines(map(fill, listed))
    if form.urls:
        return lambda listed, _: _write_lines(list_addresses(listed))
    return lambda listed, view: _write_lines(list_markdown(listed, now=view.now, divided=view.by is not None))


def print_lines(lines: Iterable[Line]) -> None:
    """Styled lines, wrapped on a terminal; elsewhere as long as they are."""
    if is_terminal():
        from veille.show import terminal

        terminal.print_lines(terminal.open_console(), lines)
        return
    from veille.show.ranked import write_plain

    sys.stdout.write(write_plain(lines))


def _write_json(listed: Sequence[Listed]) -> None:
    from veille.show.records import listed_record

    print_json([listed_record(one) for one in listed])


def _write_lines(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _write_for_people(
    listed: Sequence[Listed], view: View, tell: Callable[[Sequence[Listed], View], Iterable[Line]] | None
) -> None:
    from veille.show.ranked import tell_list

    # What matches stands out by its style: without styles there is no need to look for it.
    print_lines((tell or tell_list)(listed, view if is_terminal() else replace(view, lit={})))
