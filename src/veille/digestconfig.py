"""The tables of config.toml about what is written: `[digest.NAME]` and `[review]` in, checked values out.

[digest.matin]
query = 'e-réputation OR "bad buzz"'     # only stories that match
groups = ["marque"]                     # that a rule of one of these groups matches
rubrics = "group"
language = "fr"
formats = ["html", "txt"]
output = "~/veille/{name}-%Y-%m-%d.{format}"
mail = ["moi@example.org"]

Whether a group, a folder or a directory exists is not known here. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from veille.errors import UsageError
from veille.kinds import Range, hint_at, read_table, read_value
from veille.sendkeys import read_address
from veille.text import clean_line
from veille.times import parse_moment
from veille.toml import ConfigText, show_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from veille.issue import Tongue

DIGEST, REVIEW = "digest", "review"

Order = Literal["score", "date", "outlet"]
Rubrics = Literal["none", "group", "folder", "tag"]
# What an issue can be written as.
FORMS = ("md", "html", "txt", "json", "atom", "jsonfeed", "eml")
ORDERS: tuple[Order, ...] = ("score", "date", "outlet")
RUBRICS: tuple[Rubrics, ...] = ("none", "group", "folder", "tag")
TONGUES: tuple[Tongue, ...] = ("en", "fr")
LAST = "last"
# Characters: what is longer is no quotation any more.
LONGEST_EXCERPT = 1500
MOST_STORIES = 10_000
_MOST_NAMES = 100
# What may stand in a path to be written to.
_PLACEHOLDERS = ("{name}", "{number}", "{format}")
_PLACEHOLDER = re.compile(r"\{\w*\}")
# Any moment: a start is only read to see that it is one.
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSettings:
    """What one digest is made of, and where it goes.

    `query`, `groups` and `folders` narrow; `keywords` rank. `size` and `budget` (a reading time) bound what is given in
    full, the best; `order` and `rubrics` arrange it. `excerpt` counts characters. `output` is a path that may hold a
    date pattern and {name}, {number} and {format}. `sources` tells where each value stands that is not a default.
    """

    query: str = ""
    keywords: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    since: str = LAST
    size: int = 30
    budget: timedelta | None = None
    order: Order = "score"
    rubrics: Rubrics = "none"
    language: Tongue = "en"
    formats: tuple[str, ...] = ()
    output: str = ""
    mail: tuple[str, ...] = ()
    excerpt: int = 280
    title: str = ""
    templates: str = ""
    charts: bool = True
    left_out: bool = True
    problems: bool = True
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    """The press review: its title and language, the folder that `review build` fills, where that folder is served.

    `excerpt` counts characters; `templates` is a directory.
    """

    title: str = ""
    language: Tongue = "en"
    dir: str = ""
    url: str = ""
    excerpt: int = 280
    templates: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)


def read_digest_tables(content: Any, *, text: str, name: str) -> dict[str, DigestSettings]:
    """Every [digest.NAME] by its name. Raises ConfigError `name:line:column: ...`."""
    file = ConfigText(text, name)
    if not isinstance(content, dict):
        raise file.error((DIGEST,), "digest: write [digest.matin] on a line of its own, and keys under it")
    found = {}
    for title, table in content.items():
        if not isinstance(table, dict):
            what = f"[digest] holds a table for each digest: write [digest.matin], and {clean_line(title)} under it"
            raise file.error((DIGEST, title), what)
        try:
            check_name(title)
        except UsageError as error:
            raise file.error((DIGEST, title), str(error)) from None
        values, sources = read_table(table, (DIGEST, title), _DIGEST_KEYS, file)
        found[title] = DigestSettings(**values, sources=sources)
    return found


def read_review_table(content: Any, *, text: str, name: str) -> ReviewSettings:
    """[review]. Raises ConfigError `name:line:column: ...`."""
    file = ConfigText(text, name)
    if not isinstance(content, dict):
        raise file.error((REVIEW,), "review is a section: write [review] on a line of its own")
    values, sources = read_table(content, (REVIEW,), _REVIEW_KEYS, file)
    return ReviewSettings(**values, sources=sources)


def list_set(settings: DigestSettings | ReviewSettings) -> list[tuple[str, Any, str]]:
    """What the file says: keys with their values and where they stand, in the order of the documentation."""
    names = [one.name for one in fields(settings) if one.name in settings.sources]
    return [(key, getattr(settings, key), settings.sources[key]) for key in names]


def check_name(name: str) -> None:
    """Raises UsageError for what cannot name a digest: names become parts of file names."""
    if not name or name != clean_line(name) or "/" in name or name.startswith(".") or not name.isprintable():
        raise UsageError(f"“{clean_line(name)}” cannot name a digest: use a plain word, such as matin")


def check_mail(key: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses as messages are sent to them, each once. Raises UsageError for what is none."""
    return tuple(dict.fromkeys(read_address(key, one) for one in addresses))


