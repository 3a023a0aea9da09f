"""The search misses no page and no likely title, and does not look at all the rest."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from veille.model import Headline
from veille.rank.pairs import find_pages, likely_pairs
from veille.rank.similar import page_key

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

_PATHS = st.text(alphabet="abAB01-_./%éà+~,;=&?é[]", max_size=12)
_FORMS = st.sampled_from(
    ["https://www.a.example/{}", "http://m.a.example/{}#x", "a.example/{}/amp", "https://A.example/{}?utm_id=1"]
)
_ESCAPES = st.sampled_from([("a", "%61"), ("-", "%2D"), ("é", "%C3%A9"), ("é", "%c3%a9"), ("", "")])


@st.composite
def _addresses(draw: st.DrawFn) -> str:
    path = draw(st.one_of(_PATHS, st.sampled_from(["actu/a-la-une-12", "é/à-b", "-", "?p=12"])))
    return draw(_FORMS).format(path).replace(*draw(_ESCAPES))


def headline(entry_id: int, url: str, title: str = "Un titre") -> Headline:
    return Headline(entry_id=entry_id, feed_id=entry_id, title=title, url=url, published_at=NOON)


@given(st.lists(_addresses(), max_size=4), st.lists(_addresses(), max_size=8))
def test_known_pages_are_those_of_new_headlines_however_they_are_written(new: list[str], old: list[str]) -> None:
    fresh = [headline(n, url) for n, url in enumerate(new, 1)]
    known = [headline(n, url) for n, url in enumerate(old, 100)]
    texts = {one.entry_id: one.title for one in [*fresh, *known]}
    wanted = {page_key(url) for url in new} - {""}
    found = find_pages(fresh, known, texts)
    assert found == {one.entry_id: page for one in [*fresh, *known] if (page := page_key(one.url)) in wanted}


def test_titles_that_share_rare_words_are_likely_and_others_are_not() -> None:
    near, far = "port lorient bloque dockers vendredi", "orage nice menton grele vendredi"
    text = "port lorient bloque dockers jeudi"
    assert list(likely_pairs([text], [near, far, text])) == [(text, text), (text, near)]


def test_a_frequent_word_finds_nothing() -> None:
    crowd = [f"port lorient bloque dockers {n}" for n in range(1000)]
    assert list(likely_pairs(crowd[:1], crowd)) == [(crowd[0], crowd[0])]
