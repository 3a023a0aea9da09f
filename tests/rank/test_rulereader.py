"""rules.toml: what it gives, and the one line for each thing it cannot."""

from dataclasses import fields
from datetime import date, timedelta
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import NOW, make_rule, make_source
from veille import config
from veille.errors import ConfigError, QueryError
from veille.rank.expression import Both, Filter, Term
from veille.rank.query import parse_query
from veille.rank.rulekeys import WEIGHTS
from veille.rank.rulereader import find_mistakes, read_rules
from veille.rank.rules import Rule, Rules, find_handles, keyword_rule
from veille.rank.score import ScoreSettings

EXAMPLE = """\
[[rule]]
name = "marque"
match = 'e-réputation OR "avis clients"'
weight = 5

[[rule]]
match = "football^-2"

[[rule]]
name = "horoscopes"
match = "horoscope"
kind = "kill"

[weights.feeds]
"HTTPS://www.Example.org:443/rss#x" = 2
[weights.folders]
"Presse/Régions" = -0.5
"""


def error_of(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_rules(text, name="rules.toml")
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_rules_and_weights_are_read() -> None:
    assert read_rules(EXAMPLE, name="rules.toml") == Rules(
        rules=(
            Rule(name="marque", query=parse_query('e-réputation OR "avis clients"'), weight=5.0),
            Rule(name="football", query=parse_query("football^-2"), weight=-2.0),
            Rule(name="horoscopes", query=parse_query("horoscope"), kind="kill"),
        ),
        feed_weights={"https://www.example.org/rss": 2.0},
        folder_weights={"Presse/Régions": -0.5},
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "rule = []", "[weights]"])
def test_no_rules_are_no_error(text: str) -> None:
    assert read_rules(text, name="rules.toml") == Rules()


def test_rules_may_be_written_inline() -> None:
    read = read_rules("rule = [{match = 'a', weight = 2}, {match = 'b'}]\nweights.folders = {P = 1}", name="x")
    assert [(rule.name, rule.weight) for rule in read.rules] == [("a", 2.0), ("b", 1.0)]
    assert read.folder_weights == {"P": 1.0}


def test_a_weight_is_given_once() -> None:
    with pytest.raises(ConfigError, match=r"x:3:1: weight: match has one too"):
        read_rules("[[rule]]\nmatch = 'a^2'\nweight = 3\n", name="x")


def test_a_key_follows_what_is_looked_for_and_nothing_else() -> None:
    rule = Rule(name="a", query=parse_query("crise OU scandale"))
    assert rule.key == Rule(name="b", query=parse_query("Crise | SCANDALE ^4"), weight=4.0, kind="kill").key
    assert rule.key != Rule(name="a", query=parse_query("crise scandale")).key


