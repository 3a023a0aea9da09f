"""config.toml and the environment: what they give, and the one line for each thing they cannot."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veille.config import Places, Settings, find_places, list_settings, load_settings, read_text
from veille.errors import ConfigError

EXAMPLE = """\
[fetch]
jobs = 8
timeout = "1m30s"
max_body = "5MB"
allow_private = true

[fold]
threshold = 80
agreement = 0.7
apart = ["Presse/Locale", "Blogs", "Blogs"]
revive = false

[weights]
half_life = "1d"
outlets = 0.5
"""


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("VEILLE_HOME", str(tmp_path))
    monkeypatch.delenv("VEILLE_DB", raising=False)
    return find_places()


def error_of(places: Places, text: str) -> str:
    """The message for a config.toml, less the directory it is in."""
    places.config.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(places)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value).replace(f"{places.home}/", "")


def test_veille_home_holds_everything(places: Places, tmp_path: Path) -> None:
    assert places == Places(
        home=tmp_path,
        config=tmp_path / "config.toml",
        rules=tmp_path / "rules.toml",
        database=tmp_path / "veille.db",
        digests=tmp_path / "digests",
    )
    assert places.lock == tmp_path / "veille.db.lock"
    assert places.lock_for("digest") == tmp_path / "veille.db.digest.lock"


def test_the_database_alone_is_elsewhere(places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILLE_DB", "~/other.db")
    assert find_places().database == Path.home() / "other.db"
    assert find_places(db=tmp_path / "this.db").database == tmp_path / "this.db"
    assert find_places().config == places.config


def test_without_veille_home_the_xdg_places_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILLE_HOME", "")
    monkeypatch.setenv("VEILLE_DB", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    found = find_places()
    assert found.config == tmp_path / ".config" / "veille" / "config.toml"
    assert found.database == tmp_path / "data" / "veille" / "veille.db"


def test_the_home_of_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILLE_HOME", "~nobody-of-this-name/veille")
    with pytest.raises(ConfigError, match=r"~nobody-of-this-name/veille: nobody .*: write the whole path"):
        find_places()


def test_no_file_gives_the_defaults(places: Places) -> None:
    assert load_settings(places) == Settings()


def test_every_default_is_one_that_the_file_may_hold(places: Places) -> None:
    rows = list_settings(Settings())
    lines = []
    for row in rows:
        value = row["value"]
        shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
        lines.append(f"{row['key']} = {shown}")
    places.config.write_text("\n".join(lines), "utf-8")
    loaded = load_settings(places)
    assert [row["value"] for row in list_settings(loaded)] == [row["value"] for row in rows]
    assert {row["source"] for row in rows} == {"default"}


def test_values_are_read_with_where_they_stand(places: Places) -> None:
    places.config.write_text(f"\ufeff{EXAMPLE}", "utf-8")
    loaded = load_settings(places)
    assert loaded.fetch.jobs == 8
    assert loaded.fetch.timeout == timedelta(seconds=90)
    assert loaded.fetch.max_body == 5_000_000
    assert loaded.fetch.allow_private is True
    assert (loaded.fold.threshold, loaded.fold.agreement, loaded.fold.revive) == (80.0, 0.7, False)
    assert loaded.fold.apart == ("Presse/Locale", "Blogs")
    assert loaded.weights.half_life == timedelta(days=1)
    assert loaded.weights.title == Settings().weights.title
    shown = {row["key"]: (row["value"], row["source"].rpartition("/")[2]) for row in list_settings(loaded)}
    assert shown["fetch.timeout"] == ("90s", "config.toml:3")
    assert shown["weights.half_life"] == ("1d", "config.toml:14")
    assert shown["fold.apart"] == (["Presse/Locale", "Blogs"], "config.toml:10")
    assert shown["fetch.interval"] == ("1h", "default")


@pytest.mark.parametrize(
    ("written", "octets"),
    [("2000", 2000), ('"2k"', 2000), ('"1.5 MB"', 1_500_000), ('"10Mo"', 10_000_000), ('"1GB"', 1_000_000_000)],
)
def test_sizes_as_people_write_them(places: Places, written: str, octets: int) -> None:
    places.config.write_text(f"[fetch]\nmax_body = {written}\n", "utf-8")
    assert load_settings(places).fetch.max_body == octets


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[fetsh]\njobs = 1", "config.toml:1:1: unknown section “fetsh”: did you mean fetch?"),
        ("\n[post]\nto = 'x'", "config.toml:2:1: unknown section “post”: known here are fetch, store, fold, weights"),
        ("jobs = 3", "config.toml:1:1: unknown section “jobs”: it belongs under [fetch]"),
        ("fetch = 3", "config.toml:1:1: fetch is a section: write [fetch] on a line of its own"),
        ("[[fetch]]\njobs = 3", "config.toml:1:1: fetch is a section: write [fetch] on a line of its own"),
        ("[fetch]\n  job = 3", "config.toml:2:3: unknown key “job”: did you mean jobs?"),
        ("[store]\nzzz = 3", "config.toml:2:1: unknown key “zzz”: known here are busy_timeout, keep"),
        ('fetch."a\\u001bb" = 3', "config.toml:1:1: unknown key “ab”: known here are jobs, per_host, "),
        ("fetch = {jobs = 'x'}", "config.toml:1:10: jobs: it takes a whole number, not 'x'"),
        ("[fetch]\njobs = 2.5", "config.toml:2:1: jobs: it takes a whole number, not 2.5"),
        ("[fetch]\njobs = true", "config.toml:2:1: jobs: it takes a whole number, not True"),
        ("[fetch]\njobs = 0", "config.toml:2:1: jobs: 0 is too much or too little: it goes from 1 to 500"),
        ("[fetch]\njobs = 0x" + "f" * 500, "config.toml:2:1: jobs: that number is too much or too little"),
        ("[fold]\nthreshold = true", "config.toml:2:1: threshold: it takes a number, not True"),
        ("[fold]\nthreshold = nan", "config.toml:2:1: threshold: nan is too much or too little: it goes from 0 to 100"),
        ("[fold]\nthreshold = 1e308", "config.toml:2:1: threshold: 1e+308 is too much"),
        (
            "[fold]\nthreshold = 0.75",
            "config.toml:2:1: threshold: 0.75 is too much or too little: it goes from 0 to 100: write 75",
        ),
        (
            "[fold]\nthreshold = 1",
            "config.toml:2:1: threshold: 1 is too much or too little: it goes from 0 to 100: write 100",
        ),
        (
            "[fold]\nthreshold = -0.5",
            "config.toml:2:1: threshold: -0.5 is too much or too little: it goes from 0 to 100",
        ),
        (
            "[fold]\nagreement = 55",
            "config.toml:2:1: agreement: 55 is too much or too little: it goes from 0 to 1: write 0.55",
        ),
        ("[fold]\nagreement = 550", "config.toml:2:1: agreement: 550 is too much or too little: it goes from 0 to 1"),
        ("[fold]\nwindow = 72", "config.toml:2:1: window: it takes a duration between quotes, such as"),
        ("[fold]\napart = 'Presse'", "config.toml:2:1: apart: it takes a list of names between quotes, such as ["),
        ("[fold]\napart = ['a', 3]", "config.toml:2:1: apart: it takes a list of names between quotes"),
        ("[fold]\napart = ['a', ' ']", "config.toml:2:1: apart: it takes a list of names between quotes"),
        (f"[fold]\napart = {[str(n) for n in range(1001)]}", "config.toml:2:1: apart: it takes 0 to 1000 names, not"),
        ("[fold]\nrevive = 'no'", "config.toml:2:1: revive: it takes true or false, not 'no'"),
        ("[fetch]\nallow_private = 1", "config.toml:2:1: allow_private: it takes true or false, not 1"),
        ("[fetch]\ntimeout = 10", 'config.toml:2:1: timeout: it takes a duration between quotes, such as "10s"'),
        ("[fetch]\ntimeout = 'soon'", "config.toml:2:1: timeout: “soon” is not a duration: write it as 90m"),
        (
            "[fetch]\ntimeout = '2h'",
            "config.toml:2:1: timeout: '2h' is too much or too little: it goes from 0.1s to 1h",
        ),
        ("[fetch]\nmax_body = 'big'", 'config.toml:2:1: max_body: it takes a size, such as 10000000 or "10MB", not'),
        ("[fetch]\nmax_body = 5", "config.toml:2:1: max_body: 5 is too much or too little: it goes from 1 000 bytes"),
        ("[fetch]\nmax_body = [1]", "config.toml:2:1: max_body: it takes a size"),
        ("[session]\nbudget = 'abc'", "config.toml:2:1: budget: “abc” is not a duration: write it as 90m"),
        (
            "[session]\nbudget = '0m'",
            "config.toml:2:1: budget: '0m' is too much or too little: it goes from 1m to 1d",
        ),
        ("[store]\nkeep = '12h'", "config.toml:2:1: keep: '12h' is too much or too little: it goes from 1d to 36525d"),
        (
            "[store]\nkeep = '1 an'",
            "config.toml:2:1: keep: “1 an” is not a duration: write it as 90m, 1h30, 36h, 2d or 2w",
        ),
        ("[session]\nbudget = '40h'", "config.toml:2:1: budget: '40h' is too much or too little"),
        ("[session]\nbudget = 105", "config.toml:2:1: budget: it takes a duration between quotes"),
        ("[session]\nbudjet = '1h'", "config.toml:2:1: unknown key “budjet”: did you mean budget?"),
        (
            "[session]\ndiscovery = 10",
            "config.toml:2:1: discovery: 10 is too much or too little: it goes from 0 to 1: wri",
        ),
        (
            "[session]\nper_feed = -1",
            "config.toml:2:1: per_feed: -1 is too much or too little: it goes from 0 to 1 000",
        ),
        (
            "[session]\nreserve = '10m'",
            "config.toml:2:1: reserve: it takes a table of durations, such as { marque = \"10m\" }, not '10m'",
        ),
        (
            "[session]\nreserve = { marque = 10 }",
            "config.toml:2:13: marque: it takes a duration between quotes, such as",
        ),
        ("[session.reserve]\na = '9m'\n'b c' = 'x'", "config.toml:3:1: b c: “x” is not a duration: write it as 90m"),
        ("[session]\nreserve = { a = { b = '1m' } }", "config.toml:2:13: a: it takes a duration between quotes"),
        ("[fetch\njobs = 1", "config.toml:1:7: not valid TOML: "),
    ],
)
def test_what_config_cannot_take_is_told_with_its_place_and_what_to_do(places: Places, text: str, message: str) -> None:
    assert error_of(places, text).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "[session]\nreserve = { marque = '10m', 'concurrents.eu' = '1h30' }",
        "[session.reserve]\nmarque = '10m'\n'concurrents.eu' = '1h30'",
    ],
)
def test_a_session_keeps_time_for_groups(places: Places, text: str) -> None:
    places.config.write_text(text, "utf-8")
    loaded = load_settings(places)
    assert loaded.session.reserve == {"marque": timedelta(minutes=10), "concurrents.eu": timedelta(minutes=90)}
    row = next(row for row in list_settings(loaded) if row["key"] == "session.reserve")
    assert row["value"] == {"marque": "10m", "concurrents.eu": "90m"}
    assert row["source"] != "default"


def test_the_durations_of_a_session_are_read(places: Places) -> None:
    places.config.write_text('[session]\nbudget = "1h45"\nglance = "8s"\nwindow = "2d"\nwords_a_minute = 230', "utf-8")
    session = load_settings(places).session
    assert (session.budget, session.glance) == (timedelta(minutes=105), timedelta(seconds=8))
    assert (session.window, session.words_a_minute) == (timedelta(days=2), 230)
    assert (session.discovery, session.per_feed, session.reserve) == (0.1, 10, {})


def test_a_file_that_is_not_utf8_is_told(places: Places) -> None:
    places.config.write_bytes("[fetch] # réglages".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"config\.toml:1:1: it is not UTF-8 text: save it as UTF-8$"):
        load_settings(places)


def test_what_is_no_file_is_told(places: Places) -> None:
    places.config.mkdir()
    with pytest.raises(ConfigError, match=r"config\.toml: Is a directory: check the file"):
        read_text(places.config)


@given(st.text("[]fetchjobs=.\"'{},\n 10x_weights", max_size=60) | st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_load_settings_raises_only_config_errors(places: Places, text: str) -> None:
    places.config.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        loaded = load_settings(places)
    except ConfigError as error:
        caught = str(error)
    else:
        assert isinstance(loaded, Settings)
        return
    assert caught.startswith(f"{places.config}:")


@pytest.mark.parametrize(
    ("span", "shown"),
    [(timedelta(days=2), "2d"), (timedelta(hours=36), "36h"), (timedelta(seconds=90), "90s"), (timedelta(0), "0s")],
)
def test_durations_are_shown_as_they_may_be_written(span: timedelta, shown: str) -> None:
    rows = list_settings(Settings(store=type(Settings().store)(busy_timeout=span)))
    assert next(row["value"] for row in rows if row["key"] == "store.busy_timeout") == shown