def check_form(key: str, form: str) -> str:
    """The same. Raises UsageError for a format that there is not."""
    if form not in FORMS:
        raise UsageError(f"{key}: unknown format “{clean_line(form)}”: {hint_at(form, FORMS)}")
    return form


def check_output(key: str, pattern: str | None) -> str:
    """The same, "" for none. Raises UsageError for a {placeholder} that nothing would be written for."""
    for one in _PLACEHOLDER.findall(pattern or ""):
        if one not in _PLACEHOLDERS:
            raise UsageError(f"{key}: unknown placeholder {clean_line(one)}: {hint_at(one, _PLACEHOLDERS)}")
    return pattern or ""


def check_word(key: str, word: str | None, known: tuple[str, ...]) -> str | None:
    """The same. Raises UsageError for one that is not known."""
    if word is not None and word not in known:
        raise UsageError(f"{key}: it does not take “{clean_line(word)}”: {hint_at(word, known)}")
    return word


def _read_text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\x00" in value:
        raise UsageError(f"{key}: it takes a text between quotes, not {show_value(value)}")
    return value


def _read_line(key: str, value: Any) -> str:
    return clean_line(_read_text(key, value))


def _read_since(key: str, value: Any) -> str:
    since = _read_text(key, value).strip()
    if since != LAST:
        try:
            parse_moment(since, now=_SOME_DAY)
        except UsageError as error:
            raise UsageError(f'{key}: {error}, or "last"') from None
    return since


def _read_texts(key: str, value: Any) -> tuple[str, ...]:
    """Expressions, as they are written."""
    _EXPRESSIONS(key, value)
    return tuple(dict.fromkeys(value))


def _read_address(key: str, value: Any) -> str:
    url = _read_line(key, value)
    if not url.startswith(("https://", "http://")):
        raise UsageError(f"{key}: it takes a web address, such as https://example.org/revue, not {show_value(value)}")
    return url.rstrip("/")


def _choose(*known: str) -> Callable[[str, Any], str]:
    def read(key: str, value: Any) -> str:
        if value not in known:
            hint = hint_at(value, known) if isinstance(value, str) else f"known here are {', '.join(known)}"
            raise UsageError(f"{key}: it does not take {show_value(value)}: {hint}")
        return str(value)

    return read


def _bound(wanted: Range) -> Callable[[str, Any], Any]:
    return lambda key, value: read_value(key, value, wanted)


_SWITCH = _bound(Range("switch", 0, 1))
_NAMES = _bound(Range("names", 0, _MOST_NAMES))
_FORMATS = _bound(Range("names", 0, _MOST_NAMES, '["html", "txt"]'))
_ADDRESSES = _bound(Range("names", 0, _MOST_NAMES, '["moi@example.org"]'))
_EXPRESSIONS = _bound(Range("names", 0, _MOST_NAMES, '["crise", "usine^2"]'))
_DIGEST_KEYS: dict[str, Callable[[str, Any], Any]] = {
    "query": _read_text,
    "keywords": _read_texts,
    "groups": _NAMES,
    "folders": _NAMES,
    "since": _read_since,
    "size": _bound(Range("count", 1, MOST_STORIES)),
    "budget": _bound(Range("duration", 60, 86400)),
    "order": _choose(*ORDERS),
    "rubrics": _choose(*RUBRICS),
    "language": _choose(*TONGUES),
    "formats": lambda key, value: tuple(check_form(key, one) for one in _FORMATS(key, value)),
    "output": lambda key, value: check_output(key, _read_text(key, value)),
    "mail": lambda key, value: check_mail(key, _ADDRESSES(key, value)),
    "excerpt": _bound(Range("count", 0, LONGEST_EXCERPT)),
    "title": _read_line,
    "templates": _read_text,
    "charts": _SWITCH,
    "left_out": _SWITCH,
    "problems": _SWITCH,
}
_REVIEW_KEYS: dict[str, Callable[[str, Any], Any]] = {
    "title": _read_line,
    "language": _choose(*TONGUES),
    "dir": _read_text,
    "url": _read_address,
    "excerpt": _bound(Range("count", 0, LONGEST_EXCERPT)),
    "templates": _read_text,
}