def test_a_keyword_is_a_rule_with_its_own_weight() -> None:
    assert keyword_rule("e-réputation^5") == Rule(name="e-réputation", query=parse_query("e-réputation^5"), weight=5.0)
    assert keyword_rule("crise").weight == 1.0
    with pytest.raises(QueryError, match="character 1"):
        keyword_rule("-crise")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rules]]\nmatch = 'a'", "1:1: unknown key “rules”: did you mean rule?"),
        ("x = 1", "1:1: unknown key “x”: known here are rule, searches, weights"),
        ("[rule]\nmatch = 'a'", "1:1: rule: write each rule under [[rule]], with two brackets"),
        ("rule = 'a'", "1:1: rule: write each rule under [[rule]], with two brackets"),
        ("rule = ['a']", "1:1: rule: write each rule under [[rule]], with two brackets"),
        ("[[rule]]\nmatch = 'a'\nwieght = 3", "3:1: unknown key “wieght”: did you mean weight?"),
        ("[[rule]]\nname = 'a'", "1:1: a rule has no match: write match = 'words to look for'"),
        ("[[rule]]\nmatch = 3", "2:1: match: it takes a text between quotes: write match ="),
        ("[[rule]]\nmatch = 'a'\n[[rule]]\n  match = 'b ('", "4:3: match, character 3: unclosed parenthesis"),
        ("[[rule]]\nmatch = ''", "2:1: match, character 1: the expression holds no word"),
        ("[[rule]]\nmatch = 'a'\nname = 3", "3:1: name: it takes a text between quotes, not 3"),
        ("[[rule]]\nmatch = 'a'\nname = ' '", "3:1: name: it takes a text between quotes, not ' '"),
        ("[[rule]]\nmatch = 'a'\nkind = 'mute'", "3:1: kind: it takes boost, kill, pin or note, not 'mute'"),
        ("[[rule]]\nmatch = 'a'\nkind = ['kill']", "3:1: kind: it takes boost, kill, pin or note, not ['kill']"),
        ("[[rule]]\nmatch = 'a'\nweight = true", "3:1: weight: it takes a number from -1000 to 1000, not True"),
        ("[[rule]]\nmatch = 'a'\nweight = '5'", "3:1: weight: it takes a number from -1000 to 1000, not '5'"),
        ("[[rule]]\nmatch = 'a'\nweight = nan", "3:1: weight: it takes a number from -1000 to 1000, not nan"),
        ("[[rule]]\nmatch = 'a'\nweight = 1e308", "3:1: weight: it takes a number from -1000 to 1000, not 1e+308"),
        ("[[rule]]\nmatch = 'a'\nweight = -inf", "3:1: weight: it takes a number from -1000 to 1000, not -inf"),
        ("[[rule]]\nmatch = 'a'\nweight = {a = 1}", "3:1: weight: it takes a number"),
        ("[[rule]]\nmatch = 'a'\nweight.x = 1", "3:1: weight: it takes a number"),
        ("[[rule]]\nmatch = 'a'\n[[rule]]\nmatch = 'a'", "3:1: a second rule is named “a”: give each its own name"),
        ("[[rule]]\nmatch = 'a'\n[[rule]]\nmatch = 'b'\nname = 'a'", "5:1: a second rule is named “a”"),
        ("weights = 3", "1:1: weights: write them under [weights], [weights.feeds] and [weights.folders]"),
        ("[weights]\nfeed = 3", "2:1: unknown key “feed”: did you mean feeds?"),
        ("[weights]\nfeeds = 3", "2:1: weights.feeds: write [weights.feeds] on a line of its own, and under it"),
        ("[weights.feeds]\n'presse' = 3", "2:1: “presse” is not a feed address: see `veille feeds --urls`"),
        ("[weights.feeds]\n'https://a.example/' = 'x'", "2:1: https://a.example/: it takes a number"),
        ("[weights.folders]\nRégions = 1", "2:2: not valid TOML: expected '=' after a key"),
        ("[weights.folders]\nPresse.Sport = 1", "2:1: Presse: it takes a number"),
        ("[[rule]]\nmatch = 'a\n", "2:11: not valid TOML: "),
        ("[[rule]]\nmatch = 'a'\nfield = 'title'", "3:1: unknown key “field”: did you mean fields?"),
        (
            "[[rule]]\nmatch = 'a'\nfields = ['titel']",
            "3:1: fields: they are title, text or author, not 'titel': did you",
        ),
        ("[[rule]]\nmatch = 'a'\nfields = []", "3:1: fields: it takes 1 to 1000 names, not 0: take the line away"),
        ("[[rule]]\nmatch = 'a'\nfolders = [3]", "3:1: folders: it takes names between quotes, such as"),
        ("[[rule]]\nmatch = 'a'\nfeeds = {a = 1}", "3:1: feeds: it takes names between quotes, such as"),
        (
            "[[rule]]\nmatch = 'a'\nlang = 'frenh'",
            "3:1: lang: it takes a code of two letters, such as 'fr', not 'frenh': did you mean fr?",
        ),
        (
            "[[rule]]\nmatch = 'a'\nlang = 'fr,en'",
            "3:1: lang: it takes a code of two letters, such as 'fr', not 'fr,en': write a list",
        ),
        ("[[rule]]\nmatch = 'a'\nnom = 'x'", "3:1: unknown key “nom”: did you mean name?"),
        ("[[rule]]\nmatch = 'a'\npoids = 3", "3:1: unknown key “poids”: did you mean weight?"),
        ("[[rule]]\nMots = 'a'", "1:1: a rule has no match"),
        ("[[rule]]\nmatch = 'a'\nDossiers = 'P'", "3:1: unknown key “Dossiers”: did you mean folders?"),
        ("[[rule]]\nmatch = 'a'\nzzz = 'P'", "3:1: unknown key “zzz”: known here are name, match"),
        (
            "[[règle]]\nmatch = 'a'",
            "1:4: not valid TOML: expected ']]' at the end of an array declaration: check the signs there",
        ),
        ("[[regle]]\nmatch = 'a'", "1:1: unknown key “regle”: did you mean rule?"),
        ("[poids]\nx = 1", "1:1: unknown key “poids”: did you mean weights?"),
        ("[weights]\nflux = 1", "2:1: unknown key “flux”: did you mean feeds?"),
        (
            "[[rule]]\nmatch = 'a'\nfields = ['titre']",
            "3:1: fields: they are title, text or author, not 'titre': did you mean title?",
        ),
        (
            "[[rule]]\nmatch = 'a'\nname = 'Été'\n[[rule]]\nname = 'ete'\nmatch = 'b'",
            "5:1: a second rule is named “ete”, after “Été” (case and accents do not count)",
        ),
        ("[[rule]]\nmatch = 'a'\nuntil = '31/12'", "3:1: until: it takes a day, such as 2026-12-31, not '31/12'"),
        ("[[rule]]\nmatch = 'a'\nuntil = 2026-12-31T10:00:00", "3:1: until: it takes a day, such as 2026-12-31, not"),
        ("[[rule]]\nmatch = 'a'\nuntil = 2026", "3:1: until: it takes a day, such as 2026-12-31, not 2026"),
        (
            "[[rule]]\nmatch = 'a'\nkind = 'Kil'",
            "3:1: kind: it takes boost, kill, pin or note, not 'Kil': did you mean kill?",
        ),
        ("[[rule]]\nmatch = 'a'\nkind = 'note'", "3:1: kind: a rule of kind note says something: write note ="),
        ("[[rule]]\nmatch = 'a'\nnote = 'n'", '3:1: note: only a rule of kind note says it: write kind = "note"'),
        ("[[rule]]\nmatch = 'a'\ngroup = ''", "3:1: group: it takes a text between quotes, not ''"),
        ("[[rule]]\nmatch = 'a'\nenabled = 'no'", "3:1: enabled: it takes true or false, not 'no'"),
        ("[[rule]]\nmatch = 'a'\nenabled = true\ndisabled = true", "4:1: disabled: enabled says it already: keep one"),
        ("searches = 3", "1:1: searches: write [searches] on a line of its own"),
        ("[searches]\na = 3", "2:1: a: it takes an expression between quotes, not 3"),
        ("[searches]\na = 'b ('", "2:1: a, character 3: unclosed parenthesis"),
        ("[searches]\n'a b' = 'c'", "2:1: “a b” cannot name a search: use letters, figures, - and _"),
        ("[searches]\nrival = 'b'\nRival = 'c'", "3:1: Rival: a second search of that name, after rival"),
        ("[searches]\n" + "".join(f"s{n} = 'a'\n" for n in range(1001)), "1:1: searches: more than 1000 are saved"),
        ("[weights]\nhalf_life = 3", "2:1: half_life: it takes a duration between quotes"),
        ("[weights]\nfreshness = inf", "2:1: freshness: inf is too much or too little"),
        ("[weights]\nrepeat = true", "2:1: repeat: it takes a number, not True"),
        (
            "[weights.feeds]\n'https://a.example/' = 1\n'HTTPS://A.example/' = 2",
            "3:1: HTTPS://A.example/: the same feed",
        ),
    ],
)
def test_what_rules_cannot_hold_is_told_with_its_place_and_what_to_do(text: str, message: str) -> None:
    assert error_of(text).startswith(f"rules.toml:{message}")


