"""Lists that people and programs have published: no feed is lost, none is invented."""

from __future__ import annotations

import html
import re
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

import pytest

from veille.errors import OpmlError
from veille.read.lists import decode_list
from veille.read.opml import read_subscriptions
from veille.read.outlines import scan_tags
from veille.urls import normalise_feed_url

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "opml"
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())
COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
ADDRESS = re.compile(rb"""\bxmlurl\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus of lists is not beside the project")


def addresses_in(path: Path) -> list[str]:
    """What a search for `xmlUrl="..."` finds, which knows nothing of tags."""
    found = ADDRESS.findall(COMMENT.sub(b"", path.read_bytes()))
    written = ((double or single).decode() for double, single in found)
    # Only references that end as they should: "&lang=en" is an address's own.
    return [re.sub(r"&#?\w+;", lambda reference: html.unescape(reference[0]), address) for address in written]


def test_every_list_is_read_or_refused_and_no_address_goes_unmentioned() -> None:
    refused = []
    for path in FILES:
        addresses = addresses_in(path)
        try:
            outlines = read_subscriptions(path.read_bytes(), name=path.name)
        except OpmlError:
            refused.append(path)
            assert not any(address.strip().startswith("http") and "source" not in path.name for address in addresses)
            continue
        web = {normalise_feed_url(address) for address in addresses if address.strip().startswith("http")}
        assert {kept.url for kept in outlines.subscriptions} == web, path
        told = len(outlines.subscriptions) + len(outlines.repeated) + len(outlines.skipped)
        assert told >= len(addresses), path
    assert (len(FILES), len(refused)) == (290, 90)


@pytest.mark.parametrize("name", ["with_category/France.opml", "without_category/France.opml"])
def test_the_list_for_france_gives_every_feed_it_holds(name: str) -> None:
    [path] = [path for path in FILES if path.as_posix().endswith(name)]
    outlines = read_subscriptions(path.read_bytes(), name=path.name)
    assert [kept.url for kept in outlines.subscriptions] == [normalise_feed_url(url) for url in addresses_in(path)]
    assert "https://www.diplomatie.gouv.fr/spip.php?page=backend-fd&lang=en" in {
        kept.url for kept in outlines.subscriptions
    }
    assert (outlines.repeated, outlines.skipped) == ((), ())


def test_well_formed_lists_are_read_as_an_xml_parser_reads_them() -> None:
    compared = 0
    for path in FILES:
        expected = parse_outlines(path.read_bytes())
        if expected:
            tags = [tag for tag in scan_tags(decode_list(path.read_bytes())) if tag.name == "outline"]
            read = [(tag.line, {key: re.sub(r"\s", " ", value) for key, value in tag.said.items()}) for tag in tags]
            assert read == expected, path
            compared += 1
    assert compared >= 180


def parse_outlines(document: bytes) -> list[tuple[int, dict[str, str]]]:
    """Line and attributes of each outline of an XML document, nothing when it is not one."""
    outlines: list[tuple[int, dict[str, str]]] = []
    parser = ParserCreate()

    def note(name: str, attributes: dict[str, str]) -> None:
        if name == "outline":
            outlines.append((parser.CurrentLineNumber, {key.lower(): value for key, value in attributes.items()}))

    parser.StartElementHandler = note
    try:
        parser.Parse(document, True)
    except ExpatError:
        return []
    return outlines
