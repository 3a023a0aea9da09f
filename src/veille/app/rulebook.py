"""rules.toml in use: read, kept while it is right, edited by commands.

Whoever looks (top, search, rules) is stopped by a wrong file; what runs by itself (fetch, digest, alert) goes on
with the last text that was right, which the database keeps.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from veille.app.home import read_clock
from veille.config import read_text
from veille.errors import ConfigError, OutputError, QueryError, UnknownError, UsageError
from veille.rank.rulereader import read_rules
from veille.rank.rules import Rules, parse_match
from veille.store.db import make_directories, write
from veille.store.rulebook import keep_rules, load_kept
from veille.text import clean_line, fold
from veille.toml import load_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from veille.app.home import Home
    from veille.config import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules in force; `warning` says why they are not those of the file, "" when they are."""

    rules: Rules
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a command did to a rule: its name now, and its table before and after, empty where there is none.

    `removed` is the text that was taken out, comments too.
    """

    name: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    removed: str = ""


def load_rulebook(home: Home, *, strict: bool | None = None) -> Rulebook:
    """The rules of rules.toml, none when there is no such file; a text that is right is kept.

    A wrong file raises ConfigError. Unless `strict` (as a home is that somebody attends) the last text that was
    right takes its place, with a warning; there must have been one.
    """
    strict = not home.unattended if strict is None else strict
    name = str(home.places.rules)
    kept = load_kept(home.db)
    try:
        text = read_text(home.places.rules)
        rules = _read(text, name)
    except ConfigError as error:
        if strict or kept is None:
            raise
        before, kept_at = kept
        since = f"{kept_at.astimezone():%Y-%m-%d %H:%M}"
        warning = f"{error}; until it is mended the last rules that were right are used, those of {since}"
        return Rulebook(rules=_read(before, name), warning=warning)
    # A file that is away for a moment (a dangling link, a checkout) must not cost the text that was right.
    if text.strip() and text != (kept[0] if kept else ""):
        with write(home.db):
            keep_rules(home.db, text, now=read_clock())
    return Rulebook(rules=rules)


def load_rules(places: Places) -> Rules:
    """The rules of rules.toml; none when there is no such file. Raises ConfigError."""
    return _read(read_text(places.rules), str(places.rules))


def write_rules(home: Home, text: str) -> None:
    """Replace rules.toml in one step; raises ConfigError for what does not read back, OutputError."""
    rewrite_rules(home.places, lambda _before: text)


def rewrite_rules(places: Places, edit: Callable[[str], str]) -> None:
    """Write what `edit` makes of the file, one command at a time; nothing when that has a mistake."""
    from veille.app.publish import write_atomically

    # A link, as people keep their settings in git, must stay one.
    path = places.rules.resolve()
    with _alone(path.parent):
        before = _read_exactly(path)
        load_toml(before, name=str(places.rules))
        text = edit(before)
        try:
            _read(text, str(places.rules))
        except ConfigError as error:
            raise ConfigError(f"{error} (nothing was written)") from None
        try:
            write_atomically(path, text, mode=0o600)
        except OutputError as error:
            said = str(error).removesuffix(": choose another place with -o")
            raise OutputError(f"{said}: check the permissions of the directory") from None


def add_rule(places: Places, values: Mapping[str, Any], *, comment: str = "") -> Edit:
    """Write one more rule, with a comment. Raises UsageError for what no rule can say, or a name that is taken."""
    from veille.rank import rulefile

    made: list[Edit] = []

    def edit(text: str) -> str:
        tables, searches = _load(text)
        name = _check(values, searches, others=tables)
        made.append(Edit(name=name, after=dict(values)))
        return rulefile.add_rule(text, values, comment=comment)

    rewrite_rules(places, edit)
    return made[-1]


def edit_rule(places: Places, name: str, changes: Mapping[str, Any]) -> Edit:
    """Set keys of the rule of that name, or take them away where the change is None."""
    from veille.rank import rulefile

    made: list[Edit] = []

    def edit(text: str) -> str:
        tables, searches = _load(text)
        index = find_rule(tables, name)
        before = tables[index]
        after = {key: value for key, value in (before | dict(changes)).items() if value is not None}
        now = _check(after, searches, others=[*tables[:index], *tables[index + 1 :]])
        made.append(Edit(name=now, before=before, after=after))
        return rulefile.edit_rule(text, index, changes)

    rewrite_rules(places, edit)
    return made[-1]


def remove_rule(places: Places, name: str) -> Edit:
    """Take the rule of that name out of the file."""
    from veille.rank import rulefile

    made: list[Edit] = []

    def edit(text: str) -> str:
        tables, _ = _load(text)
        index = find_rule(tables, name)
        changed, removed = rulefile.remove_rule(text, index)
        made.append(Edit(name=_names(tables)[index], before=tables[index], removed=removed))
        return changed

    rewrite_rules(places, edit)
    return made[-1]


def disable_rule(places: Places, name: str, *, disabled: bool) -> Edit:
    """Put the rule of that name out of force, or in force again."""
    return edit_rule(places, name, {"disabled": None, "enabled": False if disabled else None})


def save_search(places: Places, name: str, expression: str) -> str:
    """Save an expression under a name; the one it had before, "" when there was none. Raises UsageError."""
    from veille.rank import rulefile
    from veille.rank.rulekeys import read_search

    read_search(name, expression)
    before: list[str] = []

    def edit(text: str) -> str:
        searches = _load(text)[1]
        before.append(str(searches.get(name, "")))
        parse_match(expression, searches | {name: expression}, negative=True)
        return rulefile.save_search(text, name, expression)

    rewrite_rules(places, edit)
    return before[-1]


def find_rule(tables: Sequence[Mapping[str, Any]], name: str) -> int:
    """Which rule a name means: the whole name, without case or accents, or a beginning that only it has.

    Raises UnknownError, and UsageError for a beginning of several.
    """
    names, wanted = _names(tables), fold(clean_line(name))
    if clean_line(name) in names:
        return names.index(clean_line(name))
    folded = [fold(one) for one in names]
    found = [index for index, one in enumerate(folded) if one == wanted] or [
        index for index, one in enumerate(folded) if wanted and one.startswith(wanted)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UnknownError(f"no rule is named “{clean_line(name)}”{_guess(wanted, folded, names)}: see `veille rules`")
    meant = ", ".join(names[index] for index in found[:5]) + (", ..." if len(found) > 5 else "")  # noqa: PLR2004
    raise UsageError(f"“{clean_line(name)}” may be {meant}: write more of the name")


@lru_cache(maxsize=4)
def _read(text: str, name: str) -> Rules:
    """Read once: several parts of a command ask for the same file."""
    return read_rules(text, name=name)


def _load(text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The tables of rules as they are written, and the saved searches; none where they are written wrong."""
    table = load_toml(text, name="rules.toml")
    rules, searches = table.get("rule", []), table.get("searches", {})
    right = isinstance(rules, list) and all(isinstance(one, dict) for one in rules)
    return rules if right else [], searches if isinstance(searches, dict) else {}


