"""Documents mended before they are parsed: letters kept, sound documents untouched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veille.read.mend import HERE, mend_document

URL = "https://www.example.org/dir/feed"
UTF8 = "application/xml; charset=utf-8"


def mend(body: bytes | str, *, told: str = "") -> tuple[str, str]:
    """The mended document as UTF-8 text, and its media type."""
    mended = mend_document(body if isinstance(body, bytes) else body.encode(), content_type=told, url=URL)
    return mended.body.decode("utf-8", "replace"), mended.content_type


@given(st.text("<>/?!&#é a\n'\"=-", max_size=80).map(lambda tail: f"<{tail}"))
def test_a_sound_document_stays_as_it_is(document: str) -> None:
    assert mend(document) == (document, UTF8)


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\n\n ", b"\xef\xbb\xbf\r\n\t", b"\n\xef\xbb\xbf"])
def test_what_comes_before_the_declaration_goes(before: bytes) -> None:
    assert mend(before + b"<?xml?><a/>")[0] == "<?xml?><a/>"


def test_words_before_a_document_stay() -> None:
    assert mend("  a <b/>")[0] == "  a <b/>"


@pytest.mark.parametrize("told", ["", "text/xml; charset=iso-8859-1", "text/html"])
def test_utf8_is_known_whatever_it_is_said_to_be(told: str) -> None:
    assert mend("<a>été</a>", told=told) == ("<a>été</a>", UTF8)


def test_a_few_stray_bytes_are_taken_from_windows() -> None:
    body = "<a>déjà vécu à l’été, à Évreux, où ça va</a>".encode() * 4
    assert mend(body + b"<b>l\x92\xe9t\xe9\x81</b>")[0].endswith("<b>l’été\ufffd</b>")
    cut_inside_a_letter = body[: body.rindex("Évreux".encode()) + 1]
    assert mend(cut_inside_a_letter)[0].endswith("à l’été, à Ã")


@pytest.mark.parametrize("told", ["text/xml; charset=koi8-r", ""])
def test_another_charset_is_left_to_the_parser(told: str) -> None:
    body = "<a>été à l'œuvre, à Évreux</a>".encode("cp1252")
    mended = mend_document(body, content_type=told, url=URL)
    assert (mended.body, mended.content_type) == (body, told or "application/xml")


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_wide_charsets_are_left_alone(charset: str) -> None:
    body = "<a>\u000b</a>".encode(charset)
    mended = mend_document(body, content_type="", url=URL)
    assert (mended.body, mended.content_type, mended.base) == (body, "application/xml", URL)


def test_forbidden_characters_go() -> None:
    assert mend(b"<a>a\x00b\x0bc\x1bd\x0ee\tf\r\ng</a>")[0] == "<a>abcde\tf\r\ng</a>"


def test_the_shifts_of_a_charset_of_seven_bits_stay() -> None:
    body = '<?xml version="1.0" encoding="ISO-2022-JP"?><a>報道\x00</a>'.encode("iso2022_jp")
    mended = mend_document(body, content_type="", url=URL)
    assert mended.body == body.replace(b"\x00", b"")
    assert mend(b"<a>\x1b</a>", told="text/xml; charset=iso-2022-kr") == (
        "<a>\x1b</a>",
        "text/xml; charset=iso-2022-kr",
    )


NO_CHARACTER = "&#0; &#8; &#x1f; &#00031; &#55296; &#57343; &#xD800; &#xdfff; &#1114112; &#x110000; &#X0; &#9999999999;"
CHARACTER = (
    "&#9; &#x0D; &#32; &#233; &#xE9; &#55000; &#57344; &#xD7FF; &#128512; &#x1F600; &#1114111; &#; &amp;#0; &#x;"
)


@pytest.mark.parametrize("reference", NO_CHARACTER.split())
def test_references_to_no_character_go(reference: str) -> None:
    assert mend(f"<a>a{reference}b</a>")[0] == "<a>ab</a>"


@pytest.mark.parametrize("reference", CHARACTER.split())
def test_other_references_stay(reference: str) -> None:
    assert mend(f"<a>a{reference}b</a>")[0] == f"<a>a{reference}b</a>"


def test_a_declaration_is_parted_from_what_looks_like_another() -> None:
    document = '<?xml version="1.0" encoding="utf-8"?><a>encoding="latin-1"?></a>'
    assert mend(document)[0] == document.replace("?><a", "?>\n<a")
    open_ended = "<?" + 'encoding="a"' * 200
    assert mend(open_ended)[0] == open_ended.replace("<?", "<?\n", 1)


def test_endless_words_are_cut() -> None:
    assert mend("<a>" + "b" * 5000 + "</a><c>" + "d" * 1500 + "</c>")[0] == f"<a>{'b' * 2000}</a><c>{'d' * 1500}</c>"


# --- bases ----------------------------------------------------------------------------------------


def test_a_document_without_bases_is_at_its_own_address() -> None:
    mended = mend_document(b"<feed><entry/></feed>", content_type="", url=URL)
    assert (mended.base, mended.location) == (URL, "")


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ('"https://a.example/b/"', "https://a.example/b/"),
        ("'/blog/'", "https://www.example.org/blog/"),
        ('"?a=1&amp;b=2"', "https://www.example.org/dir/feed?a=1&b=2"),
        ('""', URL),
        ("''", URL),
        ('"javascript:x()"', URL),
    ],
)
def test_the_base_of_the_root_is_that_of_the_document(written: str, base: str) -> None:
    mended = mend_document(f"<feed a='b' xml:base={written}><entry/></feed>".encode(), content_type="", url=URL)
    assert mended.body == b"<feed a='b'><entry/></feed>"
    assert (mended.base, mended.location) == (base, "")


def test_bases_inside_are_made_absolute() -> None:
    document = b"""<feed xml:base="/blog/"><entry xml:base="a&amp;b/"/><entry xml:base='https://c.example/'/></feed>"""
    mended = mend_document(document, content_type="", url=URL)
    absolute = b'<entry xml:base="https://www.example.org/blog/a&amp;b/"/>'
    assert mended.body == b"<feed>" + absolute + b"<entry xml:base='https://c.example/'/></feed>"
    assert mended.location == HERE


def test_a_base_inside_that_is_no_address_is_emptied() -> None:
    mended = mend_document(b'<feed><entry xml:base="javascript:x()"/></feed>', content_type="", url=URL)
    assert mended.body == b'<feed><entry xml:base=""/></feed>'
