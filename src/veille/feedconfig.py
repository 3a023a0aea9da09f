"""The tables of config.toml that are about one feed: `[feeds."ADDRESS"]` in, checked values with their lines out.

[feeds."https://www.example.org/rss"]
interval = "2h"
weight = 2
auth = "bearer:$TOKEN"                 # the name of an environment variable, never the secret
headers = { X-Api-Key = "$KEY" }

Whether such a feed is subscribed is not known here. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from veille.errors import UsageError
from veille.feedkeys import HEADER, read_key, read_setting
from veille.text import clean_line
from veille.toml import ConfigText
from veille.urls import is_web, normalise_feed_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECTION = "feeds"
_HEADERS = "headers"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTable:
    """What config.toml says of one feed: values by key (`feedkeys.py`), and the file and line of each."""

    values: Mapping[str, Any]
    sources: Mapping[str, str]


def read_feed_tables(content: Any, *, text: str, name: str) -> dict[str, FeedTable]:
    """Every table by its feed's address. Raises ConfigError `name:line:column: ...`."""
    file = ConfigText(text, name)
    if not isinstance(content, dict):
        raise file.error((SECTION,), f'{SECTION}: write [{SECTION}."https://www.example.org/rss"] on a line of its own')
    tables: dict[str, FeedTable] = {}
    for address, table in content.items():
        path = (SECTION, address)
        if not is_web(address):
            what = f'“{clean_line(address)}” is not a feed address: write [{SECTION}."https://www.example.org/rss"]'
            raise file.error(path, what)
        if not isinstance(table, dict):
            raise file.error(path, f'write [{SECTION}."{clean_line(address)}"] on a line of its own, and keys under it')
        url = normalise_feed_url(address)
        if url in tables:
            raise file.error(path, f"a second table is about {clean_line(url)}: keep one of them")
        tables[url] = _read_table(table, path, file)
    return tables


def _read_table(table: Mapping[str, Any], path: tuple[str, ...], file: ConfigText) -> FeedTable:
    values, sources = {}, {}
    for written, value, at in _list_keys(table, path, file):
        try:
            key = read_key(written)
            values[key] = read_setting(key, value)
        except UsageError as error:
            raise file.error(at, str(error)) from None
        sources[key] = file.line(at)
    return FeedTable(values=values, sources=sources)


def _list_keys(
    table: Mapping[str, Any], path: tuple[str, ...], file: ConfigText
) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """Each key with its value and its path in the file; the headers' table is taken apart."""
    for key, value in table.items():
        at = (*path, key)
        if key != _HEADERS:
            yield key, value, at
        elif isinstance(value, dict):
            yield from ((f"{HEADER}{name}", one, (*at, name)) for name, one in value.items())
        else:
            raise file.error(at, 'headers: it takes a table, such as { X-Api-Key = "$KEY" }')
