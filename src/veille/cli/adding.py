"""`veille add`: finding the feed behind an address, asking where there are several, subscribing."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from veille.app.home import open_home
from veille.cli.output import JsonOption, examples, print_json, say
from veille.errors import UsageError, VeilleError
from veille.show.phrases import count
from veille.text import clean_line, shorten
from veille.urls import host_of, is_web, without_user

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veille.app.discover import Added, Finding, Wish
    from veille.app.home import Home
    from veille.read.addresses import Candidate
    from veille.read.addresses_searches import Edition

PARTIAL = 3
_SHOWN = 20
_PATIENCE = 0.7  # seconds before one wonders what it is doing


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(
        short_help="Find the feed of an address and subscribe to it.",
        epilog=examples(
            "veille add www.example.org              the feed that the site names",
            "veille add https://www.example.org/rss --folder Presse --tag local",
            "veille add https://www.youtube.com/channel/UC... @me@mastodon.social",
            "veille add @user@mastodon.social",
            "veille add 'news:\"ma marque\" OR ma-marque' --lang fr --country BE",
            "veille add arxiv:cs.CL 'hal:\"communication publique\"'",
        ),
    )(add)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """How to go about it: `every` takes all candidates, `asks` lets the user choose."""

    edition: Edition
    wish: Wish
    as_is: bool
    every: bool
    asks: bool


def add(  # noqa: PLR0913 - the options of the contract
    ctx: typer.Context,
    addresses: Annotated[
        list[str],
        typer.Argument(metavar="ADDRESS...", help="A feed, a page, @user@instance, news:QUERY, arxiv:, hal:."),
    ],
    *,
    title: Annotated[str, typer.Option("--title", help="A title of yours.")] = "",
    into: Annotated[str, typer.Option("--folder", metavar="FOLDER", help="Its folder, such as Presse/Régions.")] = "",
    tags: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag (may be repeated).")] = None,
    every: Annotated[bool, typer.Option("--all", help="Take every feed found, not only the best.")] = False,
    as_is: Annotated[bool, typer.Option("--as-is", help="Subscribe to the address itself, without asking it.")] = False,
    language: Annotated[
        str, typer.Option("--lang", metavar="LANG", help="Of news searches; your locale's by default.")
    ] = "",
    country: Annotated[str, typer.Option("--country", metavar="COUNTRY", help="Of news searches: FR, BE, CH...")] = "",
    as_json: JsonOption = False,
) -> None:
    """Find the feed of an address and subscribe to it.

    Known sites and searches cost no request, anything else exactly one. Where a page names several feeds
    you are asked which; elsewhere than on a terminal the best is taken. Ends with 3 when some of several
    addresses failed.
    """
    from veille.app.discover import Wish

    if title and (every or len(addresses) > 1):
        raise UsageError("--title is for one feed: rename the others afterwards with `veille rename`")
    manner = _Manner(
        edition=_choose_edition(language, country),
        wish=Wish(title=title, folder=into, tags=tuple(tags or [])),
        as_is=as_is,
        every=every,
        asks=not as_json and not every and sys.stdin.isatty() and sys.stderr.isatty(),
    )
    with open_home(ctx.obj) as home:
        records = [_add_one(home, address, manner, quiet=as_json, alone=len(addresses) == 1) for address in addresses]
    if as_json:
        print_json(records)
    failed = sum(bool(record["error"]) for record in records)
    if failed:
        raise typer.Exit(1 if failed == len(records) else PARTIAL)


def _add_one(home: Home, pasted: str, manner: _Manner, *, quiet: bool, alone: bool) -> dict[str, Any]:
    """Add what one address gives; what was found and done. An error is raised only when it is `alone`."""
    from veille.app.discover import find_feeds, subscribe_to

    try:
        with _say_while_waiting(pasted, home.settings.fetch.timeout.total_seconds()):
            finding = find_feeds(home, pasted, edition=manner.edition, as_is=manner.as_is)
        chosen = _choose(finding, manner)
        done = [subscribe_to(home, finding, candidate, manner.wish) for candidate in chosen]
    except VeilleError as error:
        if alone and not quiet:
            raise
        say(f"veille: {clean_line(str(error))}")
        return _record(pasted, error=clean_line(str(error)))
    if not quiet:
        for one in done:
            typer.echo(_told(one))
            _tell_left(one, manner.wish)
        _tell_rest(finding, [candidate for candidate in finding.candidates if candidate not in chosen])
        _warn_of_credentials(done)
    return _record(pasted, finding=finding, done=done)


@contextlib.contextmanager
def _say_while_waiting(pasted: str, seconds: float) -> Iterator[None]:
    """On a terminal, one line about what is waited for, which goes when it is over."""
    from veille.read.addresses import complete_address

    columns = shutil.get_terminal_size().columns - 1
    line = shorten(f"asking {clean_line(host_of(complete_address(pasted)))} (up to {seconds:g} s)...", columns)
    said = threading.Event()

    def speak() -> None:
        said.set()
        sys.stderr.write(f"\r{line}")
        sys.stderr.flush()

    timer = threading.Timer(_PATIENCE, speak)
    if sys.stderr.isatty():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if timer.ident is not None:
            timer.join()
        if said.is_set():
            # Blanks, which every terminal knows.
            sys.stderr.write(f"\r{' ' * len(line)}\r")
            sys.stderr.flush()


def _choose(finding: Finding, manner: _Manner) -> Sequence[Candidate]:
    """All, what the user says, or the best."""
    if manner.every:
        return finding.candidates
    if finding.way != "page" or len(finding.candidates) == 1 or not manner.asks:
        return finding.candidates[:1]
    say("This page names several feeds:")
    for number, candidate in enumerate(finding.candidates[:_SHOWN], start=1):
        say(f"  {number:2}  {_line(candidate, finding)}")
    while True:
        answer = typer.prompt("Which? Numbers, all or none", default="1", err=True)
        chosen = _read_choice(answer, finding.candidates[:_SHOWN])
        if chosen is not None:
            return chosen


def _read_choice(answer: str, candidates: Sequence[Candidate]) -> Sequence[Candidate] | None:
    """The candidates that an answer means, None when it means nothing."""
    words = answer.lower().replace(",", " ").split()
    if words in (["all"], ["a"]):
        return candidates
    if words in (["none"], ["n"], ["0"]):
        return ()
    numbers = [int(word) for word in words if re.fullmatch(r"[0-9]{1,3}", word)]
    if not words or len(numbers) < len(words) or not all(1 <= number <= len(candidates) for number in numbers):
        return None
    return [candidates[number - 1] for number in dict.fromkeys(numbers)]


def _told(one: Added) -> str:
    if not one.added:
        return f"already there as no. {one.feed.id}: {_name(one)}"
    if one.feed.state.last_fetch_at:
        return f"added as no. {one.feed.id}: {_name(one)}: {count(one.entries, 'entry', 'entries')}"
    return f"added as no. {one.feed.id}: {_name(one)}: fetched with the next `veille fetch`"


def _tell_left(one: Added, wish: Wish) -> None:
    """What was wished for a feed that is there and is not so, with the command that changes it."""
    if one.added:
        return
    from veille.app.subscribe import clean_folder, clean_tags

    there, number = one.feed.subscription, one.feed.id
    folder, title = clean_folder(wish.folder), clean_line(wish.title)
    tags = [tag for tag in clean_tags(wish.tags) if tag not in there.tags]
    for name, differs, command in (
        ("title", title not in ("", there.title), f"veille rename {number} {shlex.quote(title)}"),
        ("folder", folder not in ("", there.folder), f"veille folder {number} {shlex.quote(folder)}"),
        ("tags", bool(tags), f"veille tag {number} {shlex.join(tags)}"),
    ):
        if differs:
            say(f"{name} left as before: `{command}` changes that")


def _name(one: Added) -> str:
    name, address = one.feed.name, one.feed.subscription.url
    return _show(address) if name == address else f"{clean_line(name)} ({_show(address)})"


def _tell_rest(finding: Finding, rest: Sequence[Candidate]) -> None:
    if not rest:
        return
    say("also found (`--all` takes all, or add one by its address):")
    for candidate in rest[:_SHOWN]:
        say(f"  {_line(candidate, finding)}")
    if len(rest) > _SHOWN:
        say(f"  and {len(rest) - _SHOWN} more (--json lists them)")


def _line(candidate: Candidate, finding: Finding) -> str:
    said = f"{_show(candidate.url)}  {clean_line(candidate.title)}".rstrip()
    known = finding.known.get(candidate.url)
    return f"{said} (already there as no. {known.id})" if known else said


def _show(address: str) -> str:
    return clean_line(without_user(address))


def _warn_of_credentials(done: Sequence[Added]) -> None:
    from veille.app.discover import has_credentials

    for one in done:
        if one.added and has_credentials(one.feed.subscription.url):
            say(
                "its name and password are stored in clear, as a part of the address:"
                f" `veille feeds set {one.feed.id} auth=netrc` keeps them out"
            )


def _record(
    pasted: str, *, finding: Finding | None = None, done: Sequence[Added] = (), error: str = ""
) -> dict[str, Any]:
    candidates = finding.candidates if finding else ()
    known = finding.known if finding else {}
    return {
        "asked": _show(pasted) if is_web(pasted) else clean_line(pasted),
        "way": finding.way if finding else None,
        "found": [
            {"url": _show(one.url), "title": clean_line(one.title), "subscribed": one.url in known}
            for one in candidates
        ],
        "feeds": [
            {
                "id": one.feed.id,
                "url": _show(one.feed.subscription.url),
                "title": clean_line(one.feed.name),
                "added": one.added,
                "entries": one.entries,
            }
            for one in done
        ],
        "error": error or None,
    }


def _choose_edition(language: str, country: str) -> Edition:
    """What was asked for, completed by the locale."""
    from veille.read.addresses_searches import Edition, edition_of_locale, home_of

    if language and not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,4})?", language):
        raise UsageError(f"--lang “{clean_line(language)}” is no code of a language: write it as fr or en")
    if country and not re.fullmatch(r"[A-Za-z]{2}", country):
        raise UsageError(f"--country “{clean_line(country)}” is no code of a country: write it as FR or BE")
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    here = edition_of_locale(next(filter(None, names), ""))
    tongue = language.lower() if language.isalpha() else language
    home = here.country if not tongue or tongue == here.language else home_of(tongue)
    return Edition(language=tongue or here.language, country=country.upper() or home)
