"""The fast reader: which documents it leaves to feedparser, and that it needs none for the others."""

import subprocess
import sys
import time

import pytest

from veille.read.fast import read_clean, read_fast
from veille.read.fast_names import Declined
from veille.read.mend import mend_document
from veille.read.normalise import RawEntry, RawFeed
from veille.read.parse import read_with_feedparser

URL = "https://www.example.org/dir/feed"
ATOM = "http://www.w3.org/2005/Atom"
SPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def rss(inside: str, *, attributes: str = "") -> bytes:
    return f'<?xml version="1.0"?><rss version="2.0" {SPACES} {attributes}><channel>{inside}</channel></rss>'.encode()


def atom(inside: str, *, attributes: str = "") -> bytes:
    return f'<feed xmlns="{ATOM}" {attributes}>{inside}</feed>'.encode()


def read(body: bytes, *, content_type: str = "", language: str = "") -> RawFeed:
    """What the fast reader reads, which feedparser must read too."""
    mended = mend_document(body, content_type=content_type, url=URL)
    raw = read_clean(mended, content_language=language)
    assert raw == read_with_feedparser(mended, content_language=language)
    return raw


def read_item(inside: str, *, attributes: str = "") -> RawEntry:
    return read(rss(f"<item>{inside}</item>", attributes=attributes)).entries[0]


def read_entry(inside: str, *, attributes: str = "") -> RawEntry:
    return read(atom(f"<entry>{inside}</entry>", attributes=attributes)).entries[0]


def test_a_feed_of_rss() -> None:
    raw = read(
        rss(
            "<title> Le Monde </title><link>https://m.example/</link><language>fr</language>"
            "<image><title>Logo</title><url>u</url><link>https://logo.example/</link></image>"
            "<item><title>Un &amp;lt; deux</title><link>https://m.example/1?a=1&amp;b=2</link>"
            '<guid isPermaLink="false">1</guid>'
            "<pubDate>Mon, 02 Jan 2006 15:04:05 GMT</pubDate><dc:creator>Anne</dc:creator><category>Eco</category>"
            '<enclosure url="/a.mp3" type="audio/mpeg" length="12"/><description>court</description>'
            "<content:encoded><![CDATA[<p>long</p>]]></content:encoded></item>"
        )
    )
    assert (raw.title, raw.site_url, raw.language) == ("Le Monde", "https://m.example/", "fr")
    (entry,) = raw.entries
    assert (entry.guid, entry.link, entry.title) == ("1", "https://m.example/1?a=1&b=2", "Un &lt; deux")
    assert (entry.author, entry.summary, entry.content, entry.tags) == ("Anne", "court", "<p>long</p>", ("Eco",))
    assert entry.enclosures[0].url == "https://www.example.org/a.mp3"
    assert entry.title_is_markup
    assert entry.published_at


def test_a_feed_of_atom() -> None:
    raw = read(
        atom(
            '<title>T</title><link href="https://a.example/"/><link rel="self" href="https://a.example/f"/><id>urn:f</id>'
            '<entry><title type="html">&lt;b&gt;x&lt;/b&gt;</title><link href="https://a.example/1"/>'
            "<id>urn:1</id>"
            "<author><name>Anne</name><email>a@a.example</email></author><updated>2006-01-02T15:04:05+01:00</updated>"
            '<category term="t" label="l"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
            '<p class="c">1 &lt; 2 &amp; <br/>é</p></div></content></entry>',
            attributes='xml:lang="fr_FR"',
        )
    )
    assert (raw.title, raw.site_url, raw.language) == ("T", "https://a.example/", "fr-FR")
    (entry,) = raw.entries
    assert (entry.title_is_markup, entry.author, entry.language) == (True, "Anne (a@a.example)", "fr-FR")
    assert entry.content == '<p class="c">1 &lt; 2 &amp; <br></br>é</p>'
    assert entry.tags == ("t",)