def test_every_mistake_is_told_in_the_order_of_the_file() -> None:
    rules = "[[rule]]\nmatch = 'a'\nweight = nan\nkin = 3\n[[rule]]\nname = 'b'\n"
    text = f"[weights]\nbody = 'x'\n{rules}[searches]\nc = '('\n"
    told = find_mistakes(text, name="rules.toml")
    assert [line.split(": ")[0] for line in told] == [f"rules.toml:{at}" for at in ("2:1", "5:1", "6:1", "7:1", "10:1")]
    assert error_of(text) == f"{told[0]} (and 4 more: see `veille rules`)"
    assert find_mistakes(EXAMPLE, name="rules.toml") == []
    assert find_mistakes("x = ", name="rules.toml")[0].startswith("rules.toml:1:5: not valid TOML")


def test_every_key_of_a_rule_is_read() -> None:
    (rule,) = read_rules(
        "[[rule]]\nname = 'Crise'\nmatch = 'rappel'\ngroup = 'crise'\nfields = ['title', 'author']\n"
        "folders = 'Presse'\n"
        "feeds = ['HTTP://A.example:80/rss', 'Le Monde']\nlang = ['FR', 'en']\nuntil = 2026-12-31\nkind = 'note'\n"
        "note = 'to read'\nenabled = false\n",
        name="x",
    ).rules
    assert (rule.name, rule.group, rule.kind, rule.note) == ("Crise", "crise", "note", "to read")
    assert rule.fields == ("title", "author")
    assert (rule.folders, rule.feeds) == (("Presse",), ("http://a.example/rss", "Le Monde"))
    assert (rule.lang, rule.until, rule.disabled) == (("fr", "en"), date(2026, 12, 31), True)