def _names(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    return [clean_line(str(table.get("name") or _text_of(table.get("match", "")))) for table in tables]


def _text_of(match: Any) -> str:
    """What a rule without a name is called: its expression without its weight."""
    try:
        return parse_match(str(match), {}).text
    except QueryError:
        return str(match)


def _check(values: Mapping[str, Any], searches: Mapping[str, Any], *, others: Sequence[Mapping[str, Any]]) -> str:
    """The name of the rule that a table is. Raises UsageError."""
    from veille.rank.rulekeys import is_same_name, read_rule

    known = {name: one for name, one in searches.items() if isinstance(one, str)}
    rule, mistakes = read_rule(values, known)
    if rule is None:
        raise UsageError(mistakes[0][1])
    for table, name in zip(others, _names(others), strict=True):
        if is_same_name(rule.name, name, given="name" in values or "name" in table):
            what = f"a rule is named “{name}” already" + (
                "" if name == rule.name else " (case and accents do not count)"
            )
            raise UsageError(f"{what}: change it with `veille rules edit`, or give this one another --name")
    return rule.name


def _guess(wanted: str, folded: Sequence[str], names: Sequence[str]) -> str:
    import difflib

    close = difflib.get_close_matches(wanted, folded, 1)
    return f" (did you mean {names[folded.index(close[0])]}?)" if close else ""


def _read_exactly(path: Path) -> str:
    """The text with the line endings it has, "" when there is none."""
    read_text(path)  # tells what cannot be read
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """One edit at a time: two commands at once must not undo one another. Where directories cannot be locked, go on."""
    try:
        make_directories(directory)
        handle = os.open(directory, os.O_RDONLY)
    except OSError as error:
        raise OutputError(f"{directory}: {error.strerror}: check the permissions of the directory") from None
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