def test_a_feed_of_rdf() -> None:
    raw = read(
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
            f'{SPACES} xml:lang="de"><channel rdf:about="https://r.example/"><title>R</title><link>https://r.example/</link>'
            '<items><rdf:Seq><rdf:li rdf:resource="x"/></rdf:Seq></items><image rdf:resource="i"/></channel>'
            '<image rdf:about="i"><title>Bild</title><url>i</url></image>'
            '<item rdf:about="https://r.example/1"><title>1</title><dc:date>2006-01-02</dc:date></item></rdf:RDF>'
        ).encode()
    )
    assert (raw.title, raw.site_url, raw.language) == ("R", "https://r.example/", "")
    assert (raw.entries[0].guid, raw.entries[0].link) == ("https://r.example/1", "")
    assert raw.entries[0].updated_at


@pytest.mark.parametrize(
    ("inside", "title"),
    [
        ("<title>A</title><media:title>B</media:title>", "A"),
        ("<media:title>B</media:title><title>A</title>", "A"),
        ("<media:content><media:title>B</media:title></media:content>", "B"),
        ("<media:content><media:title>B</media:title></media:content><title>A</title>", "A"),
        ("<title></title><title>A</title><title>B</title>", "A"),
        ("<title>A</title><source url='u'>S</source><title>B</title>", "B"),
        ("<title>A</title><image><title>I</title><link>l</link></image>", "A"),
        ("<image><title>I</title></image>", "I"),
    ],
)
def test_the_title_that_counts(inside: str, title: str) -> None:
    assert read_item(inside).title == title


@pytest.mark.parametrize(
    ("inside", "summary", "content"),
    [
        ("<description>a</description><content:encoded>b</content:encoded>", "a", "b"),
        ("<content:encoded>b</content:encoded>", "b", "b"),
        ("<content:encoded>b</content:encoded><description>a</description>", "a", "b"),
        ("<description>a</description><itunes:summary>b</itunes:summary>", "a", "b"),
        ("<description>a</description><media:group><media:description>b</media:description></media:group>", "a", "b"),
        ("<media:group><media:description>b</media:description></media:group><description>a</description>", "b", "a"),
    ],
)
def test_the_texts_that_count(inside: str, summary: str, content: str) -> None:
    entry = read_item(inside)
    assert (entry.summary, entry.content) == (summary, content)


def test_a_second_text_of_the_feed_makes_the_first_entry_read_otherwise() -> None:
    inside = "<item><description>a</description><media:description>b</media:description></item>"
    twice = "<itunes:summary>s</itunes:summary><description>d</description>"
    assert [entry.content for entry in read(rss(twice + inside + inside)).entries] == ["", "b"]


@pytest.mark.parametrize(
    ("inside", "link"),
    [
        ("<guid>https://x.example/1</guid>", "https://x.example/1"),
        ('<guid isPermaLink="false">https://x.example/1</guid>', ""),
        ("<guid>1</guid>", ""),
        ("<guid>https://x.example/1</guid><link>https://x.example/2</link>", "https://x.example/2"),
        ("<link>/2</link><guid>https://x.example/1</guid>", "https://www.example.org/2"),
        ('<atom:link rel="alternate" href="https:///x.example/3"/>', "https://x.example/3"),
        ('<atom:link rel="related" href="https://x.example/3"/>', ""),
        ('<atom:link type="audio/mpeg" href="https://x.example/3"/>', ""),
        (
            "<link>https://x.example/2</link><feedburner:origLink>https://x.example/o</feedburner:origLink>",
            "https://x.example/o",
        ),
        ("<link>https://x.example/?a=1&amp;amp;b=2&amp;c;=3</link>", "https://x.example/?a=1&b=2&c=3"),
    ],
)
def test_the_link_that_counts(inside: str, link: str) -> None:
    assert read_item(inside).link == link


@pytest.mark.parametrize(
    ("inside", "author"),
    [
        ("<author>A</author><dc:creator>B</dc:creator>", "B"),
        ("<author><name>A</name></author><author><name>B</name></author>", "B"),
        ("<author><name>A</name></author><author><uri>u</uri></author>", "A"),
        ("<author><email>a@a.example</email></author>", "a@a.example"),
        ("<author><name></name></author>", ""),
        ("<contributor><name>C</name></contributor>", ""),
    ],
)
def test_the_author_that_counts(inside: str, author: str) -> None:
    assert read_item(inside).author == author


