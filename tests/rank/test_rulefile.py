"""Edits of rules.toml: what is asked is done, and nothing else of the text changes."""

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.errors import ConfigError
from veille.rank.rulefile import add_rule, edit_rule, remove_rule, remove_search, save_search, set_disabled

FILE = """\
# What matters to us.
# Ask Ana before changing.

# our brand
[[rule]]
name = "marque"     # first
match = 'e-réputation OR "avis clients"'
weight = 5          # a lot

# ---- noise ----

# since June
  [[ rule ]]
  match = "horoscope"
  kind = "kill"
# end of noise

[weights]   # ours
half_life = "6h"

# late
[[rule]]
match = '''
crise'''
[searches]
rivals = 'acme'   # for now
[weights.feeds]
"https://a.example/rss" = 2"""


def test_a_rule_is_added_after_the_last_and_nothing_else_moves() -> None:
    added = add_rule(
        FILE, {"name": "n", "match": 'a "b"', "weight": 2.5, "folders": ["P"], "until": date(2026, 12, 31)}
    )
    block = '\n\n[[rule]]\nname = "n"\nmatch = \'a "b"\'\nweight = 2.5\nfolders = ["P"]\nuntil = 2026-12-31\n\n'
    before, after = FILE.split("crise'''\n")
    assert added == before + "crise'''" + block + after


def test_a_rule_is_added_to_an_empty_file_and_to_one_without_rules() -> None:
    assert add_rule("", {"match": "a"}) == '[[rule]]\nmatch = "a"\n'
    assert add_rule("# mine", {"match": "it's"}) == '# mine\n\n[[rule]]\nmatch = "it\'s"\n'
    assert add_rule("[weights]\nbody = 1\n", {"match": "a"}) == '[weights]\nbody = 1\n\n[[rule]]\nmatch = "a"\n'


def test_an_edit_keeps_comments_and_order() -> None:
    edited = edit_rule(FILE, 0, {"weight": 8, "group": "marque"})
    assert edited == FILE.replace("weight = 5          # a lot\n", 'weight = 8          # a lot\ngroup = "marque"\n')
    edited = edit_rule(FILE, 1, {"kind": None, "weight": -2})
    assert edited == FILE.replace('  kind = "kill"\n', "  weight = -2\n")
    assert edit_rule(FILE, 2, {"match": "b"}) == FILE.replace("'''\ncrise'''", '"b"')


def test_disabling_and_enabling_bring_the_file_back() -> None:
    disabled = set_disabled(FILE, 1, disabled=True)
    assert disabled == FILE.replace('  kind = "kill"\n', '  kind = "kill"\n  enabled = false\n')
    assert set_disabled(disabled, 1, disabled=False) == FILE
    assert set_disabled("[[rule]]\nmatch = 'a'\ndisabled = true\n", 0, disabled=False) == "[[rule]]\nmatch = 'a'\n"


def test_a_rule_goes_with_the_comments_right_above_and_below_it() -> None:
    text, removed = remove_rule(FILE, 1)
    assert removed == '# since June\n  [[ rule ]]\n  match = "horoscope"\n  kind = "kill"\n# end of noise\n'
    assert text == FILE.replace(f"{removed}\n", "")
    text, removed = remove_rule(FILE, 2)
    assert removed == "# late\n[[rule]]\nmatch = '''\ncrise'''\n"
    assert text == FILE.replace(removed, "")


def test_the_comments_at_the_top_of_the_file_stay() -> None:
    assert remove_rule("# my rules\n[[rule]]\nmatch = 'a'\n", 0)[0] == "# my rules\n"
    assert remove_rule("[[rule]]\nmatch = 'a'\n", 0)[0] == ""


