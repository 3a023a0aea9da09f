"""What config.toml says of digests and alerts, looked at before it is used: where an expression is wrong is told.

What the command line says in its place is not looked at: whoever typed it sees it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veille.app.rulebook import load_rulebook
from veille.config import read_text
from veille.errors import ConfigError, QueryError
from veille.rank.rules import parse_match
from veille.text import clean_line, shorten
from veille.toml import locate_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veille.app.home import Home
    from veille.digestconfig import DigestSettings
    from veille.sendconfig import AlertSettings

_LONGEST_QUOTED = 60


def check_digest(home: Home, name: str, settings: DigestSettings) -> None:
    """Raises ConfigError `file:line:column: key, character N: ...` for an expression that does not parse."""
    written = settings.sources
    if "query" in written:
        _check(home, ("digest", name, "query"), [settings.query], negative=True)
    if "keywords" in written:
        _check(home, ("digest", name, "keywords"), settings.keywords)


def check_alert(home: Home, name: str, settings: AlertSettings) -> None:
    """The same for the query of an alert."""
    if "query" in settings.sources:
        _check(home, ("alert", name, "query"), [settings.expression])


def _check(home: Home, path: tuple[str, ...], texts: Iterable[str], *, negative: bool = False) -> None:
    searches = load_rulebook(home).rules.searches
    for text in texts:
        try:
            parse_match(text, searches, negative=negative)
        except QueryError as error:
            file = home.places.config
            line, column = locate_key(read_text(file), path[:-1], path[-1])
            quoted = shorten(clean_line(text), _LONGEST_QUOTED)
            what = f"{path[-1]}, character {error.column} of “{quoted}”: {error.what}"
            raise ConfigError(f"{file}:{line}:{column}: {what}") from None