@pytest.mark.parametrize(
    ("inside", "tags"),
    [
        ("<category>a</category><category>a</category><dc:subject>b</dc:subject>", ("a", "b")),
        ('<category term="t" label="l"/><category label="l"/>', ("t", "l")),
        ('<category domain="d">a</category><category domain="d">b</category>', ("a", "b")),
        ('<category domain="d"/><category>a</category>', ("a",)),
        ("<itunes:keywords>a, b,,a</itunes:keywords><media:keywords>a,c</media:keywords>", ("a", "b", "a", "c")),
        ('<itunes:category text="Arts"/>', ("Arts",)),
    ],
)
def test_the_tags(inside: str, tags: tuple[str, ...]) -> None:
    assert read_item(inside).tags == tags


def test_links_relative_to_the_base_of_a_text() -> None:
    entry = read_entry('<link href="/1"/><content type="html" xml:base="https://b.example/x/">c</content>')
    assert (entry.base, entry.link) == ("https://b.example/x/", "https://www.example.org/1")


def test_an_address_that_is_none_in_a_document_with_bases() -> None:
    entry = read_entry('<link href="https://[x/"/><content xml:base="https://b.example/">c</content>')
    assert entry.link == ""


@pytest.mark.parametrize(
    ("inside", "content"),
    [
        (" <div>a</div> ", "a"),
        ("<div><div>a</div>b</div>", "<div>a</div>b"),
        ("<div>a</div><div>b</div>", "<div>a</div><div>b</div>"),
        ("a <div>b</div>", "a <div>b</div>"),
        ('<div class="&lt;&quot;" lang="fr">a</div>', "a"),
        ('<p rel="A" HREF="B"/>', '<p rel="a" href="B"></p>'),
        (" ", ""),
    ],
)
def test_xhtml_is_written_as_feedparser_writes_it(inside: str, content: str) -> None:
    written = inside.replace("<div", "<h:div").replace("</div", "</h:div").replace("<p", "<h:p")
    spaces = 'xmlns:h="http://www.w3.org/1999/xhtml"'
    assert read_entry(f'<content type="xhtml">{written}</content>', attributes=spaces).content == content


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "iso-8859-15"])
@pytest.mark.parametrize("told", ["", "text/xml", "application/rss+xml; charset={}"])
def test_old_charsets_that_are_declared(charset: str, told: str) -> None:
    body = rss("<item><title>Été à Évreux</title></item>").decode().replace('"1.0"?', f'"1.0" encoding="{charset}"?')
    assert read(body.encode(charset), content_type=told.format(charset)).entries[0].title == "Été à Évreux"


def test_the_prefix_of_an_unknown_namespace_counts() -> None:
    entry = read_item(
        "<m:title>A</m:title><q:title>B</q:title>", attributes='xmlns:m="http://search.yahoo.com/mrss" xmlns:q="urn:q"'
    )
    assert entry.title == "A"