def test_rules_written_inline_are_edited_too() -> None:
    inline = "# x\nrule = [{match = 'a'}, {match = 'b', weight = 2}]  # two\n"
    assert tomllib.loads(add_rule(inline, {"match": "c"}))["rule"][2] == {"match": "c"}
    assert edit_rule(inline, 1, {"weight": 3}) == inline.replace("weight = 2", "weight = 3")
    assert tomllib.loads(remove_rule(inline, 0)[0])["rule"] == [{"match": "b", "weight": 2}]
    assert tomllib.loads(add_rule("rule = []\n", {"match": "c"}))["rule"] == [{"match": "c"}]


def test_searches_are_saved_and_taken_out() -> None:
    assert save_search("", "rivals", 'a "b"') == "[searches]\nrivals = 'a \"b\"'\n"
    saved = save_search(FILE, "rivals", "acme OR globex")
    assert saved == FILE.replace("rivals = 'acme'   #", 'rivals = "acme OR globex"   #')
    more = save_search(FILE, "été", "x")
    assert more == FILE.replace("# for now\n", '# for now\n"été" = "x"\n')
    assert remove_search(more, "été") == FILE
    assert remove_search("# nothing\n", "été") == "# nothing\n"
    assert save_search("searches.a = 'b'\n", "a", "c") == 'searches.a = "c"\n'
    assert "a" not in tomllib.loads(remove_search("searches.a = 'b'\n", "a")).get("searches", {})


def test_line_endings_stay_those_of_the_file() -> None:
    windows = FILE.replace("\n", "\r\n")
    for changed in (
        add_rule(windows, {"match": "a"}),
        edit_rule(windows, 0, {"weight": 8, "group": "g"}),
        remove_rule(windows, 1)[0],
        save_search(windows, "x", "y"),
    ):
        assert changed.count("\n") == changed.count("\r\n")


def test_a_text_of_several_lines_is_never_taken_for_comments() -> None:
    first, second = '[[rule]]\nmatch = """\n# no comment"""\n', '[[rule]]\nmatch = "b"\n'
    assert remove_rule(first + second, 0) == (second, first)
    assert remove_rule(first + second, 1) == (first, second)


def test_what_cannot_be_edited_safely_is_refused() -> None:
    with pytest.raises(ConfigError, match="by hand"):
        edit_rule("[[rule]]\nmatch = 'a'\nweight = nan\n", 0, {"name": "b"})  # nan is not even itself


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NOTES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=10)
RULES = st.fixed_dictionaries(
    {"match": TEXTS},
    optional={
        "name": TEXTS,
        "weight": st.integers(-9, 9) | st.floats(-9, 9),
        "folders": st.lists(TEXTS, min_size=1, max_size=3),
        "enabled": st.booleans(),
        "until": st.dates(),
    },
)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[dict[str, object]]]:
    rules: list[dict[str, object]] = []
    text = draw(st.sampled_from(["", "# top\n\n", "[weights]\nbody = 1\n"]))
    for _ in range(draw(st.integers(0, 4))):
        rules.append({**draw(RULES)})
        note = draw(NOTES)
        text = add_rule(f"{text}\n# {note}\n" if draw(st.booleans()) else text, rules[-1])
    return text, rules


@given(files(), RULES, st.integers(0, 3))
def test_any_edit_says_what_was_asked_and_can_be_taken_back(
    file: tuple[str, list[dict[str, object]]], other: dict[str, object], index: int
) -> None:
    text, rules = file
    assert tomllib.loads(text).get("rule", []) == rules
    if index >= len(rules):
        return
    comments = [line for line in text.splitlines() if line.startswith("#")]
    changes = {key: other.get(key) for key in {*rules[index], *other}}
    edited = edit_rule(text, index, changes)
    assert tomllib.loads(edited)["rule"][index] == other
    assert [line for line in edited.splitlines() if line.startswith("#")] == comments
    removed, cut = remove_rule(text, index)
    assert tomllib.loads(removed).get("rule", []) == rules[:index] + rules[index + 1 :]
    assert tomllib.loads(cut)["rule"] == [rules[index]]
    assert set_disabled(set_disabled(edited, index, disabled=True), index, disabled=False) == set_disabled(
        edited, index, disabled=False
    )