def test_a_language_may_be_called_by_its_name() -> None:
    (rule,) = read_rules("[[rule]]\nmatch = 'a'\nlang = ['français', 'FR', 'English']\n", name="x").rules
    assert rule.lang == ("fr", "en")


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("@kriz OR lait", ["kriz"]),
        ("@Crise.", []),
        ("lait -@rival (@other, @crise) @other", ["rival", "other"]),
        ("'a@b.fr' \"@kriz\" /@kriz/", []),
    ],
)
def test_handles_are_told_from_saved_searches(text: str, unknown: list[str]) -> None:
    assert find_handles(text, {"crise": "a"}) == unknown


def test_fields_and_languages_are_part_of_what_is_looked_for() -> None:
    rule = make_rule("crise", fields=("title",), lang=("fr",))
    assert rule.expression == Both((Term(("crise",), "word", "title"), Filter("lang", "fr")))
    assert len({rule.key, make_rule("crise").key, make_rule("crise", fields=("title",)).key}) == 3
    assert make_rule("crise", folders=("Presse",), group="g").key == make_rule("crise").key


def test_a_scope_takes_its_folders_and_its_feeds() -> None:
    source = make_source(folder="Presse/Régions", feed="Le Monde - Une", feed_id=12, feed_url="https://m.example/rss")
    wide: tuple[dict[str, Any], ...] = ({}, {"folders": ("presse",)}, {"feeds": ("le monde",)}, {"feeds": ("12",)})
    assert all(make_rule(**scope).covers(source) for scope in (*wide, {"feeds": ("https://m.example/rss",)}))
    assert make_rule(folders=("Blogs",), feeds=("Monde",)).covers(source)
    narrow: tuple[dict[str, Any], ...] = (
        {"folders": ("Pres",)},
        {"feeds": ("mon",)},
        {"feeds": ("1",)},
        {"feeds": ("https://m.example/",)},
    )
    assert not any(make_rule(**scope).covers(source) for scope in narrow)


def test_a_rule_is_in_force_through_its_last_day_unless_it_is_disabled() -> None:
    today = NOW.astimezone().date()
    ends = [make_rule(f"r{days}", until=today + timedelta(days=days)) for days in (-1, 0, 1)]
    rules = Rules(rules=(*ends, make_rule("off", disabled=True), make_rule("on")))
    assert [rule.name for rule in rules.in_force(NOW)] == ["r0", "r1", "on"]


