"""[digest.NAME] and [review] in config.toml: read, refused with file, line and column, shown."""

import re
from datetime import timedelta

import pytest

from veille.digestconfig import DigestSettings, ReviewSettings, list_set, read_digest_tables, read_review_table
from veille.errors import ConfigError
from veille.toml import load_toml

WHOLE = """[digest.matin]
query = 'e-réputation OR "bad buzz"'
keywords = ["crise^5", "usine"]
groups = ["marque"]
folders = ["Presse/Nationale"]
since = "yesterday"
size = 12
budget = "20m"
order = "date"
rubrics = "group"
language = "fr"
formats = ["html", "txt"]
output = "~/veille/{name}.{format}"
mail = ["moi@example.org"]
excerpt = 0
title = "Le matin"
templates = "gabarits"
charts = false
left_out = false
problems = false

[digest.soir]
"""


def read(text: str) -> dict[str, DigestSettings]:
    return read_digest_tables(load_toml(text, name="c").get("digest"), text=text, name="c")


def test_every_key_is_read_with_its_line() -> None:
    tables = read(WHOLE)
    matin = tables["matin"]
    assert (matin.query, matin.keywords) == ('e-réputation OR "bad buzz"', ("crise^5", "usine"))
    assert (matin.groups, matin.folders, matin.since, matin.size) == (
        ("marque",), ("Presse/Nationale",), "yesterday", 12,
    )  # fmt: skip
    assert (matin.budget, matin.order, matin.rubrics, matin.language) == (timedelta(minutes=20), "date", "group", "fr")
    assert (matin.formats, matin.mail, matin.excerpt) == (("html", "txt"), ("moi@example.org",), 0)
    assert (matin.charts, matin.left_out, matin.problems) == (False, False, False)
    assert list_set(matin)[0] == ("query", 'e-réputation OR "bad buzz"', "c:2")
    assert len(list_set(matin)) == 19
    assert tables["soir"] == DigestSettings()
    assert tables["soir"].since == "last"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("digest = 1", "1:1", r"\[digest\.matin\] on a line"),
        ("[digest]\nsize = 3", "2:1", r"\[digest\.matin\], and size under it"),
        ("[digest.'a/b']\n", "1:9", "cannot name a digest"),
        ("[digest.m]\nsise = 3", "2:1", "did you mean size"),
        ("[digest.m]\nsize = 0", "2:1", "it goes from 1 to 10 000"),
        ("[digest.m]\nexcerpt = 2000", "2:1", "from 0 to 1 500"),
        ("[digest.m]\nformats = ['pdf']", "2:1", "unknown format “pdf”: known here are md, html"),
        ("[digest.m]\nformats = 'md'", "2:1", "a list of names"),
        ("[digest.m]\norder = 'scor'", "2:1", "did you mean score"),
        ("[digest.m]\nrubrics = 3", "2:1", "known here are none, group"),
        ("[digest.m]\nlanguage = 'de'", "2:1", "known here are en, fr"),
        ("[digest.m]\nsince = 'sometime'", "2:1", 'or "last"'),
        ("[digest.m]\nbudget = '1s'", "2:1", "from 1m to 1d"),
        ("[digest.m]\nmail = ['x']", "2:1", "takes an address"),
        ("[digest.m]\nmail = ['a@x>,b@y']", "2:1", "takes an address"),
        ("[digest.m]\nquery = ''", "2:1", "a text between quotes"),
        (
            "[digest.m]\noutput = 'x/%Y.{formt}'",
            "2:1",
            r"^c:2:1: output: unknown placeholder \{formt\}: did you mean \{format\}",
        ),
        ("[digest.m]\noutput = 'x/{}.md'", "2:1", r"placeholder \{\}: known here are \{name\}, \{number\}, \{format\}"),
        ("[digest.m]\nformats = 'html'", "2:1", r'such as \["html", "txt"\], not'),
        ("[digest.m]\nmail = 'moi@x.org'", "2:1", r'such as \["moi@example.org"\], not'),
        ("[digest.m]\nkeywords = 'crise'", "2:1", r'such as \["crise", "usine\^2"\], not'),
        ("[digest.m]\ngroups = 'marque'", "2:1", r'such as \["Presse", "Blogs"\], not'),
        ("[digest.m]\ncharts = 'yes'", "2:1", "true or false"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    said = str(caught.value)
    assert said.startswith("c:")
    assert re.search(words, said), said
    if not text.startswith("[digest.'"):
        assert said.startswith(f"c:{place}:"), said


def test_the_press_review_has_a_table_of_its_own() -> None:
    text = "[review]\ntitle = 'Revue'\nlanguage = 'fr'\ndir = 'public'\nurl = 'https://example.org/revue/'\n"
    review = read_review_table(load_toml(text, name="c")["review"], text=text, name="c")
    assert (review.title, review.language, review.dir, review.url) == (
        "Revue", "fr", "public", "https://example.org/revue",
    )  # fmt: skip
    assert isinstance(review, ReviewSettings)
    for bad in ("[review]\nurl = 'ftp://x'", "review = 1", "[review]\ntitel = 'x'"):
        with pytest.raises(ConfigError, match=r"^c:\d+:\d+: "):
            read_review_table(load_toml(bad, name="c")["review"], text=bad, name="c")
