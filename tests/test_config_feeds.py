"""The tables of config.toml that are about one feed: what they give, and the one line for each thing they cannot."""

from datetime import timedelta
from pathlib import Path

import pytest

from veille.config import Places, find_places, list_settings, load_settings
from veille.errors import ConfigError

URL = "https://www.example.org/rss"
HEAD = f'[feeds."{URL}"]\n'
EXAMPLE = f"""\
[fetch]
jobs = 8

{HEAD}interval = "2h"
weight = 2
user_agent = "Reader/1.0"
timeout = "30s"
proxy = "http://proxy.example:8080"
auth = "bearer:$TOKEN"
muted = true
headers = {{ x-api-key = "$KEY", Accept-Language = "fr" }}

[feeds."HTTPS://Other.example:443/feed.xml#top"]
weight = -1
[feeds."HTTPS://Other.example:443/feed.xml#top".headers]
Cookie = "id=$SESSION"
"""


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("VEILLE_HOME", str(tmp_path))
    monkeypatch.delenv("VEILLE_DB", raising=False)
    return find_places()


def test_tables_are_read_with_where_each_key_stands(places: Places) -> None:
    places.config.write_text(EXAMPLE, "utf-8")
    settings = load_settings(places)
    assert settings.fetch.jobs == 8
    table, other = settings.feeds.values()
    assert list(settings.feeds) == [URL, "https://other.example/feed.xml"]
    assert table.values == {
        "interval": timedelta(hours=2),
        "weight": 2.0,
        "user_agent": "Reader/1.0",
        "timeout": timedelta(seconds=30),
        "proxy": "http://proxy.example:8080",
        "auth": "bearer:$TOKEN",
        "muted": True,
        "header.X-Api-Key": "$KEY",
        "header.Accept-Language": "fr",
    }
    lines = {key: source.rpartition(":")[2] for key, source in table.sources.items()}
    assert lines == dict(zip(table.values, "5 6 7 8 9 10 11 12 12".split(), strict=True))
    assert other.values == {"weight": -1.0, "header.Cookie": "id=$SESSION"}
    assert other.sources == {"weight": f"{places.config}:15", "header.Cookie": f"{places.config}:17"}


def test_tables_are_listed_with_the_other_settings(places: Places) -> None:
    places.config.write_text(EXAMPLE, "utf-8")
    rows = {row["key"]: (row["value"], row["source"]) for row in list_settings(load_settings(places))}
    assert rows[f'feeds."{URL}".interval'] == ("2h", f"{places.config}:5")
    assert rows[f'feeds."{URL}".auth'] == ("bearer:$TOKEN", f"{places.config}:10")
    assert rows['feeds."https://other.example/feed.xml".weight'] == (-1.0, f"{places.config}:15")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("feeds = 3", '1:1: feeds: write [feeds."https://www.example.org/rss"] on a line of its own'),
        ("[feeds]\ninterval = '2h'", '2:1: “interval” is not a feed address: write [feeds."https://www.example.org/'),
        ("[feeds.www]\nweight = 1", "1:1: “www” is not a feed address"),
        (f"[feeds]\n'{URL}' = 2", f'2:1: write [feeds."{URL}"] on a line of its own, and keys under it'),
        (f"{HEAD}weight = 1\n[feeds.'{URL}#x']\nweight = 2", f"3:1: a second table is about {URL}: keep one of them"),
        (f"{HEAD}  wait = 1", "2:3: unknown key “wait”: did you mean weight?"),
        (f"{HEAD}weight = 'a'", "2:1: weight: it takes a number, not 'a'"),
        (f"{HEAD}weight = 1001", "2:1: weight: 1001 is too much or too little: it goes from -1 000 to 1 000"),
        (f"{HEAD}muted = 1", "2:1: muted: it takes true or false, not 1"),
        (f"{HEAD}interval = 2", "2:1: interval: it takes a duration between quotes (30m, 2h, 1d), not 2"),
        (f"{HEAD}timeout = 2", "2:1: timeout: it takes a duration between quotes (10s, 1m), not 2"),
        (f"{HEAD}\nauth = 'bearer:s3cr3t'", "3:1: auth: it takes netrc, or the name of the environment variable"),
        (f"{HEAD}auth = ['s3cr3t']", "2:1: auth: it takes a text between quotes"),
        (f"{HEAD}proxy = 'http://me:s3cr3t@host'", "2:1: proxy: a password itself is not taken"),
        (f"{HEAD}headers = 's3cr3t'", '2:1: headers: it takes a table, such as { X-Api-Key = "$KEY" }'),
        (f"{HEAD}headers = {{ X-One = 'x', Cookie = 's3cr3t' }}", "2:26: header.Cookie: the secret itself is not"),
        (f"{HEAD}headers = {{ Host = 'x' }}", "2:13: header.Host: it is not yours to set"),
        (f"[feeds.'{URL}'.headers]\nX-One = 3", "2:1: header.X-One: it takes a text between quotes"),
        (f"feeds.'{URL}'.wieght = 1", "1:1: unknown key “wieght”: did you mean weight?"),
        ("[fetch]\njobs = 1\n[feed]", "3:1: unknown section “feed”: did you mean feeds?"),
    ],
)
def test_what_a_table_cannot_hold_is_told_with_its_place(places: Places, text: str, message: str) -> None:
    places.config.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(places)
    said = str(caught.value)
    assert said.startswith(f"{places.config}:{message}")
    assert "\n" not in said
    assert "s3cr3t" not in said
