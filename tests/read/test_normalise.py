"""Raw entries into entries: safe, dated, and each with an identity that lasts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import NOW, make_enclosure, make_raw
from veille.parsed import ParsedEntry
from veille.read.normalise import RawEntry, clean_markup, normalise_entries, plain_title, sanitise_markup
from veille.text import clean_line

BASE = "https://www.example.org/dir/feed"


def read(raw: RawEntry, *, now: datetime = NOW) -> ParsedEntry:
    (entry,), empty = normalise_entries([raw], now=now)
    assert empty == 0
    return entry


# --- titles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("AT&amp;T", "AT&T"),
        ("Tom &amp;amp; Jerry", "Tom & Jerry"),
        ("l&#8217;&eacute;t&eacute;", "l’été"),
        ("a < b", "a < b"),
        ("How to use <b>", "How to use <b>"),
        ("Using <div></div> in <Widget>", "Using <div></div> in <Widget>"),
        ("<b>Bold</b> and <i class='x'>slanted</i >", "Bold and slanted"),
        ("<p><em>Nested</em></p>", "Nested"),
        ("&lt;b&gt;twice&lt;/b&gt;", "twice"),
        ("?a=1&section=2 & done;", "?a=1&section=2 & done;"),
        ("&notAnEntity; &amp;", "¬AnEntity; &"),
        ("two\n lines\x1b\u202e", "two lines"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
    ],
)
def test_a_plain_title_resolves_entities_and_pairs_that_format(written: str, plain: str) -> None:
    assert plain_title(written, is_markup=False) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<b>Bold</b><br>move", "Bold move"),
        ("1 &lt; 2", "1 < 2"),
        ("<script>x()</script>Hi", "Hi"),
        ("<a href='x'>link</a> &amp;amp; text", "link & text"),
        ("How to use &lt;b&gt;", "How to use <b>"),
    ],
)
def test_a_title_of_markup_is_stripped(written: str, plain: str) -> None:
    assert plain_title(written, is_markup=True) == plain


@given(st.text("<>/bi &lt;amp;#x41;=\"'\x00é\n\u202e") | st.text(), st.booleans())
def test_any_title_gives_one_clean_line(title: str, is_markup: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    plain = plain_title(title, is_markup=is_markup)
    assert clean_line(plain) == plain
    assert len(plain) <= 1000


def test_a_title_is_of_bounded_length() -> None:
    assert len(plain_title("mot " * 100_000, is_markup=True)) <= 1000


# --- content --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("plain > text", "plain &gt; text"),
        ("<p>Un</p>", "<p>Un</p>"),
        ("<p onclick='x()' style='x' class='y' id='z'>a</p>", "<p>a</p>"),
        ("a<script>x()</script><style>p{}</style><!-- c -->b", "ab"),
        ("<iframe src='https://x.example'></iframe><svg><a>x</a></svg><form><input></form>z", "z"),
        ("<img src='/a.png' onerror='x()' alt='A'>", '<img src="https://www.example.org/a.png" alt="A">'),
        ("<img src='data:image/png;base64,AA'>", "<img>"),
        ("<a href='javascript:x()'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<a href='data:text/html,x'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<a href=' java\nscript:x()'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<a href='suite'>a</a>", '<a href="https://www.example.org/dir/suite" rel="noopener noreferrer">a</a>'),
        ("<a href='mailto:a@b.example'>a</a>", '<a href="mailto:a@b.example" rel="noopener noreferrer">a</a>'),
        ("<unknown>mot</unknown>", "mot"),
        ("<p>a\x00b\ud800</p>", "<p>ab</p>"),
        ("&lt;p&gt;twice &amp;amp; more&lt;/p&gt;", "<p>twice &amp; more</p>"),
        ("a &lt; b", "a &lt; b"),
        ("", ""),
    ],
)
def test_content_is_sanitised_and_its_links_made_absolute(written: str, kept: str) -> None:
    assert sanitise_markup(written, base=BASE) == kept


@pytest.mark.parametrize("base", ["", "not an address", "http://1.2.3.999/", "http://xn--/", "http://a%20b/"])
def test_links_relative_to_no_address_are_dropped(base: str) -> None:
    kept = sanitise_markup("<a href='/x'>a</a> <a href='https://b.example/'>b</a>", base=base)
    assert "/x" not in kept
    assert 'href="https://b.example/"' in kept


def test_elements_piled_up_without_end_give_their_words() -> None:
    markup = "<div>" * 50_000 + "les mots & les autres" + "</div>" * 50_000
    assert sanitise_markup(markup, base=BASE) == "<p>les mots &amp; les autres</p>"


def test_a_long_page_is_not_a_pile() -> None:
    rows = "<tr><td>un<td><b>deux</b><br></tr>" * 5_000
    page = f"<div><p>début<p>suite</i></div><table>{rows}</table>"
    assert sanitise_markup(page, base=BASE).count("<b>deux</b>") == 5_000


@given(st.text("<>/abdivp =\"'&;script:x!-\x00", max_size=60))
def test_sanitised_content_is_sanitised_once_and_for_all(markup: str) -> None:
    once = sanitise_markup(markup, base=BASE)
    assert clean_markup(once) == once


def test_the_summary_is_text_and_the_longer_text_is_kept_as_html() -> None:
    entry = read(make_raw(summary="<b>Bref</b> &amp; net", content="<p>Plus long, <i>bien</i> plus long.</p>"))
    assert entry.summary == "Bref & net"
    assert entry.content == "<p>Plus long, <i>bien</i> plus long.</p>"


def test_a_summary_longer_than_the_content_is_the_text() -> None:
    entry = read(make_raw(summary="<p>Un résumé <i>plus</i> long</p>" * 40, content="<p>Court</p>"))
    assert entry.content.startswith("<p>Un résumé <i>plus</i> long</p>")
    assert entry.summary.startswith("Un résumé plus long Un résumé")
    assert len(entry.summary) <= 600


@pytest.mark.parametrize(
    ("summary", "content", "kept"),
    [
        ("Trois mots ici", "", ""),
        ("", "<p>Trois mots ici</p>", ""),
        ("trois <b>mots</b>   ici", "<p>Trois mots ici</p>", ""),
        ("", "<p>Voir <img src='https://a.example/i.png'></p>", '<p>Voir <img src="https://a.example/i.png"></p>'),
        ("a", '<a href="https://a.example/">a</a>', '<a href="https://a.example/" rel="noopener noreferrer">a</a>'),
    ],
)
def test_html_that_says_no_more_than_the_summary_is_not_kept(summary: str, content: str, kept: str) -> None:
    assert read(make_raw(summary=summary, content=content)).content == kept


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "updated", "kept"),
    [
        (NOW, None, NOW),
        (None, NOW, NOW),
        (NOW - timedelta(days=3), NOW, NOW - timedelta(days=3)),
        (None, None, None),
        (datetime(1970, 1, 1, tzinfo=UTC), None, None),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW, NOW),
        (NOW + timedelta(days=1), None, None),
        (NOW + timedelta(minutes=20), None, NOW + timedelta(minutes=20)),
        (NOW.replace(microsecond=5), None, NOW),
    ],
)
def test_missing_and_absurd_dates_are_none(
    published: datetime | None, updated: datetime | None, kept: datetime | None
) -> None:
    assert read(make_raw(published_at=published, updated_at=updated)).published_at == kept


def test_a_date_that_becomes_plausible_is_no_edit() -> None:
    raw = make_raw(guid="", link="", published_at=NOW + timedelta(days=2))
    today, later = read(raw), read(raw, now=NOW + timedelta(days=9))
    assert (today.published_at, later.published_at) == (None, NOW + timedelta(days=2))
    assert (today.guid, today.other_guid, today.fingerprint) == (later.guid, later.other_guid, later.fingerprint)


# --- identity -------------------------------------------------------------------------------------


def test_the_identity_is_the_guid_then_the_link_then_title_and_date() -> None:
    assert read(make_raw(guid=" g ")).guid == "g"
    assert read(make_raw(guid="")).guid == "https://www.example.org/1"
    bare = make_raw(guid="", link="", published_at=NOW)
    assert read(bare).guid == read(bare).guid
    others = [make_raw(guid="", link="", title="Autre", published_at=NOW), make_raw(guid="", link="")]
    assert len({read(raw).guid for raw in (bare, *others)}) == 3


def test_without_title_the_words_are_the_identity_wherever_the_document_is() -> None:
    one = make_raw(guid="", link="", title="", summary="<a href='/x'>mot</a>")
    moved = make_raw(guid="", link="", title="", summary="<a href='/x'>mot</a>", base="https://b.example/")
    assert read(one).guid == read(moved).guid
    assert read(one).content != read(moved).content


def test_a_guid_that_is_an_address_is_a_link() -> None:
    assert read(make_raw(guid="https://a.example/x", link="")).url == "https://a.example/x"
    assert read(make_raw(guid="javascript:x()", link="")).url == ""


def test_an_endless_or_unstorable_guid_is_shortened() -> None:
    long, longer = read(make_raw(guid="g" * 5000)), read(make_raw(guid="g" * 5001))
    assert len(long.guid) < 300
    assert long.guid != longer.guid
    assert read(make_raw(guid="a\x00b\ud800")).guid == "ab?"


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Autre"},
        {"summary": "Autre"},
        {"content": "<p>Autre</p>"},
        {"author": "Autre"},
        {"link": "https://www.example.org/2"},
        {"published_at": NOW},
    ],
)
def test_the_fingerprint_follows_what_is_said(change: dict[str, object]) -> None:
    assert read(make_raw()).fingerprint == read(make_raw(tags=("mots",))).fingerprint
    assert read(make_raw(**change)).fingerprint != read(make_raw()).fingerprint


def test_entries_that_share_a_guid_are_told_apart() -> None:
    raw = [make_raw(guid="g", title=f"Titre {n}", link=f"https://a.example/{n}") for n in (1, 2, 2)]
    entries, empty = normalise_entries(raw, now=NOW)
    assert [entry.title for entry in entries] == ["Titre 1", "Titre 2"]
    assert {entry.other_guid for entry in entries} == {"g"}
    assert empty == 0
    alone = read(raw[0])
    assert (alone.guid, alone.other_guid) == ("g", entries[0].guid)


def test_entries_that_share_their_link_and_have_no_guid_are_told_apart_by_title_and_date() -> None:
    dates = (NOW, NOW, NOW - timedelta(days=1), NOW + timedelta(days=9))
    raw = [make_raw(guid="", title="Bulletin", published_at=at) for at in dates] + [make_raw(guid="")]
    today, _ = normalise_entries(raw, now=NOW)
    later, _ = normalise_entries(raw, now=NOW + timedelta(days=30))
    assert len(today) == 4
    assert [entry.guid for entry in today] == [entry.guid for entry in later]


def test_entries_without_title_that_share_their_link_are_told_apart_by_their_words() -> None:
    raw = [make_raw(guid="https://www.example.org/1", title="", summary=text) for text in ("Un", "Deux", "Deux")]
    entries, _ = normalise_entries(raw, now=NOW)
    assert [entry.summary for entry in entries] == ["Un", "Deux"]


def test_versions_of_one_entry_are_one() -> None:
    raw = [make_raw(title="Titre"), make_raw(title="TITRE"), make_raw(title="Titre, corrigé")]
    entries, empty = normalise_entries(raw, now=NOW)
    assert [entry.title for entry in entries] == ["Titre"]
    assert empty == 0


# --- the rest -------------------------------------------------------------------------------------


def test_an_entry_that_says_nothing_is_counted_as_empty() -> None:
    nothing = RawEntry(content="<script>x()</script>", tags=("a",))
    assert normalise_entries([nothing, make_raw()], now=NOW)[1] == 1


def test_an_entry_that_fails_costs_no_other() -> None:
    naive = make_raw(guid="bad", published_at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is its fault
    entries, empty = normalise_entries([make_raw(), naive], now=NOW)
    assert [entry.guid for entry in entries] == ["guid-1"]
    assert empty == 1


def test_author_tags_and_enclosures_are_bounded_and_clean() -> None:
    raw = make_raw(
        author="L&eacute;a <b>Martin</b>\x1b" + "n" * 1000,
        tags=("a", " a ", "", "b\u202e", *map(str, range(100))),
        enclosures=tuple(make_enclosure(url=f"https://a.example/{n}") for n in range(30)),
    )
    entry = read(raw)
    assert entry.author.startswith("Léa Martinnn")
    assert len(entry.author) <= 200
    assert entry.tags[:3] == ("a", "b", "0")
    assert len(entry.tags) == 50
    assert len(entry.enclosures) == 20


def test_the_language_is_told_by_the_words_then_by_the_document() -> None:
    assert read(make_raw(title="Le port et la ville sont dans la tempête", language="en-US")).language == "fr"
    assert read(make_raw(title="Photos", language="de-CH")).language == "de"


def test_a_link_is_absolute_or_none() -> None:
    assert read(make_raw(link="../x", base=BASE)).url == "https://www.example.org/x"
    assert read(make_raw(link="javascript:x()")).url == ""