DECLINED = {
    "a DOCTYPE": b'<!DOCTYPE rss [<!ENTITY a "b">]>' + rss("<item><title>&a;</title></item>"),
    "a DOCTYPE in a comment": b"<!--\n<!DOCTYPE netscape>\n-->" + atom(""),
    "not well-formed": rss("<item><title>A</item>"),
    "an entity of HTML": rss("<title>&nbsp;</title>"),
    "a base of an entry": atom('<entry xml:base="https://b.example/"><link href="/1"/></entry>'),
    "a plain base": rss('<item base="https://b.example/"><link>/1</link></item>'),
    "elements in a text": rss("<item><description><p>x</p></description></item>"),
    "base64": atom('<entry><content type="image/png">aGk=</content></entry>'),
    "escaped base64": atom('<entry><content mode="base64">aGk=</content></entry>'),
    "an odd date": rss("<item><pubDate>hier</pubDate></item>"),
    "an entry in an entry": rss("<item><item/></item>"),
    "a channel of CDF": b'<rss><channel lastmod="2006-01-02"/></rss>',
    "an entry of CDF": rss('<item href="/1"/>'),
    "a link with another address": atom('<entry><link url="/1" href="/2"/></entry>'),
    "an image with more in it": rss("<image><title>I</title><x/></image>"),
    "an author of words and elements": rss("<item><author>A <name>B</name></author></item>"),
    "an author after one with an address": rss(
        "<item><author><email>a@a.example</email></author><author><name>B</name></author></item>"
    ),
    "a drawing in XHTML": atom(
        '<entry><content type="xhtml"><svg xmlns="http://www.w3.org/2000/svg"/></content></entry>',
    ),
    "foreign attributes in XHTML": atom(
        '<entry><content type="xhtml"><h:p f:x="1"/></content></entry>',
        attributes='xmlns:h="http://www.w3.org/1999/xhtml" xmlns:f="urn:f"',
    ),
    "two channels": b"<rss><channel/><channel/></rss>",
    "two addresses for a prefix": rss('<a:x xmlns:a="urn:a"/><a:x xmlns:a="urn:b"/>'),
    "another namespace's prefix": rss('<x xmlns:dc="http://search.yahoo.com/mrss/"/>'),
    "UTF-16": rss("<title>A</title>").decode().encode("utf-16"),
    "a wrong charset": rss("<title>\x81</title>")
    .decode()
    .replace('"1.0"?', '"1.0" encoding="windows-1252"?')
    .encode("latin-1"),
    "XML of another kind": b"<html><title>x</title></html>",
    "an element of feedparser's own": rss("<item><links>x</links><link>y</link></item>"),
    "two spellings of an attribute": atom('<entry><link href="/1" HREF="/2"/></entry>'),
    "an attribute of a foreign namespace": atom('<entry><link f:href="/1" xmlns:f="urn:f"/></entry>'),
    "media nested deep": rss(f"<item>{'<media:group>' * 50}<media:title>x</media:title>{'</media:group>' * 50}</item>"),
    "XHTML nested deep": atom(
        f'<entry><content type="xhtml">{"<h:p>" * 200}{"</h:p>" * 200}</content></entry>',
        attributes='xmlns:h="http://www.w3.org/1999/xhtml"',
    ),
}


@pytest.mark.parametrize("name", DECLINED)
def test_a_document_that_is_left_to_feedparser(name: str) -> None:
    mended = mend_document(DECLINED[name], content_type="", url=URL)
    assert read_fast(mended, content_language="") is None


def test_why_a_document_is_declined_is_said() -> None:
    mended = mend_document(DECLINED["an odd date"], content_type="", url=URL)
    with pytest.raises(Declined, match="the date hier"):
        read_clean(mended, content_language="")


def test_a_document_nested_deep_costs_little() -> None:
    for name in ("x", "media:group", "category"):
        body = rss(f"<item>{f'<{name}>' * 100_000}{f'</{name}>' * 100_000}</item>")
        start = time.perf_counter()
        read_fast(mend_document(body, content_type="", url=URL), content_language="")
        assert time.perf_counter() - start < 5


def test_an_entry_of_many_tags_costs_little() -> None:
    tags = "".join(f"<category>{number}</category>" for number in range(50_000))
    start = time.perf_counter()
    raw = read_fast(mend_document(rss(f"<item>{tags}</item>"), content_type="", url=URL), content_language="")
    assert raw is not None
    assert len(raw.entries[0].tags) == 50_000
    assert time.perf_counter() - start < 5


def test_feedparser_is_not_loaded_for_a_clean_document() -> None:
    program = (
        "import sys; from datetime import datetime, UTC; from veille.read.parse import parse_feed; "
        f"parse_feed({rss('<item><title>A</title></item>')!r}, url='https://x.example/', now=datetime.now(UTC)); "
        "print('feedparser' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
