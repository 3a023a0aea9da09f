"""TOML with places: what it holds, where a key stands, and one line for what is not TOML."""

import string
import tomllib
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from veille.errors import ConfigError
from veille.toml import load_toml, locate_key, show_value

DOCUMENT = '''\
# [fetch]
top = """
[fetch]
jobs = 3
"""
fetch.jobs = 4
"a b" = {x = 1, y.z = [ {k=1}, {k=2, "m.n" = 3} ]}

[[rule]]
name = "a"
  match = 'x # no comment'
[[ rule ]]   # a comment
name = "b"
[weights.feeds]
"https://www.example.org/rss" = 2
  "é" = 1.5
many = [
  [1, 2],
  { q = 1 },
]
last = 1979-05-27'''


@pytest.mark.parametrize(
    ("table", "key", "place"),
    [
        ("", "top", (2, 1)),
        ("fetch", "jobs", (6, 1)),
        ("", "fetch", (6, 1)),
        ("a b", "x", (7, 10)),
        ("a b.y.z", "k", (7, 26)),
        ("rule", "", (9, 1)),
        ("rule", "name", (10, 1)),
        ("rule", "match", (11, 3)),
        ("weights", "feeds", (14, 1)),
        ("weights.feeds", "https://www.example.org/rss", (15, 1)),
        ("weights.feeds", "é", (16, 3)),
        ("weights.feeds.many", "q", (19, 5)),
        ("weights.feeds", "last", (21, 1)),
    ],
)
def test_a_key_is_found_wherever_toml_lets_it_stand(table: str, key: str, place: tuple[int, int]) -> None:
    tomllib.loads(DOCUMENT)
    assert locate_key(DOCUMENT, table, key) == place


@pytest.mark.parametrize(
    ("table", "key", "place"),
    [("rule", "name", (13, 1)), ("rule", "", (12, 1)), ("rule", "match", (12, 1)), ("a b.y.z", "m.n", (7, 38))],
)
def test_the_tables_of_an_array_are_counted(table: str, key: str, place: tuple[int, int]) -> None:
    assert locate_key(DOCUMENT, table, key, index=1) == place


@pytest.mark.parametrize(("table", "key"), [("none", "x"), ("", "none"), ("", "")])
def test_what_stands_nowhere_is_at_the_top(table: str, key: str) -> None:
    assert locate_key(DOCUMENT, table, key) == (1, 1)


KEYS = st.text(string.ascii_letters + "-_é .\"'", min_size=1, max_size=6)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, st.integers(), max_size=4), max_size=4))
def test_every_key_is_found_where_it_was_written(tables: dict[str, dict[str, int]]) -> None:
    lines, places = [], {}
    for table, content in tables.items():
        lines.append(f"[{quote(table)}]")
        for key, value in content.items():
            lines.append(f"{quote(key)} = {value}")
            places[table, key] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text) == tables
    for (table, key), line in places.items():
        if "." not in table and '"' not in table + key:
            assert locate_key(text, table, key) == (line, 1)


def quote(key: str) -> str:
    return '"' + key.replace('"', '\\"') + '"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nb = ", "rules.toml:2:5: not valid TOML: "),
        ("a = 1\na = 2\n", "rules.toml:2:6: not valid TOML: cannot overwrite a value"),
        ("[a\nb = 1", "rules.toml:1:3: not valid TOML: "),
        ("a = '''\nnever closed", "rules.toml:2:13: not valid TOML: "),
        pytest.param("a = " + "9" * 5000, "rules.toml:1:5005: not valid TOML: ", id="endless number"),
        pytest.param("a = " + "[" * 100_000, "rules.toml:1:1: nested too deep: write it flat", id="deep"),
        ("a = 2026-02-31", "rules.toml:1:"),
        ("é = 1", "rules.toml:1:1: not valid TOML: invalid statement: check the signs there; names with accents"),
    ],
)
def test_what_is_no_toml_is_told_in_one_line_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_toml(text, name="rules.toml")
    assert str(caught.value).startswith(message)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("a = 1\nname = “x”", "2:8", "texts stand between straight quotes, \"...\" or '...'"),
        ("name = «x»", "1:8", "texts stand between straight quotes, \"...\" or '...'"),
        ('name = "x”\n', "1:11", "end the text with the straight quote it begins with"),
        ("name = 'x’\n", "1:11", "end the text with the straight quote it begins with"),
        ('name = "x', "1:10", 'the quote at column 8 is not closed: end the text with a "'),
        ("weight = 5,5", "1:11", "write 5.5, with a point in place of the comma"),
        ("name: 'x'", "1:5", "write name = ..., with = in place of the colon"),
        ('fields = ["a", "x]\n', "1:19", 'the quote at column 16 is not closed: end the text with a "'),
        ("match = 'x\n", "1:11", "the quote at column 9 is not closed: end the text with a '"),
        ("match = 'l'avis'", "1:12", "the text ends at the second ': put \"...\" around one with a '"),
        ("[[rule]]\na = 1\n[rule]\nb = 1", "3:6", "a second [rule]: write [[rule]], with two brackets, each time"),
        ("[rule]\na = 1\n[[rule]]\nb = 1", "3:7", "[rule] is there before: write [[rule]], in two brackets, each time"),
        ("[w.x]\na = 1\n[w.x]\n", "3:5", "a second [w.x]: put what is under it under the first"),
        ("[[rule]\na = 1", "1:7", "write [[rule]], with two brackets on each side"),
        ("[rule]]\na = 1", "1:7", "write [[rule]], with two brackets on each side"),
        ("a = 1\na = 2\n", "2:6", "“a” stands there before: keep one of them"),
        ("until = 31/12/2026", "1:11", "write the day as 2026-12-31"),
        ("until = 2026-02-31", "1:9", "write a day that there is, such as 2026-12-31"),
        ("enabled = Vrai", "1:11", "write true, in small letters"),
        ("name = marque", "1:8", 'a text stands between quotes: name = "..."'),
        ("match = ", "1:9", "write a value after the ="),
    ],
)
def test_the_slips_of_those_who_write_by_hand_are_told_with_what_to_write(text: str, place: str, advice: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_toml(text, name="rules.toml")
    told = str(caught.value)
    assert told.startswith(f"rules.toml:{place}: not valid TOML: ")
    assert told.endswith(f": {advice}")
    assert "('" not in told


def test_a_long_wrong_line_is_told_at_once() -> None:
    begun = process_time()
    for text in ("a" + " " * 200_000 + ":", "a = " + "“" * 200_000, "=" * 200_000):
        with pytest.raises(ConfigError):
            load_toml(text, name="x")
    assert process_time() - begun < 1


@example("'\x850")
@given(st.text() | st.text("[]{}=.,\"'#\\\n a1-", max_size=40))
def test_load_toml_raises_only_config_errors(text: str) -> None:
    try:
        loaded = load_toml(text, name="x")
    except ConfigError as error:
        caught = str(error)
    else:
        assert isinstance(loaded, dict)
        return
    assert caught.startswith("x:")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\nb", r"'a\nb'"),
        (True, "True"),
        (float("nan"), "nan"),
        ({"a": [1]}, "{'a': [1]}"),
        ("\u202ex\x1b", r"'\u202ex\x1b'"),
        pytest.param(10**5000, "that number", id="endless"),
        (-(10**60), "that number"),
    ],
)
def test_a_value_is_quoted_on_one_line(value: object, shown: str) -> None:
    assert show_value(value) == shown


def test_a_long_value_is_cut() -> None:
    assert len(show_value("x" * 10_000)) == 60