def test_weights_of_the_rules_override_those_of_the_settings() -> None:
    rules = read_rules("[weights]\nhalf_life = '6h'\nbody = 0\n", name="x")
    assert rules.weigh(ScoreSettings(title=3)) == ScoreSettings(title=3, half_life=timedelta(hours=6), body=0)


def test_both_files_take_the_same_weights() -> None:
    of_config = {key: wanted for key, wanted in config._KEYS.items() if key.startswith("weights.")}
    assert of_config == {f"weights.{key}": wanted for key, wanted in WEIGHTS.items()}
    assert set(WEIGHTS) == {one.name for one in fields(ScoreSettings)}


def test_a_kill_rule_may_only_leave_out() -> None:
    (rule,) = read_rules("[[rule]]\nmatch = '-lang:fr'\nkind = 'kill'\n", name="x").rules
    assert rule.expression == Both((), (Filter("lang", "fr"),))
    with pytest.raises(ConfigError, match="x:2:1: match, character 1: only words to leave out"):
        read_rules("[[rule]]\nmatch = '-lang:fr'\n", name="x")


def test_saved_searches_stand_for_their_expression() -> None:
    read = read_rules("[searches]\nrivals = 'acme OR globex'\n[[rule]]\nmatch = '@rivals -sport'\n", name="x")
    assert read.searches == {"rivals": "acme OR globex"}
    assert read.rules[0].key == make_rule("(acme OR globex) -sport").key


def test_searches_that_go_round_in_circles_are_told() -> None:
    text = "[searches]\na = '@b'\nb = 'x @a'\n"
    assert [line.split(": ")[0] for line in find_mistakes(text, name="f")] == ["f:2:1", "f:3:1"]


def test_searches_that_grow_without_end_are_told_and_not_for_ever() -> None:
    text = "[searches]\n" + "".join(f"s{n} = '@s{n + 1} OR @s{n + 1}'\n" for n in range(30)) + "s30 = 'a'\n"
    assert "s0, character 1: in @" in find_mistakes(text, name="f")[0]
    many = "[searches]\n" + "".join(f"s{n} = '('\n" for n in range(100))
    assert len(find_mistakes(many, name="f")) < 30


@pytest.mark.parametrize("wrong", [False, True])
def test_five_thousand_rules_are_read_and_told_in_time_that_grows_with_their_number(wrong: bool) -> None:  # noqa: FBT001
    def seconds(count: int) -> float:
        end = "weight = nan" if wrong else "weight = 2"
        text = "".join(f"[[rule]]\nname = 'r{n}'\nmatch = 'mot{n} OR \"autre {n}\"'\n{end}\n" for n in range(count))
        begin = process_time()
        assert len(find_mistakes(text, name="x")) == wrong * count
        return process_time() - begin

    seconds(10)
    few, many = min(seconds(500) for _ in range(3)), seconds(5000)
    assert many < 40 * few + 0.5  # ten times the rules; their square would be a hundred times


def test_a_huge_number_is_told_without_its_digits() -> None:
    assert error_of("[[rule]]\nmatch = 'a'\nweight = 0x" + "f" * 5000).endswith("not that number")


def test_a_name_is_shown_as_text() -> None:
    (rule,) = read_rules('[[rule]]\nmatch = "a"\nname = "x\\u001b[31m\\u202e\\ny"', name="x").rules
    assert rule.name == "x[31m y"


PIECES = """\
[[rule]]
[rule]
match = 'a'
match = '('
match = 3
weight = 1
weight = 1e308
kind = 'kill'
name = 'n'
[weights.feeds]
'https://a.example/' = 2
[weights.folders]
P = 1
x.y = 1
rule = 3""".splitlines()


@given(st.lists(st.sampled_from(PIECES), max_size=10).map("\n".join) | st.text())
def test_read_rules_raises_only_config_errors(text: str) -> None:
    try:
        read = read_rules(text, name="rules.toml")
    except ConfigError as error:
        said = str(error)
    else:
        assert len({rule.name for rule in read.rules}) == len(read.rules)
        return
    assert said.startswith("rules.toml:")
