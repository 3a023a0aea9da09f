"""The article of a page: what surrounds it goes, its charset is understood, what is no page is said."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from veille.errors import ParseError
from veille.read.article import Article, Extract, count_article_words, read_article

SENTENCES = [
    f"Le conseil municipal a adopté mardi soir la mesure numéro {number}, malgré l'opposition d'une partie des élus."
    for number in range(8)
]
HTML = {"content-type": "text/html"}


def page(body: str, *, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="fr"><head>{head}<title>Le budget est voté | Le Journal</title></head><body>'
        '<nav><a href="/">Accueil</a> <a href="/sport">Sport</a></nav>'
        f"<article><h1>Le budget est voté</h1>{body}</article><footer>Mentions légales</footer></body></html>"
    )


def paragraphs(*more: str) -> str:
    return "".join(f"<p>{one}</p>" for one in (*SENTENCES, *more))


def read(body: bytes, **headers: str) -> Extract:
    return read_article(body, url="http://x.example/1", headers=headers or HTML)


def test_an_article_is_its_paragraphs_without_what_surrounds_it() -> None:
    found = read(page(paragraphs() + "<script>evil()</script>").encode())
    assert (found.title, found.language, found.paid) == ("Le budget est voté", "fr", False)
    assert list(found.paragraphs) == SENTENCES
    assert found.text == "\n\n".join(SENTENCES)


@pytest.mark.parametrize(
    ("charset", "meta", "told"),
    [
        ("utf-8", "", ""),
        ("utf-8", "iso-8859-1", ""),  # UTF-8 is never that by chance
        ("iso-8859-15", "iso-8859-15", ""),
        ("cp1252", "iso-8859-1", ""),
        ("cp1252", "", "; charset=latin1"),
        ("cp1252", "", ""),
        ("cp1252", "no-such-charset", "; charset=punycode"),
        ("utf-16", "", ""),
        ("utf-8-sig", "windows-1251", ""),
    ],
)
def test_a_page_is_read_in_its_charset(charset: str, meta: str, told: str) -> None:
    head = f"<meta charset={meta}>" if meta else ""
    said = "Évêque, œuvre, naïveté et élégance : 30 € de plus pour chaque ménage de la ville."
    found = read(page(paragraphs(said), head=head).encode(charset), **{"content-type": f"text/html{told}"})
    assert found.paragraphs[-1] == said


def test_a_page_of_another_alphabet_is_read_by_its_declaration() -> None:
    said = "Городской совет принял во вторник вечером бюджет города, несмотря на возражения оппозиции."
    found = read(page(f"<p>{said}</p><p>{said} Снова.</p>", head="<meta charset=koi8-r>").encode("koi8-r", "ignore"))
    assert said in found.paragraphs


def test_a_broken_charset_costs_the_letters_alone() -> None:
    found = read(
        page(paragraphs("Une phrase @ la fin, assez longue pour être gardée par qui lit."))
        .encode()
        .replace(b"@", b"\xff\xfe\x80")
    )
    assert len(found.paragraphs) == len(SENTENCES) + 1


def test_controls_and_marks_that_reorder_are_taken_out() -> None:
    hostile = "\x1b[2J\u202eUne phrase qui voudrait\x07 écrire sur le terminal de qui la lit\x9b31m, sans y parvenir."
    found = read(page(paragraphs(hostile)).encode())
    assert not set("\x1b\x07\x9b\u202e") & set(found.text)
    assert "écrire sur le terminal" in found.text


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"<html><body><script>render()</script><div id=app></div></body></html>"]
)
def test_a_page_made_by_scripts_has_no_paragraphs(body: bytes) -> None:
    assert read(body).paragraphs == ()


@pytest.mark.parametrize("depth", [300, 10_000])
def test_tables_nested_deep_are_survived(depth: int) -> None:
    body = "<table><tr><td>" * depth + paragraphs()
    assert len(read(page(body).encode()).paragraphs) <= len(SENTENCES)


@pytest.mark.parametrize(
    ("body", "media_type", "said"),
    [
        (b"%PDF-1.7\n...", "text/html", "a PDF"),
        (b"...", "application/pdf; q=1", "a PDF"),
        (b"PK\x03\x04abc", "application/octet-stream", "a document or an archive"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "a picture"),
        (b"\x01\x00\x00\x02" * 50, "text/html", "a file"),
        (b"{}", "application/json", "data"),
    ],
)
def test_what_is_no_page_is_named(body: bytes, media_type: str, said: str) -> None:
    with pytest.raises(ParseError, match=f"it is {said}"):
        read(body, **{"content-type": media_type})


def test_plain_text_is_read_as_it_is() -> None:
    assert read(b"One line.\n\n\nAnother & more.", **{"content-type": "text/plain"}).paragraphs == (
        "One line.", "Another & more.",
    )  # fmt: skip


@pytest.mark.parametrize("value", ["false", '"false"', '"False"'])
def test_a_page_says_that_it_shows_a_part(value: str) -> None:
    script = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": VALUE}</script>'
    assert read(page(paragraphs(), head=script.replace("VALUE", value)).encode()).paid
    assert not read(page(paragraphs(), head=script.replace("VALUE", "true")).encode()).paid


def test_words_are_counted_as_an_entry_s_are() -> None:
    assert count_article_words("L'élection de C++, à 20 h 30.") == 10


def test_an_article_as_html_is_escaped() -> None:
    article = Article(
        entry_id=1, url="u", status="ok", fetched_at=datetime(2026, 1, 1, tzinfo=UTC), text="a < b\n\n<script>&amp;"
    )
    assert article.html == "<p>a &lt; b</p>\n\n<p>&lt;script&gt;&amp;amp;</p>"


def test_trafilatura_is_loaded_when_it_is_used_only() -> None:
    code = "import sys, veille.app.reading as _; sys.exit(bool({'trafilatura', 'lxml'} & {*sys.modules}))"
    subprocess.run([sys.executable, "-c", code], check=True)
