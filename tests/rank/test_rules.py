"""rules.toml: what it gives, and the one line for each thing it cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.errors import ConfigError, QueryError
from veille.rank.query import parse_query
from veille.rank.rules import Rule, Rules, keyword_rule, read_rules

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
        ("x = 1", "1:1: unknown key “x”: known here are rule, weights"),
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
        ("[[rule]]\nmatch = 'a'\nkind = 'mute'", "3:1: kind: it takes boost or kill, not 'mute'"),
        ("[[rule]]\nmatch = 'a'\nkind = ['kill']", "3:1: kind: it takes boost or kill, not ['kill']"),
        ("[[rule]]\nmatch = 'a'\nweight = true", "3:1: weight: it takes a number from -1000 to 1000, not True"),
        ("[[rule]]\nmatch = 'a'\nweight = '5'", "3:1: weight: it takes a number from -1000 to 1000, not '5'"),
        ("[[rule]]\nmatch = 'a'\nweight = nan", "3:1: weight: it takes a number from -1000 to 1000, not nan"),
        ("[[rule]]\nmatch = 'a'\nweight = 1e308", "3:1: weight: it takes a number from -1000 to 1000, not 1e+308"),
        ("[[rule]]\nmatch = 'a'\nweight = -inf", "3:1: weight: it takes a number from -1000 to 1000, not -inf"),
        ("[[rule]]\nmatch = 'a'\nweight = {a = 1}", "3:1: weight: it takes a number"),
        ("[[rule]]\nmatch = 'a'\nweight.x = 1", "3:1: weight: it takes a number"),
        ("[[rule]]\nmatch = 'a'\n[[rule]]\nmatch = 'a'", "3:1: a second rule is named “a”: give each its own name"),
        ("[[rule]]\nmatch = 'a'\n[[rule]]\nmatch = 'b'\nname = 'a'", "5:1: a second rule is named “a”"),
        ("weights = 3", "1:1: weights: write them under [weights.feeds] and [weights.folders]"),
        ("[weights]\nfeed = 3", "2:1: unknown key “feed”: did you mean feeds?"),
        ("[weights]\nfeeds = 3", "2:1: weights.feeds: write [weights.feeds] on a line of its own, and under it"),
        ("[weights.feeds]\n'presse' = 3", "2:1: “presse” is not a feed address: see `veille feeds`"),
        ("[weights.feeds]\n'https://a.example/' = 'x'", "2:1: https://a.example/: it takes a number"),
        ("[weights.folders]\nRégions = 1", "2:2: not valid TOML: expected '=' after a key"),
        ("[weights.folders]\nPresse.Sport = 1", "2:1: Presse: it takes a number"),
        ("[[rule]]\nmatch = 'a\n", "2:11: not valid TOML: "),
    ],
)
def test_what_rules_cannot_hold_is_told_with_its_place_and_what_to_do(text: str, message: str) -> None:
    assert error_of(text).startswith(f"rules.toml:{message}")


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
