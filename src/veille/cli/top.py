"""`veille top`: the stories to read now, ranked, in the order and the form that are asked for."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from veille.app.home import read_clock
from veille.cli.listing import (
    FIELDS_HELP,
    Form,
    FormatOption,
    MarkdownOption,
    UrlsOption,
    WhyOption,
    choose_writer,
)
from veille.cli.output import FolderOption, JsonOption, examples, open_home, say
from veille.errors import UsageError
from veille.rank.budget import minutes_of
from veille.rank.listing import By, list_ranked
from veille.show.phrases import count, title_of
from veille.store.schema import FIRST_ID
from veille.text import clean_line
from veille.times import parse_duration, parse_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veille.app.home import Home
    from veille.app.ranking import Ranking, Window
    from veille.rank.listing import Listed

_DEFAULT_NUMBER = 30
_DEFAULT_SINCE = "24h"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command(
        epilog=examples(
            "veille top                           the last 24 hours, best first",
            "veille top -n 8                      what fits a screen",
            "veille top --kw 'e-réputation^5' --kw '\"community manager\" OR CM'",
            "veille top --new --group crise       what has come since the last look",
            "veille top --budget 1h30 --by group  what can be read in 1h30, by group",
            "veille top --only 'lang:fr -sport' --since 3d --folder Presse --why",
            "veille top --hidden                  what kill rules hide, with the rule",
            r"veille top --format '{score}\t{title}\t{url}'",
            "veille top --urls -n 5 | xargs -n 1 xdg-open",
            "veille top --json | jq -r '.[].url'",
            "",
            'Expressions: words match any form and accents; "exact words"; communi*;',
            "-without; A OR B (OU); A NEAR/5 B; (groups); title: text: author: site:",
            "feed: folder: tag: lang: is: sources: since: before: read:; @NAME for a",
            "saved search; ^5 weighs the whole expression. -without leaves out entries,",
            "not stories: what another outlet says otherwise still shows its story.",
            "Filters only narrow: since:3d in an expression looks no further back than",
            "--since does, and is:read finds nothing without --all.",
            "",
            *FIELDS_HELP,
            "",
            "Exit codes: 0 also when there is nothing to show; 1 a wrong rules.toml;",
            "2 usage.",
        ),
    )(top)


def top(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    *,
    keywords: Annotated[
        list[str] | None,
        typer.Option("--kw", metavar="EXPR", help="Rank by this expression (may be repeated, may end in ^WEIGHT)."),
    ] = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="EXPR", help="Only stories that match; ranks nothing.")
    ] = None,
    number: Annotated[
        int | None,
        typer.Option(
            "-n", "--number", min=1, max=FIRST_ID - 1, help=f"How many stories; {_DEFAULT_NUMBER} without --budget."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="WHEN", help="Start of the window: 24h (as it is), 3d, yesterday, 2026-11-20."),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Only what has come since the last `top --new`.")] = False,
    budget: Annotated[
        str | None, typer.Option("--budget", metavar="TIME", help="What can be read in that time: 1h30, 45m.")
    ] = None,
    by: Annotated[
        By | None, typer.Option("--by", help="In sections, each best first; what is pinned in its own.")
    ] = None,
    group: Annotated[
        str | None, typer.Option("--group", metavar="NAME", help="Only stories that rules of this group match.")
    ] = None,
    folder: FolderOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Read stories too.")] = False,
    starred: Annotated[bool, typer.Option("--starred", help="Your starred stories, of any date.")] = False,
    hidden: Annotated[bool, typer.Option("--hidden", help="The stories that kill rules hide, and which rule.")] = False,
    why: WhyOption = False,
    template: FormatOption = None,
    urls: UrlsOption = False,
    markdown: MarkdownOption = False,
    as_json: JsonOption = False,
) -> None:
    """The unread stories of the window, ranked.

    A story's score is the sum of what your rules give it, how many outlets carry it, the weight of
    its feed, and its freshness. What pin rules match comes first (▲). With --kw the expressions alone
    make the score; ties are settled by pins, by your rules, by what the lead says of the expressions, then
    by all of that. What a kill rule hides is hidden, pinned or not. Afterwards the ranks shown (1, 2...)
    can be typed wherever an ID is asked for.

    --new shows stories of which something has arrived since the last look; the look is over once all of it
    has been shown: where -n or --budget cuts the list, the next one goes on with the rest. Each --folder,
    --group and --only has its own. Without --since it goes back three days
    before the last look; the first one, 24 hours.
    """
    from veille.app.arrivals import find_arrivals
    from veille.app.marking import keep_list
    from veille.app.ranking import Cut, Window, explain_nothing, rank_window, save_top
    from veille.show.ranked import View

    now = read_clock()
    form = Form(as_json=as_json, template=template, urls=urls, markdown=markdown)
    started = since if since is not None or new else _DEFAULT_SINCE
    window = Window(
        since=None if started is None else parse_moment(started, now=now),
        folder=folder,
        group=group,
        only=only,
        everything=everything,
        starred=starred,
        new=new,
        hidden=hidden,
    )
    _refuse_mixtures(window)
    span = None if budget is None else _read_budget(budget)
    write = choose_writer(form)
    most = number or (_DEFAULT_NUMBER if span is None else None)
    with open_home(ctx.obj) as home:
        ranking = rank_window(home, window, keywords=keywords or [], cut=Cut(most=most, budget=span))
        arrivals = find_arrivals(home, window.look, ranking) if new else {}
        listed = list_ranked(
            ranking.stories, by=by, back_for=ranking.back_for, hidden_by=ranking.hidden_by, arrivals=arrivals
        )
        keep_list(home, listed, ranks=form.is_for_people)
        write(listed, View(now=now, why=why, by=by, lit=ranking.lit))
        sys.stdout.flush()
        if new:
            save_top(home, window, ranking)
        nothing = "" if listed else explain_nothing(home)
        _say_doubts(home, keywords or [], only=only, listed=listed)
    if form.is_for_people:
        if not listed:
            say(nothing or _explain_window(window, since=started))
        _say_rest(window, ranking, budget=budget)


def _say_doubts(home: Home, keywords: Sequence[str], *, only: str | None, listed: Sequence[Listed]) -> None:
    """Which saved search may have been meant; what is odd in expressions that no story matches."""
    asked = [*keywords, *([] if only is None else [only])]
    if not asked:
        return
    from veille.app.hints import doubt_names, explain_miss

    said = doubt_names(home, asked)
    if not listed:
        said += explain_miss(home, asked)
    elif keywords and not any(one.ranked.score.contributions for one in listed):
        said += explain_miss(home, keywords)
    for one in said:
        say(one)


def _refuse_mixtures(window: Window) -> None:
    if window.starred and (window.hidden or window.new):
        other = "--hidden" if window.hidden else "--new"
        raise UsageError(f"--starred and {other}: starred stories are all shown, of any date: choose one")


def _read_budget(text: str) -> timedelta:
    span = parse_duration(text)
    if span < timedelta(minutes=1):
        raise UsageError(f"--budget “{clean_line(text)}”: nothing can be read in less than a minute: write 1h30 or 45m")
    return span


def _explain_window(window: Window, *, since: str | None) -> str:
    """Why the list is empty, and what would fill it."""
    if window.starred:
        return "no story is starred"
    if window.hidden:
        return "your kill rules hide nothing here"
    if window.new:
        return "nothing new since the last look: `veille top` shows what is unread"
    narrowed = [
        option
        for option, value in (("--folder", window.folder), ("--group", window.group), ("--only", window.only))
        if value is not None
    ]
    within = f" with {' and '.join(narrowed)}" if narrowed else ""
    return f"nothing unread since {since}{within}: `--since 3d` looks further back, `--all` shows what is read"


def _say_rest(window: Window, ranking: Ranking, *, budget: str | None) -> None:
    """What is not in the list: the rest of it, what does not fit, what is hidden."""
    more = ranking.total - len(ranking.stories) - len(ranking.left_out)
    if budget is not None:
        _say_budget(ranking, budget, more=more)
    if more > 0 and window.new:
        say(f"{more} more: the same again shows what comes next")
    elif more > 0:
        say(f"{more} more: -n {min(ranking.total, FIRST_ID - 1)} shows them")
    if ranking.hidden and not window.hidden:
        say(f"{count(ranking.hidden, 'story', 'stories')} hidden by your kill rules: --hidden lists them")


def _say_budget(ranking: Ranking, budget: str, *, more: int) -> None:
    shown = f"{count(len(ranking.stories), 'story', 'stories')} of {_span(ranking.minutes)}"
    said = f"{shown} fit into {clean_line(budget)}" + (f", and {more} more do" if more > 0 else "")
    if not ranking.left_out:
        say(said if more > 0 else f"{said}: all there is")
        return
    best = ranking.left_out[0]
    left = f"{len(ranking.left_out)} do not, {_span(sum(map(minutes_of, ranking.left_out)))} more"
    say(f"{said}; {left}; the best of them: {title_of(best.story)} ({minutes_of(best)} min, id {best.story.id})")


def _span(minutes: int) -> str:
    """`45 min`, `1h30`."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}h{rest:02}" if hours else f"{rest} min"
